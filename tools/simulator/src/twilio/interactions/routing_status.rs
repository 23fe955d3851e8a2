//! The routing status given when a channel is closed.

use serde::Deserialize;

use crate::twilio::refusal::Refusal;

/// The member `status` of a channel's `Routing`: the only documented value.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoutingStatus {
    /// The tasks are completed. Without a routing status they go to wrap-up.
    Closed,
}

#[derive(Deserialize)]
struct Status {
    status: Option<RoutingStatus>,
}

impl RoutingStatus {
    /// Reads a `Routing` parameter.
    pub(crate) fn of(routing: &str) -> Result<Option<Self>, Refusal> {
        let parsed: Result<Status, _> = serde_json::from_str(routing);
        let parsed = parsed.map_err(|error| Refusal::invalid(format!("Routing: {error}")))?;
        Ok(parsed.status)
    }
}
