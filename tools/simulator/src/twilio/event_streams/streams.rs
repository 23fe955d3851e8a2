//! Sends events to webhook sinks.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::HeaderValue;
use http::header::{CONTENT_TYPE, USER_AGENT};
use reqwest::Client;
use serde_json::Value;
use time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::cloud_event;
use super::delivery::{Disorder, SinkAttempt, SinkDelivery, SinkDeliveryState};
use super::resources::{EventStreams, Sink};
use crate::clock::Clock;
use crate::lock::lock;
use crate::twilio::callbacks::{Destination, Hosts, Outcome, WebhookRequest, client, url_of_json};
use crate::twilio::credentials::Credentials;
use crate::twilio::taskrouter::model::Event;

/// "Your endpoint has 5 seconds to respond." Connection overrides don't count.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// All deliveries to sinks. Clones share them.
#[derive(Clone)]
pub(crate) struct Streams(Arc<Shared>);

struct Shared {
    clock: Clock,
    runtime: Handle,
    client: Client,
    hosts: Hosts,
    credentials: Arc<Mutex<Credentials>>,
    disorder: Mutex<(Disorder, Vec<Pending>)>,
    deliveries: Mutex<Vec<SinkDelivery>>,
    changed: watch::Sender<()>,
}

/// An array of events on its way to a sink.
#[derive(Clone)]
struct Pending {
    sink: Sink,
    published: OffsetDateTime,
    event_ids: Vec<String>,
    event_types: Vec<String>,
    body: String,
}

impl Streams {
    /// No deliveries yet. Deliveries will run on the present Tokio runtime.
    pub(crate) fn new(clock: Clock, hosts: Hosts, credentials: Arc<Mutex<Credentials>>) -> Self {
        Self(Arc::new(Shared {
            clock,
            runtime: Handle::current(),
            client: client(|builder| builder),
            hosts,
            credentials,
            disorder: Mutex::default(),
            deliveries: Mutex::default(),
            changed: watch::Sender::default(),
        }))
    }

    /// Sends the events of a change to each sink with a subscription to their types. A sink with batches gets a single
    /// array. Any other sink gets an array per event.
    pub(crate) fn publish(&self, resources: &EventStreams, events: &[Event]) {
        for (sink, types) in resources.webhooks() {
            let versions = events.iter().map(|event| types.get(&cloud_event::event_type(event)));
            let wanted = events.iter().zip(versions);
            let wanted: Vec<_> = wanted
                .filter_map(|(event, version)| Some(cloud_event::of(event, *version?)))
                .collect();
            let array_size = if sink.has_batches() { wanted.len() } else { 1 };
            for events in wanted.chunks(array_size.max(1)) {
                self.send(Pending::new(sink, events, self.0.clock.now()));
            }
        }
    }

    /// Sends the event that tests a sink. Returns the test id.
    pub(crate) fn test(&self, sink: &Sink) -> String {
        let (id, now) = (cloud_event::test_id(), self.0.clock.now());
        self.send(Pending::new(sink, &[cloud_event::test(&id, now)], now));
        id
    }

    /// Replaces earlier faults with these faults. Deliveries held for reordering are sent.
    pub(crate) fn set_disorder(&self, disorder: Disorder) {
        let (_, held) = std::mem::replace(&mut *lock(&self.0.disorder), (disorder, Vec::new()));
        self.launch(held);
    }

    pub(crate) fn delivery_count(&self) -> usize {
        lock(&self.0.deliveries).len()
    }

    pub(crate) fn deliveries_from(&self, number: usize) -> Vec<SinkDelivery> {
        lock(&self.0.deliveries).iter().skip(number).cloned().collect()
    }

    /// Changes whenever a delivery starts or changes its state.
    pub(crate) fn changed(&self) -> watch::Receiver<()> {
        self.0.changed.subscribe()
    }

    pub(crate) fn is_settled(&self) -> bool {
        let now = self.0.clock.now();
        lock(&self.0.deliveries).iter().all(|delivery| delivery.rests(now))
    }

