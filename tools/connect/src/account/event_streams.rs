//! Event Streams: sinks and the types of events that they get.

use serde::{Deserialize, Serialize};

/// The prefix of TaskRouter's types of events in Event Streams. A callback has no such prefix.
pub(crate) const TYPE_PREFIX: &str = "com.twilio.taskrouter.";

/// A sink. Subscriptions are read only if the sink leads to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sink {
    pub(crate) sid: String,
    pub(crate) status: String,
    /// The URL of a webhook sink.
    pub(crate) destination: Option<String>,
    pub(crate) subscriptions: Vec<Subscription>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) sid: String,
    /// The types as Event Streams names them.
    pub(crate) types: Vec<String>,
}

impl Sink {
    /// The TaskRouter types that the sink gets, without their prefix.
    pub(crate) fn types(&self) -> impl Iterator<Item = &str> {
        let types = self.subscriptions.iter().flat_map(|subscription| &subscription.types);
        types.filter_map(|name| name.strip_prefix(TYPE_PREFIX))
    }

    /// Whether the sink may get events. Twilio gives up on a failed sink.
    pub(crate) fn works(&self) -> bool {
        self.status != "failed"
    }
}
