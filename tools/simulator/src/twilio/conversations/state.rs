//! The states of a conversation.

use serde::{Deserialize, Serialize};

/// A conversation's `state`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ConversationState {
    Active,
    Inactive,
    /// Final: the conversation can no longer be changed.
    Closed,
}

impl ConversationState {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Closed => "closed",
        }
    }
}
