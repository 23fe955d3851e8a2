//! Event Streams: sinks, subscriptions to types of events and the delivery of events to webhook sinks.
//!
//! <https://www.twilio.com/docs/events/event-streams>

mod cloud_event;
mod delivery;
mod resources;
mod streams;

pub use delivery::{Disorder, SinkAttempt, SinkDelivery, SinkDeliveryState};
pub(super) use resources::{EventStreams, NEWEST_SCHEMA};
pub use resources::{Sink, SinkType, Subscription};
pub(super) use streams::Streams;
