//! Twilio's identifiers: two letters for the kind of resource, then 32 hexadecimal digits.

use std::fmt;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::attributes::Attributes;

/// Whether a text is a SID of the kind that the prefix names, as in Twilio's OpenAPI description.
fn is_sid(prefix: &str, text: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

macro_rules! sids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The SID, if the text is of this kind.
            pub fn parse(text: &str) -> Option<Self> {
                is_sid($prefix, text).then(|| Self(text.to_owned()))
            }

            /// The SID as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).ok_or_else(|| D::Error::custom("not a SID of this kind"))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )*};
}

sids! {
    /// An account.
    AccountSid = "AC";
    /// A workspace of TaskRouter.
    WorkspaceSid = "WS";
    /// A task.
    TaskSid = "WT";
    /// A reservation: a worker's claim on a task.
    ReservationSid = "WR";
    /// A worker: a human agent or the AI.
    WorkerSid = "WK";
    /// A workflow.
    WorkflowSid = "WW";
    /// An interaction of Flex.
    InteractionSid = "KD";
    /// A channel of an interaction.
    InteractionChannelSid = "UO";
    /// A participant in a channel of an interaction.
    ParticipantSid = "UT";
    /// An invite to a channel of an interaction.
    InviteSid = "KG";
    /// A conversation of Twilio Conversations.
    ConversationSid = "CH";
    /// A message in a conversation.
    MessageSid = "IM";
}

impl ConversationSid {
    /// The conversation that a task's attributes name.
    pub fn of(attributes: &Attributes<'_>) -> Option<Self> {
        Self::parse(&attributes.string("conversationSid")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sid_is_two_letters_and_32_hexadecimal_digits() {
        let digits = "0123456789abcdefABCDEF0123456789";
        assert_eq!(
            TaskSid::parse(&format!("WT{digits}")).map(|sid| sid.to_string()),
            Some(format!("WT{digits}"))
        );
        for text in [
            format!("WR{digits}"),
            format!("WT{digits}0"),
            format!("WT{}g", &digits[1..]),
            "WT".to_owned(),
        ] {
            assert_eq!(TaskSid::parse(&text), None, "{text}");
        }
    }
}
