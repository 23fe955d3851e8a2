//! Event callbacks and assignment callbacks, sent over HTTP.

mod callback;
mod client;
mod delivery;
mod delivery_fault;
mod destination;
mod event_types;
mod instruction;
mod notice;
mod overrides;
mod pending;
mod signature;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use http::Method;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::fault::Struck;
use crate::lock::lock;
use crate::twilio::conversations::Notice;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::{Assignment, Event, ReservationChange};
use callback::{Callback, SignedForm};
use delivery_fault::{Batch, DeliveryFaults};
use pending::PendingDelivery;

pub(crate) use callback::EventsFilter;
pub use client::check_certificate_authorities;
pub(crate) use client::client;
pub use delivery::{Attempt, Delivery, Outcome};
pub use delivery_fault::{DeliveryFault, Order};
pub(crate) use destination::{Destination, Hosts, WebhookRequest};
pub use event_types::check_event_types;
pub use signature::{SharedKey, SignatureAlgorithm, signature};
pub(crate) use signature::{SigningKey, url_of_json};

/// All callbacks and their deliveries. Clones share them.
#[derive(Clone)]
pub(crate) struct Callbacks(Arc<Shared>);

struct Shared {
    clock: Clock,
    runtime: Handle,
    callbacks: Mutex<Vec<Arc<Callback>>>,
    hosts: Hosts,
    faults: Mutex<DeliveryFaults>,
    deliveries: Mutex<Vec<Delivery>>,
    under_way: watch::Sender<usize>,
    changed: watch::Sender<()>,
}

impl Callbacks {
    /// No callbacks yet. Deliveries will run on the present Tokio runtime.
    pub(crate) fn new(clock: Clock, hosts: Hosts) -> Self {
        Self(Arc::new(Shared {
            clock,
            runtime: Handle::current(),
            callbacks: Mutex::default(),
            hosts,
            faults: Mutex::default(),
            deliveries: Mutex::default(),
            under_way: watch::Sender::new(0),
            changed: watch::Sender::default(),
        }))
    }

    /// Adds a callback for every event.
    ///
    /// # Errors
    /// If `url` is not an absolute HTTP URL.
    pub(crate) fn register(&self, url: &str) -> Result<(), String> {
        let callback = Callback::new(url, EventsFilter::default(), None)?;
        lock(&self.0.callbacks).push(Arc::new(callback));
        Ok(())
    }

    /// Replaces a workspace's event callback. An empty URL removes the callback.
    ///
    /// # Errors
    /// If `url` is neither empty nor an absolute HTTP URL. The present callback then stays.
    pub(crate) fn set_for_workspace(&self, workspace_sid: &str, url: &str, events_filter: &str) -> Result<(), String> {
        let filter = EventsFilter::of(events_filter);
        let callback = match url {
            "" => None,
            url => Some(Arc::new(Callback::new(url, filter, Some(workspace_sid))?)),
        };
        let mut callbacks = lock(&self.0.callbacks);
        callbacks.retain(|callback| callback.workspace.as_deref() != Some(workspace_sid));
        callbacks.extend(callback);
        Ok(())
    }

    pub(crate) fn add_fault(&self, fault: DeliveryFault) -> Struck {
        lock(&self.0.faults).add(fault)
    }

    pub(crate) fn clear_faults(&self) {
        let batches = lock(&self.0.faults).clear();
        batches.into_iter().for_each(|batch| self.launch(batch));
    }

    pub(crate) fn delivery_count(&self) -> usize {
        lock(&self.0.deliveries).len()
    }

    pub(crate) fn deliveries_from(&self, number: usize) -> Vec<Delivery> {
        lock(&self.0.deliveries).iter().skip(number).cloned().collect()
    }

