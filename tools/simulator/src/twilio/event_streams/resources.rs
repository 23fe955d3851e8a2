//! Sinks and subscriptions to types of events.

use std::collections::BTreeMap;

use http::Method;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::cloud_event;
use crate::clock::Clock;
use crate::twilio::callbacks::EventsFilter;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;

/// "Up to 100 sinks and 100 subscriptions per account."
const MAX_RESOURCES: usize = 100;

/// The newest version of TaskRouter's events. A subscription without a version gets this version.
pub(in crate::twilio) const NEWEST_SCHEMA: u32 = 4;

/// A destination for events.
#[derive(Clone, Debug, PartialEq)]
pub struct Sink {
    pub sid: String,
    pub description: String,
    pub sink_type: SinkType,
    /// The JSON object with which the sink was created.
    pub configuration: Value,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SinkType {
    Kinesis,
    Webhook,
    Segment,
    Email,
}

/// The types of events that a sink gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    pub sid: String,
    pub sink_sid: String,
    pub description: String,
    /// The schema version of each type.
    pub types: BTreeMap<String, u32>,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
}

/// The sinks and subscriptions of an account in the order of their creation.
#[derive(Debug)]
pub(in crate::twilio) struct EventStreams {
    clock: Clock,
    sinks: Vec<Sink>,
    subscriptions: Vec<Subscription>,
    /// The SIDs of tested sinks and the ids of the tests.
    tests: Vec<(String, String)>,
}

impl SinkType {
    pub(in crate::twilio) const ALL: [Self; 4] = [Self::Kinesis, Self::Webhook, Self::Segment, Self::Email];

    pub(in crate::twilio) fn name(self) -> &'static str {
        match self {
            Self::Kinesis => "kinesis",
            Self::Webhook => "webhook",
            Self::Segment => "segment",
            Self::Email => "email",
        }
    }

    /// A webhook sink is active at once. A Kinesis sink becomes active when validated, and the validation is not
    /// simulated.
    pub(in crate::twilio) fn status(self) -> &'static str {
        match self {
            Self::Kinesis => "initialized",
            _ => "active",
        }
    }
}

/// A webhook sink's configuration. Checked when the sink was created.
impl Sink {
    pub(super) fn destination(&self) -> &str {
        self.configuration["destination"].as_str().unwrap_or_default()
    }

    pub(super) fn method(&self) -> Method {
        match self.configuration["method"].as_str() {
            Some("GET") => Method::GET,
            _ => Method::POST,
        }
    }

    /// Whether an array may have more than one event.
    pub(super) fn has_batches(&self) -> bool {
        self.configuration["batch_events"] == true
    }
}

impl EventStreams {
    pub(in crate::twilio) fn new(clock: Clock) -> Self {
        Self {
            clock,
            sinks: Vec::new(),
            subscriptions: Vec::new(),
            tests: Vec::new(),
        }
    }

    pub(in crate::twilio) fn sinks(&self) -> &[Sink] {
        &self.sinks
    }

