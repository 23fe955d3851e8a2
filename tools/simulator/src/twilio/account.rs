//! The account: TaskRouter, Conversations, Flex and the callbacks for their events.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http::HeaderMap;
use time::OffsetDateTime;
use tokio::sync::watch;

use super::assumptions::Assumptions;
use super::callbacks::{Callbacks, Delivery, DeliveryFault, Hosts};
use super::conversations::{Conversations, Origin};
use super::credentials::Credentials;
use super::event_streams::{EventStreams, Streams};
use super::interactions::{Flex, Interactions, Late};
use super::rate::Rate;
use super::refusal::Refusal;
use super::taskrouter::TaskRouter;
use super::taskrouter::model::{Assignment, Event, Routed};
use super::taskrouter::workspace::{Behaviour, Workspace};
use crate::clock::Clock;
use crate::fault::Struck;
use crate::latest::Latest;
use crate::lock::lock;

/// The number of routes that are kept. A route has an entry for every worker.
const KEPT_ROUTES: usize = 500;

/// A Twilio account. Begins with a single workspace. Clones share the account.
///
/// The methods do the work of a person in Flex, a router or another program. Each change sends its events, like a
/// change through the REST API.
#[derive(Clone)]
pub struct Twilio(pub(super) Arc<Account>);

pub(super) struct Account {
    credentials: Arc<Mutex<Credentials>>,
    taskrouter: Mutex<TaskRouter>,
    conversations: Mutex<Conversations>,
    event_streams: Mutex<EventStreams>,
    interactions: Mutex<Interactions>,
    /// Changes of interactions that are applied later.
    late: Mutex<Late>,
    assumptions: Assumptions,
    events: Mutex<Vec<Event>>,
    routes: Mutex<Latest<Routed>>,
    clock: Clock,
    evaluations: Mutex<Rate>,
    /// The local addresses of the hosts of webhooks.
    hosts: Hosts,
    callbacks: Callbacks,
    pub(super) streams: Streams,
    /// Counts changes.
    revision: watch::Sender<u64>,
}

/// Callbacks and credentials.
impl Twilio {
    /// Registers a callback for every event from now on. The connection overrides in the URL's fragment apply.
    ///
    /// # Panics
    /// If `url` is not an absolute HTTP URL.
    pub fn register_callback(&self, url: &str) {
        self.0.callbacks.register(url).expect("a callback's URL");
    }

    /// Replaces the workspace's own event callback. An empty URL removes the callback. The filter is a comma-separated
    /// list of event types. An empty filter admits all types.
    ///
    /// # Errors
    /// If `url` is neither empty nor an absolute HTTP URL.
    pub fn set_event_callback(&self, url: &str, events_filter: &str) -> Result<(), Refusal> {
        self.in_taskrouter(|taskrouter| taskrouter.own_workspace()?.set_event_callback(url, events_filter))
    }

    /// Sends callbacks and sink events for `host` to `address` in plain HTTP, for any scheme and port of the URL. A
    /// webhook's URL is signed as registered and still leads to this machine.
    pub fn resolve(&self, host: &str, address: SocketAddr) {
        self.0.hosts.resolve(host, address);
    }

    /// Adds a rule for deliveries from now on. Each rule counts deliveries for itself. All matching rules take effect
    /// on a delivery, until a rule loses the delivery.
    pub fn add_delivery_fault(&self, fault: DeliveryFault) -> Struck {
        self.0.callbacks.add_fault(fault)
    }

    /// Removes all rules for deliveries. Deliveries held for reordering are sent. Delays and gates stay in effect.
    pub fn clear_delivery_faults(&self) {
        self.0.callbacks.clear_faults();
    }

    /// Waits until each delivery is answered or has used up its attempts. Deliveries caused meanwhile count too, and so
    /// do those that wait for a time or a gate. Deliveries held for reordering don't count, nor do sinks' retries at a
    /// later time of the clock.
    pub async fn events_settled(&self) {
        let (callbacks, streams) = (&self.0.callbacks, &self.0.streams);
        while !callbacks.is_settled() || !streams.is_settled() {
            callbacks.settled().await;
            streams.settled().await;
        }
    }