    pub(crate) fn changed(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    pub(crate) fn is_settled(&self) -> bool {
        *self.0.under_way.borrow() == 0
    }

    /// Waits until all deliveries are done.
    pub(crate) async fn settled(&self) {
        self.0
            .under_way
            .subscribe()
            .wait_for(|count| *count == 0)
            .await
            .expect("the sender is in self");
    }

    /// Sends an event to each callback whose filter admits the event. Deliveries don't wait for each other, since
    /// Twilio promises no order.
    pub(crate) fn send(&self, key: &SigningKey, event: &Event) {
        let callbacks = lock(&self.0.callbacks).clone();
        for callback in callbacks.into_iter().filter(|callback| callback.wants(event)) {
            let delivery = PendingDelivery {
                form: SignedForm::of(&event.fields, &event.idempotency_token, key, &callback.registered),
                event: event.clone(),
                callback,
                waits: Vec::new(),
            };
            self.strike(delivery);
        }
    }

    /// Sends an event of Conversations to a webhook.
    pub(crate) fn notify(&self, key: &SigningKey, notice: Notice) {
        let (url, is_get) = (notice.hook.url.clone(), notice.hook.method == Method::GET);
        // A URL that isn't absolute was refused before it was stored.
        let Ok(callback) = Callback::of_conversations(&url) else {
            return;
        };
        let event = notice::event(notice);
        let form = if is_get { SignedForm::in_query } else { SignedForm::of };
        self.strike(PendingDelivery {
            form: form(&event.fields, &event.idempotency_token, key, &url),
            event,
            callback: Arc::new(callback),
            waits: Vec::new(),
        });
    }

    /// Launches a delivery unless a fault changes that.
    fn strike(&self, delivery: PendingDelivery) {
        let batches = lock(&self.0.faults).strike(delivery);
        batches.into_iter().for_each(|batch| self.launch(batch));
    }

    /// Asks an assignment callback and then its fallback, then carries out the instruction. If neither answers with
    /// success, the reservation stays pending until it times out.
    pub(crate) fn ask(
        &self,
        key: &SigningKey,
        assignment: Assignment,
        carry_out: impl FnOnce(Assignment, ReservationChange) + Send + 'static,
    ) {
        let (callbacks, key) = (self.clone(), key.clone());
        self.0.under_way.send_modify(|count| *count += 1);
        self.0.runtime.spawn(async move {
            if let Some(change) = callbacks.instruction(&key, &assignment).await {
                carry_out(assignment, change);
            }
            callbacks.0.under_way.send_modify(|count| *count -= 1);
        });
    }

    async fn instruction(&self, key: &SigningKey, assignment: &Assignment) -> Option<ReservationChange> {
        let token = sids::new("");
        for url in &assignment.urls {
            // A URL that isn't absolute was refused before it was stored.
            let callback = Callback::new(url, EventsFilter::default(), None).ok()?;
            let form = SignedForm::of(&assignment.fields, &token, key, url);
            if let Outcome::Answered {
                status: 200..=299,
                body,
            } = callback.send(&form, &self.0.hosts).await
            {
                return instruction::instructed(&body);
            }
        }
        None
    }

    fn launch(&self, batch: Batch) {
        self.0.under_way.send_modify(|count| *count += batch.len());
        // The first delivery starts before this function returns, so deliveries start in the order of their events.
        let first = batch.first().filter(|delivery| delivery.waits.is_empty());
        let begun = first.map(|delivery| self.begin(delivery));
        self.0.runtime.spawn(self.clone().carry(batch, begun));
    }

    /// Delivers a batch in sequence. `begun` is the number of the first delivery if that delivery has started already.
    async fn carry(self, batch: Batch, mut begun: Option<usize>) {
        for delivery in batch {
            for wait in &delivery.waits {
                wait.over().await;
            }
            let number = begun.take().unwrap_or_else(|| self.begin(&delivery));
            self.deliver(number, &delivery).await;
            self.0.under_way.send_modify(|count| *count -= 1);
        }
    }

    fn begin(&self, delivery: &PendingDelivery) -> usize {
        let delivery = Delivery {
            event_sid: delivery.event.sid.clone(),
            event_type: delivery.event.event_type.clone(),
            url: delivery.callback.registered.clone(),
            time: self.0.clock.now(),
            set_out: Instant::now(),
            attempts: Vec::new(),
            done: false,
        };
        self.change(|deliveries| {
            deliveries.push(delivery);
            deliveries.len() - 1
        })
    }

    /// Posts the form until it succeeds or the overrides allow no further attempt.
    async fn deliver(&self, number: usize, delivery: &PendingDelivery) {
        let overrides = &delivery.callback.overrides;
        let mut begun = Instant::now();
        let attempts = async {
            for _ in 0..=overrides.retry_count {
                begun = Instant::now();
                let outcome = delivery.callback.send(&delivery.form, &self.0.hosts).await;
                let failure = outcome.failure();
                self.record(number, outcome, begun);
                if !failure.is_some_and(|failure| overrides.retries(failure)) {
                    break;
                }
            }
        };
        if tokio::time::timeout(overrides.total_time, attempts).await.is_err() {
            self.record(number, Outcome::NotAnswered, begun);
        }
        self.change(|deliveries| deliveries[number].done = true);
    }

    fn record(&self, number: usize, outcome: Outcome, begun: Instant) {
        let duration = begun.elapsed();
        let attempt = Attempt { outcome, duration };
        self.change(|deliveries| deliveries[number].attempts.push(attempt));
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Delivery>) -> T) -> T {
        let result = change(&mut lock(&self.0.deliveries));
        self.0.changed.send_replace(());
        result
    }
}