    pub(in crate::twilio) fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }

    pub(in crate::twilio) fn sink(&self, sid: &str) -> Result<&Sink, Refusal> {
        self.sinks
            .iter()
            .find(|sink| sink.sid == sid)
            .ok_or_else(|| no_sink(sid))
    }

    pub(in crate::twilio) fn subscription(&self, sid: &str) -> Result<&Subscription, Refusal> {
        let mut subscriptions = self.subscriptions.iter();
        subscriptions
            .find(|subscription| subscription.sid == sid)
            .ok_or_else(|| no_subscription(sid))
    }

    pub(in crate::twilio) fn create_sink(
        &mut self,
        description: String,
        sink_type: SinkType,
        configuration: Value,
    ) -> Result<Sink, Refusal> {
        check_configuration(sink_type, &configuration)?;
        check_count(self.sinks.len())?;
        let now = self.clock.now();
        let sink = Sink {
            sid: sids::new("DG"),
            description,
            sink_type,
            configuration,
            date_created: now,
            date_updated: now,
        };
        self.sinks.push(sink.clone());
        Ok(sink)
    }

    /// Creates a webhook sink and a subscription to the types of TaskRouter's events that the filter admits.
    pub(in crate::twilio) fn create_webhook(
        &mut self,
        destination: &str,
        batch_events: bool,
        filter: &EventsFilter,
    ) -> Result<Sink, Refusal> {
        let configuration = json!({"destination": destination, "method": "POST", "batch_events": batch_events});
        let sink = self.create_sink(destination.to_owned(), SinkType::Webhook, configuration)?;
        let types = cloud_event::types(filter).map(|name| (name, NEWEST_SCHEMA)).collect();
        self.create_subscription(destination.to_owned(), sink.sid.clone(), types)?;
        Ok(sink)
    }

    pub(in crate::twilio) fn describe_sink(&mut self, sid: &str, description: String) -> Result<Sink, Refusal> {
        let now = self.clock.now();
        let sink = self.sinks.iter_mut().find(|sink| sink.sid == sid);
        let sink = sink.ok_or_else(|| no_sink(sid))?;
        sink.description = description;
        sink.date_updated = now;
        Ok(sink.clone())
    }

    /// Refused while the sink has a subscription.
    pub(in crate::twilio) fn delete_sink(&mut self, sid: &str) -> Result<(), Refusal> {
        self.sink(sid)?;
        self.check_unused(sid)?;
        self.sinks.retain(|sink| sink.sid != sid);
        Ok(())
    }

    /// Refused for a sink that has a subscription.
    pub(in crate::twilio) fn create_subscription(
        &mut self,
        description: String,
        sink_sid: String,
        types: BTreeMap<String, u32>,
    ) -> Result<Subscription, Refusal> {
        self.sink(&sink_sid)
            .map_err(|_| Refusal::invalid(format!("Sink {sink_sid} does not exist")))?;
        self.check_unused(&sink_sid)?;
        check_count(self.subscriptions.len())?;
        if types.is_empty() {
            return Err(Refusal::invalid("Missing required input parameter event_types[0].type"));
        }
        let now = self.clock.now();
        let subscription = Subscription {
            sid: sids::new("DF"),
            sink_sid,
            description,
            types,
            date_created: now,
            date_updated: now,
        };
        self.subscriptions.push(subscription.clone());
        Ok(subscription)
    }

    pub(in crate::twilio) fn change_subscription(
        &mut self,
        sid: &str,
        change: impl FnOnce(&mut Subscription) -> Result<(), Refusal>,
    ) -> Result<Subscription, Refusal> {
        let now = self.clock.now();
        let mut subscriptions = self.subscriptions.iter_mut();
        let subscription = subscriptions.find(|subscription| subscription.sid == sid);
        let subscription = subscription.ok_or_else(|| no_subscription(sid))?;
        change(subscription)?;
        subscription.date_updated = now;
        Ok(subscription.clone())
    }

    pub(in crate::twilio) fn delete_subscription(&mut self, sid: &str) -> Result<(), Refusal> {
        self.subscription(sid)?;
        self.subscriptions.retain(|subscription| subscription.sid != sid);
        Ok(())
    }

    /// The webhook sinks with a subscription, and the versions of their types.
    pub(super) fn webhooks(&self) -> impl Iterator<Item = (&Sink, &BTreeMap<String, u32>)> {
        let subscriptions = self.subscriptions.iter();
        let subscribed = subscriptions.filter_map(|subscription| {
            let sink = self.sink(&subscription.sink_sid).ok()?;
            Some((sink, &subscription.types))
        });
        subscribed.filter(|(sink, _)| sink.sink_type == SinkType::Webhook)
    }

    pub(in crate::twilio) fn add_test(&mut self, sink_sid: &str, test_id: String) {
        self.tests.push((sink_sid.to_owned(), test_id));
    }

    /// Whether a sink was tested with an event of this id.
    pub(in crate::twilio) fn was_tested(&self, sink_sid: &str, test_id: &str) -> bool {
        let mut tests = self.tests.iter();
        tests.any(|(sink, id)| sink == sink_sid && id == test_id)
    }

    fn check_unused(&self, sink_sid: &str) -> Result<(), Refusal> {
        let mut subscriptions = self.subscriptions.iter();
        match subscriptions.any(|subscription| subscription.sink_sid == sink_sid) {
            true => Err(Refusal::invalid(format!("Sink {sink_sid} is in use"))),
            false => Ok(()),
        }
    }
}

/// Only a webhook's configuration is checked, since no other kind of sink gets events.
fn check_configuration(sink_type: SinkType, configuration: &Value) -> Result<(), Refusal> {
    if !configuration.is_object() {
        return Err(Refusal::invalid("SinkConfiguration is not a JSON object"));
    }
    if sink_type != SinkType::Webhook {
        return Ok(());
    }
    let destination = configuration["destination"].as_str().unwrap_or_default();
    let is_url = url::Url::parse(destination).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    let method = configuration["method"].as_str().unwrap_or_default();
    match (is_url, method) {
        (false, _) => Err(Refusal::invalid("SinkConfiguration: destination is not a URL")),
        (true, "GET" | "POST") => Ok(()),
        (true, _) => Err(Refusal::invalid("SinkConfiguration: method is not GET or POST")),
    }
}

fn check_count(count: usize) -> Result<(), Refusal> {
    if count < MAX_RESOURCES {
        Ok(())
    } else {
        Err(Refusal::too_many_event_streams())
    }
}

fn no_sink(sid: &str) -> Refusal {
    Refusal::not_found(&format!("/v1/Sinks/{sid}"))
}

fn no_subscription(sid: &str) -> Refusal {
    Refusal::not_found(&format!("/v1/Subscriptions/{sid}"))
}
