//! The destination of a webhook and its filters.

use http::Method;

use crate::twilio::parameters::check_url;
use crate::twilio::refusal::Refusal;

/// The events that webhooks can get.
const EVENT_TYPES: [&str; 10] = [
    "onConversationAdded",
    "onConversationRemoved",
    "onConversationStateUpdated",
    "onConversationUpdated",
    "onMessageAdded",
    "onMessageRemoved",
    "onMessageUpdated",
    "onParticipantAdded",
    "onParticipantRemoved",
    "onParticipantUpdated",
];

/// Twilio's further events, in pre-action webhooks and about resources that the simulator lacks.
const NOT_SIMULATED: [&str; 13] = [
    "onConversationAdd",
    "onConversationRemove",
    "onConversationUpdate",
    "onDeliveryUpdated",
    "onMessageAdd",
    "onMessageRemove",
    "onMessageUpdate",
    "onParticipantAdd",
    "onParticipantRemove",
    "onParticipantUpdate",
    "onUserAdded",
    "onUserUpdate",
    "onUserUpdated",
];

/// A URL that gets events.
#[derive(Clone, Debug)]
pub(crate) struct Hook {
    pub(crate) url: String,
    pub(crate) method: Method,
    /// The event types that the URL gets.
    pub(super) filters: Vec<String>,
}

impl Hook {
    pub(super) fn wants(&self, event_type: &str) -> bool {
        self.filters.iter().any(|filter| filter == event_type)
    }
}

/// The given fields of a new or changed webhook.
#[derive(Debug, Default)]
pub(crate) struct HookChange {
    /// An empty text removes the URL.
    pub(crate) url: Option<String>,
    pub(crate) method: Option<String>,
    pub(crate) filters: Option<Vec<String>>,
}

impl HookChange {
    /// Refuses a URL or an event type that can't be used.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        check_url("Url", self.url.as_deref())?;
        for filter in self.filters.iter().flatten() {
            if NOT_SIMULATED.contains(&filter.as_str()) {
                return Err(Refusal::unsupported(filter));
            }
            if !EVENT_TYPES.contains(&filter.as_str()) {
                return Err(Refusal::invalid(format!("{filter} is not an event of Conversations")));
            }
        }
        self.method().map(drop)
    }

    /// The given method. The API takes both cases.
    pub(super) fn method(&self) -> Result<Option<Method>, Refusal> {
        match self.method.as_deref() {
            None => Ok(None),
            Some("GET" | "get") => Ok(Some(Method::GET)),
            Some("POST" | "post") => Ok(Some(Method::POST)),
            Some(_) => Err(Refusal::invalid("Method is neither GET nor POST")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EVENT_TYPES, HookChange, NOT_SIMULATED};

    #[test]
    fn documentation_names_each_event_that_is_not_simulated() {
        let docs = include_str!("../../../../../../docs/simulator.md");
        for event_type in NOT_SIMULATED {
            assert!(docs.contains(&format!("`{event_type}`")), "{event_type}");
        }
    }

    #[test]
    fn filters_are_the_simulated_events() {
        let refusal = |filter: &str| {
            let filters = Some(vec![filter.to_owned()]);
            let change = HookChange {
                filters,
                ..HookChange::default()
            };
            change.check().err().map(|refusal| refusal.message)
        };
        for event_type in EVENT_TYPES {
            assert_eq!(refusal(event_type), None);
        }
        let message = "Not simulated: onMessageAdd. See docs/simulator.md";
        assert_eq!(refusal("onMessageAdd").as_deref(), Some(message));
        let message = "onMessageSent is not an event of Conversations";
        assert_eq!(refusal("onMessageSent").as_deref(), Some(message));
    }
}
