//! Twilio: TaskRouter, which routes tasks by their workflows, and Conversations.
//!
//! What is known of Twilio comes from its OpenAPI description and its documentation. Where those are silent the
//! simulator takes the strict side, and the place says so. It differs knowingly in one thing: a real workspace has one
//! event callback URL, this one may have several, so that two functions can listen without a distributor between them.

mod callbacks;
mod conversations;
mod conversations_api;
mod credentials;
mod own_workspace;
mod page;
mod parameters;
mod refusal;
pub mod sids;
mod taskrouter;
mod taskrouter_api;
mod time_keeper;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Uri;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::fault::Struck;
use crate::lock::lock;
use callbacks::Callbacks;
use conversations::{ConversationChange, Conversations, NewParticipant};
use sids::WORKSPACE_SID;
use taskrouter::TaskRouter;
use taskrouter::workspace::Workspace;

pub use callbacks::{Attempt, Delivery, DeliveryFault, Order, Outcome, signature};
pub use conversations::{Conversation, ConversationState, Message, NewMessage, Participant};
pub use credentials::Credentials;
pub use refusal::Refusal;
pub use taskrouter::model::{
    Activity, Event, NewTask, NewTaskQueue, NewWorker, NewWorkflow, Reservation, ReservationStatus, Task, TaskChange,
    TaskChannel, TaskOrder, TaskQueue, TaskQueueChange, TaskStatus, Worker, WorkerChange, WorkerChannel,
    WorkerChannelChange, Workflow, WorkflowChange,
};
pub(crate) use taskrouter::workspace::Behaviour;
pub use taskrouter::workspace::Routing;

/// One Twilio account, with one workspace at first. Clones share it.
///
/// Its methods do what a person in Flex, a router or another program does; each change sends its events, just as a change
/// through the REST API does.
#[derive(Clone)]
pub struct Twilio(Arc<Account>);

struct Account {
    credentials: Mutex<Credentials>,
    taskrouter: Mutex<TaskRouter>,
    conversations: Mutex<Conversations>,
    events: Mutex<Vec<Event>>,
    callbacks: Callbacks,
    /// Moves with everything that changes.
    revision: watch::Sender<u64>,
}

/// What every conversation can go through.
impl Twilio {
    /// A new, active conversation without participants.
    pub fn create_conversation(&self) -> Conversation {
        self.conversations(|conversations| conversations.create(ConversationChange::default()))
            .expect("one that says nothing about itself has nothing to refuse")
    }

    /// The conversation as it is now, with its participants and messages.
    pub fn conversation(&self, sid: &str) -> Option<Conversation> {
        self.look_into_conversations(|conversations| conversations.get(sid).cloned().ok())
    }

    /// Adds a user of the web chat.
    ///
    /// # Errors
    /// If it is there already, or the conversation is closed or gone.
    pub fn add_chat_participant(&self, conversation_sid: &str, identity: &str) -> Result<Participant, Refusal> {
        let new = NewParticipant {
            identity: Some(identity.to_owned()),
            ..NewParticipant::default()
        };
        self.conversations(|conversations| conversations.add_participant(conversation_sid, new))
    }

    /// Adds somebody on an outside channel, by the binding as the API shows it, such as
    /// `{"type":"sms","address":"+4712345678","proxy_address":"+4787654321"}`.
    ///
    /// # Errors
    /// If its addresses lead to an open conversation already, or the conversation is closed or gone.
    pub fn add_outside_participant(&self, conversation_sid: &str, binding: Value) -> Result<Participant, Refusal> {
        let new = NewParticipant {
            messaging_binding: Some(binding),
            ..NewParticipant::default()
        };
        self.conversations(|conversations| conversations.add_participant(conversation_sid, new))
    }

    /// Posts a message.
    ///
    /// # Errors
    /// If the message is too long, or the conversation is closed or gone.
    pub fn post_message(&self, conversation_sid: &str, message: NewMessage) -> Result<Message, Refusal> {
        self.conversations(|conversations| conversations.post(conversation_sid, message))
    }

