//! The author of a change, which decides whether webhooks are sent.

/// The author of a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Origin {
    /// A request to the REST API. Its changes cause webhooks only with the header `X-Twilio-Webhook-Enabled: true`.
    Api { webhooks: bool },
    /// A person in web chat or on an outside channel.
    Person,
    /// Twilio itself: a timer, or an interaction of Flex.
    Twilio,
}

impl Origin {
    pub(super) fn causes_webhooks(self) -> bool {
        self != Self::Api { webhooks: false }
    }
}
