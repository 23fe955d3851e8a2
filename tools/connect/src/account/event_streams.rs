//! Event Streams: sinks, and the types of events that they get.

use serde::{Deserialize, Serialize};

/// The prefix that TaskRouter's types of events have in Event Streams and not in a callback.
pub(crate) const TYPE_PREFIX: &str = "com.twilio.taskrouter.";

/// A sink, with its subscriptions where it leads to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sink {
    pub(crate) sid: String,
    pub(crate) status: String,
    /// Of a webhook sink, its URL.
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
    /// TaskRouter's types that it gets, without their prefix.
    pub(crate) fn types(&self) -> impl Iterator<Item = &str> {
        let types = self.subscriptions.iter().flat_map(|subscription| &subscription.types);
        types.filter_map(|name| name.strip_prefix(TYPE_PREFIX))
    }

    /// Whether it may get events: Twilio gives up on one that has failed.
    pub(crate) fn works(&self) -> bool {
        self.status != "failed"
    }
}