    /// Closes a conversation for good.
    ///
    /// # Errors
    /// If it is closed or gone already.
    pub fn close_conversation(&self, sid: &str) -> Result<Conversation, Refusal> {
        let change = ConversationChange::state(ConversationState::Closed);
        self.conversations(|conversations| conversations.update(sid, change))
    }

    /// Deletes a conversation.
    ///
    /// # Errors
    /// If it is gone already.
    pub fn delete_conversation(&self, sid: &str) -> Result<(), Refusal> {
        self.conversations(|conversations| conversations.delete(sid))
    }
}

/// Callbacks and credentials.
impl Twilio {
    /// Sends each event from now on to `url` as well, under the connection overrides of its fragment.
    ///
    /// # Panics
    /// If `url` is not an absolute HTTP URL.
    pub fn register_callback(&self, url: &str) {
        self.0.callbacks.register(url).expect("a callback's URL");
    }

    /// Sets the workspace's own event callback, in place of the one that it had; none for an empty URL. The filter is the
    /// types of events, separated by commas, and lets all of them through if it is empty.
    ///
    /// # Errors
    /// If `url` is neither empty nor an absolute HTTP URL.
    pub fn set_event_callback(&self, url: &str, events_filter: &str) -> Result<(), Refusal> {
        self.in_workspace(WORKSPACE_SID, |workspace| {
            workspace.set_event_callback(url, events_filter)
        })
    }

    /// Delivers what is for `host` to `address`, in plain HTTP, whatever the URL's scheme and port: the URL of a callback
    /// is signed as it was registered, and leads to this machine all the same.
    pub fn resolve(&self, host: &str, address: SocketAddr) {
        self.0.callbacks.resolve(host, address);
    }

    /// Lets something happen to deliveries from now on. Each rule counts deliveries for itself; where several strike one
    /// delivery, all of them take effect, until one loses it.
    pub fn add_delivery_fault(&self, fault: DeliveryFault) -> Struck {
        self.0.callbacks.add_fault(fault)
    }

    /// Removes all rules about deliveries. What was held back to be reordered sets out; what waits for a time or a gate
    /// goes on waiting.
    pub fn clear_delivery_faults(&self) {
        self.0.callbacks.clear_faults();
    }

    /// Waits until each delivery has its answer, or has been given up. What a delivery causes is waited for too, and so are
    /// those that wait for a time or a gate; those that are held back to be reordered are not.
    pub async fn events_settled(&self) {
        self.0.callbacks.settled().await;
    }

    /// The deliveries so far, in the order in which they set out.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries_from(0)
    }

    /// The same from one on, counted from 0.
    pub fn deliveries_from(&self, number: usize) -> Vec<Delivery> {
        self.0.callbacks.deliveries_from(number)
    }

    /// Changes whenever a delivery sets out, and with each attempt that ends.
    pub fn deliveries_changed(&self) -> watch::Receiver<()> {
        self.0.callbacks.changed()
    }

    /// A number that moves with whatever changes in TaskRouter or Conversations, so that a page needn't ask again and again.
    /// It may move without a change, too.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.0.revision.subscribe()
    }

    /// The events so far, in the order of the changes, sent to somebody or not.
    pub fn events(&self) -> Vec<Event> {
        lock(&self.0.events).clone()
    }

    /// Sends an event to each callback once more, with the same SID and token.
    pub fn send_again(&self, event: &Event) {
        self.send(event);
    }

    /// The credentials as they are now.
    pub fn credentials(&self) -> Credentials {
        lock(&self.0.credentials).clone()
    }

    /// Replaces all credentials at once.
    pub fn set_credentials(&self, credentials: Credentials) {
        *lock(&self.0.credentials) = credentials;
    }
}

