//! Event Streams: sinks, and subscriptions to types of events.
//!
//! <https://www.twilio.com/docs/events/event-streams>

use std::collections::BTreeMap;

use serde_json::Value;
use time::OffsetDateTime;

use super::refusal::Refusal;
use super::sids;
use crate::clock::Clock;

/// "Up to 100 sinks and 100 subscriptions per account."
const MAX_RESOURCES: usize = 100;

/// The newest version of TaskRouter's events. Without a version, a subscription gets the newest one.
pub(super) const NEWEST_SCHEMA: u32 = 4;

/// A place that events are sent to.
#[derive(Clone, Debug, PartialEq)]
pub struct Sink {
    pub sid: String,
    pub description: String,
    pub sink_type: SinkType,
    /// A JSON object, as the sink was created with.
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
    /// The version of each type's schema.
    pub types: BTreeMap<String, u32>,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
}

/// The sinks and subscriptions of an account, in the order of their creation.
#[derive(Debug)]
pub(super) struct EventStreams {
    clock: Clock,
    sinks: Vec<Sink>,
    subscriptions: Vec<Subscription>,
}

impl SinkType {
    pub(super) const ALL: [Self; 4] = [Self::Kinesis, Self::Webhook, Self::Segment, Self::Email];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kinesis => "kinesis",
            Self::Webhook => "webhook",
            Self::Segment => "segment",
            Self::Email => "email",
        }
    }

    /// A webhook sink is active at once. A Kinesis sink is active once it has been validated, which is not simulated.
    pub(super) fn status(self) -> &'static str {
        match self {
            Self::Kinesis => "initialized",
            _ => "active",
        }
    }
}

impl EventStreams {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            sinks: Vec::new(),
            subscriptions: Vec::new(),
        }
    }

    pub(super) fn sinks(&self) -> &[Sink] {
        &self.sinks
    }

    pub(super) fn subscriptions(&self) -> &[Subscription] {
        &self.subscriptions
    }

    pub(super) fn sink(&self, sid: &str) -> Result<&Sink, Refusal> {
        self.sinks
            .iter()
            .find(|sink| sink.sid == sid)
            .ok_or_else(|| no_sink(sid))
    }

    pub(super) fn subscription(&self, sid: &str) -> Result<&Subscription, Refusal> {
        let mut subscriptions = self.subscriptions.iter();
        subscriptions
            .find(|subscription| subscription.sid == sid)
            .ok_or_else(|| no_subscription(sid))
    }

    pub(super) fn create_sink(
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

    pub(super) fn describe_sink(&mut self, sid: &str, description: String) -> Result<Sink, Refusal> {
        let now = self.clock.now();
        let sink = self.sinks.iter_mut().find(|sink| sink.sid == sid);
        let sink = sink.ok_or_else(|| no_sink(sid))?;
        sink.description = description;
        sink.date_updated = now;
        Ok(sink.clone())
    }

    /// Refused while the sink has a subscription.
    pub(super) fn delete_sink(&mut self, sid: &str) -> Result<(), Refusal> {
        self.sink(sid)?;
        self.check_unused(sid)?;
        self.sinks.retain(|sink| sink.sid != sid);
        Ok(())
    }

    /// Refused for a sink that has a subscription.
    pub(super) fn create_subscription(
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

    pub(super) fn change_subscription(
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

    pub(super) fn delete_subscription(&mut self, sid: &str) -> Result<(), Refusal> {
        self.subscription(sid)?;
        self.subscriptions.retain(|subscription| subscription.sid != sid);
        Ok(())
    }

    fn check_unused(&self, sink_sid: &str) -> Result<(), Refusal> {
        let mut subscriptions = self.subscriptions.iter();
        match subscriptions.any(|subscription| subscription.sink_sid == sink_sid) {
            true => Err(Refusal::invalid(format!("Sink {sink_sid} is in use"))),
            false => Ok(()),
        }
    }
}

/// Only a webhook's configuration is checked: events are sent to no other kind of sink.
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