    /// All deliveries in the order of their start.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries_from(0)
    }

    /// The number of deliveries so far.
    pub fn delivery_count(&self) -> usize {
        self.0.callbacks.delivery_count()
    }

    /// The deliveries from `number` on, counted from 0.
    pub fn deliveries_from(&self, number: usize) -> Vec<Delivery> {
        self.0.callbacks.deliveries_from(number)
    }

    /// Changes whenever a delivery starts and whenever an attempt ends.
    pub fn deliveries_changed(&self) -> watch::Receiver<()> {
        self.0.callbacks.changed()
    }

    /// A number that grows with every change in TaskRouter or Conversations, so that a page needn't poll. The number
    /// may also grow without a change.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.0.revision.subscribe()
    }

    /// All events in the order of the changes, even if no callback wants them.
    pub fn events(&self) -> Vec<Event> {
        lock(&self.0.events).clone()
    }

    /// The number of events so far.
    pub fn event_count(&self) -> usize {
        lock(&self.0.events).len()
    }

    /// The events from `number` on, counted from 0.
    pub fn events_from(&self, number: usize) -> Vec<Event> {
        let events = lock(&self.0.events);
        events.get(number..).unwrap_or_default().to_vec()
    }

    /// The routes from `number` on, counted from 0. Only the latest are kept.
    pub fn routes_from(&self, number: usize) -> Vec<(usize, Routed)> {
        lock(&self.0.routes).from(number)
    }

    /// The latest routes, at most `most`, with their numbers.
    pub(crate) fn latest_routes(&self, most: usize) -> Vec<(usize, Routed)> {
        lock(&self.0.routes).latest(most)
    }

    /// Sends an event to each callback again, with the same SID and token.
    pub fn send_again(&self, event: &Event) {
        self.send(event);
    }

    pub fn credentials(&self) -> Credentials {
        lock(&self.0.credentials).clone()
    }

    pub fn set_credentials(&self, credentials: Credentials) {
        *lock(&self.0.credentials) = credentials;
    }

    /// Counts a list that evaluates an expression. Past the limit, refuses the list.
    pub(super) fn admit_evaluation(&self) -> Result<(), Refusal> {
        lock(&self.0.evaluations).admit(self.0.clock.now())
    }

    pub(super) fn check_credentials(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        lock(&self.0.credentials).check(headers)
    }
}

/// Access for the API, the timers and the world.
impl Twilio {
    /// An account with an empty workspace. There are no conversations or callbacks yet. Callbacks and timers run on the
    /// present Tokio runtime.
    pub(super) fn new(clock: Clock, credentials: Credentials, behaviour: Behaviour) -> Self {
        let (hosts, credentials) = (Hosts::default(), Arc::new(Mutex::new(credentials)));
        Self(Arc::new(Account {
            credentials: credentials.clone(),
            taskrouter: Mutex::new(TaskRouter::new(clock.clone(), behaviour)),
            conversations: Mutex::new(Conversations::new(clock.clone())),
            event_streams: Mutex::new(EventStreams::new(clock.clone())),
            interactions: Mutex::default(),
            late: Mutex::default(),
            assumptions: behaviour.assumptions,
            events: Mutex::default(),
            routes: Mutex::new(Latest::of(KEPT_ROUTES)),
            clock: clock.clone(),
            evaluations: Mutex::new(Rate::of(behaviour.evaluations_per_second)),
            hosts: hosts.clone(),
            callbacks: Callbacks::new(clock.clone(), hosts.clone()),
            streams: Streams::new(clock, hosts, credentials),
            revision: watch::Sender::default(),
        }))
    }

    /// Changes the workspaces and sends the resulting events.
    pub(super) fn in_taskrouter<T>(&self, change: impl FnOnce(&mut TaskRouter) -> T) -> T {
        let result = self.look_into_taskrouter(change);
        self.0.revision.send_modify(|revision| *revision += 1);
        result
    }

    /// Reads the workspaces. Only due timers may change them.
    pub(super) fn look_into_taskrouter<T>(&self, look: impl FnOnce(&mut TaskRouter) -> T) -> T {
        let mut taskrouter = lock(&self.0.taskrouter);
        taskrouter.catch_up();
        let result = look(&mut taskrouter);
        taskrouter.settle();
        for (workspace, url, filter) in taskrouter.take_callbacks() {
            // An invalid URL was refused before it was stored.
            let _ = self.0.callbacks.set_for_workspace(&workspace, &url, &filter);
        }
        let events = taskrouter.take_events();
        self.follow(&mut taskrouter, &events);
        let has_changed = !events.is_empty();
        for assignment in taskrouter.take_assignments() {
            self.ask(assignment);
        }
        // Sent under the lock, so deliveries start in the order of the changes.
        self.0.streams.publish(&lock(&self.0.event_streams), &events);
        for event in events {
            self.send(&event);
            lock(&self.0.events).push(event);
        }
        // A route becomes visible after its events.
        lock(&self.0.routes).extend(taskrouter.take_routes());
        if has_changed {
            self.0.revision.send_modify(|revision| *revision += 1);
        }
        result
    }