/// For the servers, the routes and the world.
impl Twilio {
    /// An account whose workspace has no tasks yet, without conversations or callbacks. Its callbacks will be sent, and
    /// its time will be kept, on the present Tokio runtime.
    pub(crate) fn new(clock: Clock, credentials: Credentials, behaviour: Behaviour) -> Self {
        let twilio = Self(Arc::new(Account {
            credentials: Mutex::new(credentials),
            taskrouter: Mutex::new(TaskRouter::new(clock.clone(), behaviour)),
            conversations: Mutex::new(Conversations::new(clock.clone())),
            events: Mutex::default(),
            callbacks: Callbacks::new(clock.clone()),
            revision: watch::Sender::default(),
        }));
        tokio::spawn(time_keeper::keep_time(Arc::downgrade(&twilio.0), clock));
        twilio
    }

    pub(crate) fn taskrouter(&self) -> Router {
        taskrouter_api::router(self.clone())
    }

    pub(crate) fn conversations_api(&self) -> Router {
        conversations_api::router(self.clone())
    }

    /// Does something with the workspaces, and sends the events of what that changes.
    fn in_taskrouter<T>(&self, change: impl FnOnce(&mut TaskRouter) -> T) -> T {
        let result = self.look_into_taskrouter(change);
        self.0.revision.send_modify(|revision| *revision += 1);
        result
    }

    /// As [`in_taskrouter`](Self::in_taskrouter), where only the time may have changed something.
    fn look_into_taskrouter<T>(&self, look: impl FnOnce(&mut TaskRouter) -> T) -> T {
        let mut taskrouter = lock(&self.0.taskrouter);
        taskrouter.catch_up();
        let result = look(&mut taskrouter);
        taskrouter.settle();
        for (workspace, url, filter) in taskrouter.take_callbacks() {
            // A URL that can't be called is refused before it is stored.
            let _ = self.0.callbacks.set_for_workspace(&workspace, &url, &filter);
        }
        let events = taskrouter.take_events();
        if !events.is_empty() {
            self.0.revision.send_modify(|revision| *revision += 1);
        }
        // Still under the lock, so that events set out in the order of their changes.
        for event in events {
            self.send(&event);
            lock(&self.0.events).push(event);
        }
        result
    }

    /// Does something with a workspace, and sends the events of what that changes.
    fn in_workspace<T>(
        &self,
        sid: &str,
        change: impl FnOnce(&mut Workspace) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        self.in_taskrouter(|taskrouter| change(taskrouter.workspace(sid)?))
    }

    /// Lets happen what is due by now.
    pub(crate) fn catch_up(&self) {
        self.look_into_taskrouter(|_| ());
    }

    /// When the next thing is due that no request makes happen; none if nothing ever is.
    fn next_due(&self) -> Option<OffsetDateTime> {
        self.catch_up();
        lock(&self.0.taskrouter).next_due()
    }

    fn send(&self, event: &Event) {
        self.0.callbacks.send(&lock(&self.0.credentials).auth_token, event);
    }

    fn conversations<T>(&self, change: impl FnOnce(&mut Conversations) -> T) -> T {
        let result = self.look_into_conversations(change);
        self.0.revision.send_modify(|revision| *revision += 1);
        result
    }

    /// As [`conversations`](Self::conversations), where only the time may have changed something.
    fn look_into_conversations<T>(&self, look: impl FnOnce(&mut Conversations) -> T) -> T {
        let mut conversations = lock(&self.0.conversations);
        conversations.elapse();
        look(&mut conversations)
    }
}

/// Lets requests with good credentials through.
async fn authenticate(State(twilio): State<Twilio>, request: Request, next: Next) -> Response {
    let checked = lock(&twilio.0.credentials).check(request.headers());
    match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn no_such_method() -> Refusal {
    Refusal::method_not_allowed()
}

async fn no_such_resource(uri: Uri) -> Refusal {
    Refusal::not_found(uri.path())
}
