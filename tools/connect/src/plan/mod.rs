//! The changes of `apply` as pure functions of the snapshot.

mod configuration;
mod events;
mod workflows;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::account::Account;
use crate::options::Options;
use crate::routing::Desk;

/// The event callback and filter. Empty texts mean that there are none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Callback {
    pub(crate) event_callback_url: String,
    pub(crate) events_filter: String,
}

/// A change at Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// The workspace's event callback and filter.
    Callback { before: Callback, after: Callback },
    /// A workflow's configuration.
    Workflow {
        sid: String,
        name: String,
        /// The edits in words.
        edits: Vec<String>,
        before: String,
        after: String,
    },
    /// A new sink with a subscription.
    Sink { destination: String, types: Vec<String> },
    /// A subscription for a sink without subscriptions.
    Subscription { sink: String, types: Vec<String> },
    /// Further types for a subscription.
    Types { subscription: String, types: Vec<String> },
}

/// The changes that fix everything fixable.
pub(crate) fn plan(account: &Account, options: &Options) -> Vec<Change> {
    let desk = Desk::new(account, &options.target.ai_workers, &options.session.id_attribute);
    let mut changes = events::changes(account, options);
    changes.extend(desk.iter().flat_map(|desk| workflows::changes(account, options, desk)));
    changes
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Callback { before, after } => {
                write!(formatter, "The workspace's event callback")?;
                difference(formatter, "URL", &before.event_callback_url, &after.event_callback_url)?;
                difference(formatter, "events filter", &before.events_filter, &after.events_filter)
            }
            Self::Workflow { sid, name, edits, .. } => {
                write!(formatter, "The workflow {name} ({sid})")?;
                edits.iter().try_for_each(|edit| write!(formatter, "\n  {edit}"))
            }
            Self::Sink { destination, types } => write!(
                formatter,
                "A new Event Streams sink, beside the event callback that there is\n  sends to {destination}\n  types: {}",
                types.join(", ")
            ),
            Self::Subscription { sink, types } => write!(
                formatter,
                "A subscription for the Event Streams sink {sink}\n  types: {}",
                types.join(", ")
            ),
            Self::Types { subscription, types } => write!(
                formatter,
                "The Event Streams subscription {subscription}\n  further types: {}",
                types.join(", ")
            ),
        }
    }
}

fn difference(formatter: &mut fmt::Formatter<'_>, name: &str, before: &str, after: &str) -> fmt::Result {
    if before == after {
        return Ok(());
    }
    let in_words = |text: &str| match text {
        "" => "(none)".to_owned(),
        text => text.to_owned(),
    };
    write!(
        formatter,
        "\n  {name}:\n    - {}\n    + {}",
        in_words(before),
        in_words(after)
    )
}