    /// Waits until no attempt is due. Doesn't wait for retries at a later time of the clock, or for deliveries held for
    /// reordering.
    pub(crate) async fn settled(&self) {
        let mut changed = self.changed();
        while !self.is_settled() {
            changed.changed().await.expect("the sender is in self");
        }
    }

    fn send(&self, pending: Pending) {
        let (disorder, held) = &mut *lock(&self.0.disorder);
        let copies = vec![pending; disorder.copies + 1];
        match disorder.reorder {
            None => copies.into_iter().for_each(|copy| self.launch(vec![copy])),
            Some((count, order)) => {
                held.extend(copies);
                if held.len() >= count {
                    let mut held = std::mem::take(held);
                    order.apply(&mut held);
                    self.launch(held);
                }
            }
        }
    }

    /// Starts deliveries. The first attempt of each delivery follows the first attempt of the previous delivery.
    fn launch(&self, batch: Vec<Pending>) {
        let batch: Vec<_> = batch
            .into_iter()
            .map(|pending| (self.begin(&pending), pending))
            .collect();
        let streams = self.clone();
        self.0.runtime.spawn(async move {
            for (number, pending) in batch {
                streams.attempt(number, &pending, pending.published).await;
                streams.0.runtime.spawn(streams.clone().retry(number, pending));
            }
        });
    }

    fn begin(&self, pending: &Pending) -> usize {
        let delivery = SinkDelivery {
            sink_sid: pending.sink.sid.clone(),
            event_ids: pending.event_ids.clone(),
            event_types: pending.event_types.clone(),
            published: pending.published,
            attempts: Vec::new(),
            state: SinkDeliveryState::Sending,
        };
        self.change(|deliveries| {
            deliveries.push(delivery);
            deliveries.len() - 1
        })
    }

    /// Makes further attempts at their times by the clock until none is left.
    async fn retry(self, number: usize, pending: Pending) {
        loop {
            let state = lock(&self.0.deliveries)[number].state;
            let SinkDeliveryState::Waiting(time) = state else {
                return;
            };
            self.0.clock.reached(time).await;
            self.change(|deliveries| deliveries[number].state = SinkDeliveryState::Sending);
            self.attempt(number, &pending, time).await;
        }
    }

    async fn attempt(&self, number: usize, pending: &Pending, time: OffsetDateTime) {
        let begun = Instant::now();
        let outcome = self.request(pending).await;
        let attempt = SinkAttempt {
            time,
            outcome,
            duration: begun.elapsed(),
        };
        self.change(|deliveries| deliveries[number].record(attempt));
    }

    /// Signs the request with the present key and sends it.
    async fn request(&self, pending: &Pending) -> Outcome {
        let url = url_of_json(pending.sink.destination(), &pending.body);
        let mut headers = lock(&self.0.credentials).signing_key().headers(&url, &[]);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, HeaderValue::from_static("TwilioProxy/1.1"));
        let request = WebhookRequest {
            method: pending.sink.method(),
            query: None,
            headers,
            body: pending.body.clone(),
            time_limit: TIME_LIMIT,
        };
        match Destination::parse(&url) {
            Ok(destination) => destination.send(&self.0.client, request, &self.0.hosts).await,
            // The URL of a sink was checked when the sink was created.
            Err(_) => Outcome::NotConnected,
        }
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<SinkDelivery>) -> T) -> T {
        let result = change(&mut lock(&self.0.deliveries));
        self.0.changed.send_replace(());
        result
    }
}

impl Pending {
    fn new(sink: &Sink, events: &[Value], published: OffsetDateTime) -> Self {
        let texts = |name: &str| {
            let values = events.iter().filter_map(|event| event[name].as_str());
            values.map(str::to_owned).collect()
        };
        Self {
            sink: sink.clone(),
            published,
            event_ids: texts("id"),
            event_types: texts("type"),
            body: Value::from(events).to_string(),
        }
    }
}