    /// Changes the interactions and sends the resulting events of TaskRouter.
    pub(super) fn in_flex<T>(&self, change: impl FnOnce(&mut Flex<'_>) -> T) -> T {
        self.in_taskrouter(|taskrouter| change_in_flex(&self.0, taskrouter, change))
    }

    /// Counts a request to Twilio and applies the due changes of interactions.
    pub(super) fn count_request(&self) {
        let due = lock(&self.0.late).tick();
        if !due.is_empty() {
            self.in_flex(|flex| due.into_iter().for_each(|change| flex.apply(change)));
        }
    }

    /// Updates the interactions after changes in TaskRouter. Their changes cause no events.
    fn follow(&self, taskrouter: &mut TaskRouter, events: &[Event]) {
        if !events.is_empty() {
            change_in_flex(&self.0, taskrouter, |flex| {
                events.iter().for_each(|event| flex.follow(event))
            });
        }
    }

    /// Changes a workspace and sends the resulting events.
    pub(super) fn in_workspace<T>(
        &self,
        sid: &str,
        change: impl FnOnce(&mut Workspace) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.in_taskrouter(|taskrouter| change(taskrouter.workspace(sid)?))
    }

    /// Processes everything that is due by now.
    pub(crate) fn catch_up(&self) {
        self.look_into_taskrouter(|_| ());
        self.look_into_conversations(|_| ());
    }

    /// The time of the next timer. None if no timer is running.
    pub(super) fn next_due(&self) -> Option<OffsetDateTime> {
        self.catch_up();
        let in_taskrouter = lock(&self.0.taskrouter).next_due();
        let in_conversations = lock(&self.0.conversations).next_due();
        in_taskrouter.into_iter().chain(in_conversations).min()
    }

    /// Asks an assignment callback. The answer changes the reservation later.
    fn ask(&self, assignment: Assignment) {
        let twilio = self.clone();
        let key = lock(&self.0.credentials).signing_key();
        self.0.callbacks.ask(&key, assignment, move |assignment, change| {
            // The reservation may have been answered by somebody else meanwhile.
            let _ = twilio.in_workspace(&assignment.workspace_sid, |workspace| {
                workspace.move_reservation(&assignment.task_sid, &assignment.reservation_sid, None, change)
            });
        });
    }

    fn send(&self, event: &Event) {
        self.0.callbacks.send(&lock(&self.0.credentials).signing_key(), event);
    }

    /// Changes or reads the sinks and subscriptions of Event Streams.
    pub(super) fn in_event_streams<T>(&self, change: impl FnOnce(&mut EventStreams) -> T) -> T {
        change(&mut lock(&self.0.event_streams))
    }

    /// Changes the conversations and sends the resulting webhooks.
    pub(super) fn change_conversations<T>(&self, origin: Origin, change: impl FnOnce(&mut Conversations) -> T) -> T {
        let result = self.look_into_conversations(|conversations| {
            conversations.act_as(origin);
            change(conversations)
        });
        self.0.revision.send_modify(|revision| *revision += 1);
        result
    }

    /// Reads the conversations. Only due timers may change them.
    pub(super) fn look_into_conversations<T>(&self, look: impl FnOnce(&mut Conversations) -> T) -> T {
        let mut conversations = lock(&self.0.conversations);
        conversations.elapse();
        let result = look(&mut conversations);
        self.0.notify(&mut conversations);
        result
    }
}

impl Account {
    /// Sends the webhooks of changed conversations. The caller holds the lock, so deliveries start in the order of the
    /// changes.
    fn notify(&self, conversations: &mut Conversations) {
        for notice in conversations.take_notices() {
            let key = lock(&self.credentials).signing_key();
            self.callbacks.notify(&key, notice);
        }
    }
}

/// Always locks in this order: TaskRouter, interactions, conversations.
fn change_in_flex<T>(account: &Account, taskrouter: &mut TaskRouter, change: impl FnOnce(&mut Flex<'_>) -> T) -> T {
    let mut interactions = lock(&account.interactions);
    let mut conversations = lock(&account.conversations);
    conversations.elapse();
    let result = change(&mut Flex {
        taskrouter,
        conversations: &mut conversations,
        interactions: &mut interactions,
        late: &mut lock(&account.late),
        assumptions: account.assumptions,
    });
    account.notify(&mut conversations);
    result
}
