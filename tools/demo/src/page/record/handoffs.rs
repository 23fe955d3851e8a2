//! The handoffs that visitors asked for, and what must be left of each task after them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use simulator::lock::lock;

use crate::members::Members;
use crate::play::script::SIX;

/// Flex gives each task an invite of its own.
const OF_FLEX: [&str; 1] = ["flexChannelInviteSid"];

/// The texts of the AI platform for the human agent, as they are sent to the function.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Reasons {
    pub(crate) reason: String,
    pub(crate) summary: String,
    pub(crate) sentiment: String,
    pub(crate) language: String,
}

/// The program that hands a task off.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Program {
    /// The deployed function.
    Bundle,
    /// A handoff as it is often written, for comparison.
    Naive,
}

/// A request for a handoff, kept so that it can be sent again.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) program: Program,
    pub(crate) reasons: Reasons,
    /// The AI's reservation at the time of the request, if the AI had one.
    pub(crate) reservation_sid: Option<String>,
    pub(crate) conversation_sid: Option<String>,
}

/// The result of a request, as the page shows it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ended {
    pub(crate) at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answer: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<String>,
}

/// All requests about one task.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) request: Request,
    /// Whether the present request hasn't succeeded yet, neither at first nor as a repeat.
    is_new: bool,
    /// Whether the request that is under way is a repeat.
    is_repeat: bool,
    /// The number of different handoffs that were answered without an error.
    pub(crate) handoffs: usize,
    /// The number of times that a request was sent again.
    pub(crate) repeats: usize,
    /// The last answer.
    pub(crate) ended: Option<Ended>,
    /// The attributes of other systems, which a handoff must not change.
    pub(crate) others: Members,
}

/// The requests about each task and the handoffs that the page suggests, by the SID of the task that is handed off.
#[derive(Default)]
pub(crate) struct Handoffs {
    asked: Mutex<BTreeMap<String, Asked>>,
    suggested: Mutex<BTreeMap<String, Members>>,
}

impl Handoffs {
    pub(crate) fn of(&self, task_sid: &str) -> Option<Asked> {
        lock(&self.asked).get(task_sid).cloned()
    }

    pub(crate) fn suggest(&self, task_sid: &str, handoff: Members) {
        lock(&self.suggested).insert(task_sid.to_owned(), handoff);
    }

    pub(crate) fn suggestion(&self, task_sid: &str) -> Option<Members> {
        lock(&self.suggested).get(task_sid).cloned()
    }

    /// A new handoff of a task with these attributes.
    pub(crate) fn began(&self, task_sid: &str, request: Request, attributes: &Members) {
        let others = attributes.without(&SIX).without(&OF_FLEX);
        let mut asked = lock(&self.asked);
        let before = asked.get(task_sid);
        let new = Asked {
            request,
            is_new: true,
            is_repeat: false,
            handoffs: before.map_or(0, |before| before.handoffs),
            repeats: before.map_or(0, |before| before.repeats),
            ended: before.and_then(|before| before.ended.clone()),
            others: before.map_or(others, |before| before.others.clone()),
        };
        asked.insert(task_sid.to_owned(), new);
    }

    /// The last request is sent again.
    pub(crate) fn repeated(&self, task_sid: &str) {
        self.change(task_sid, |asked| asked.is_repeat = true);
    }

    pub(crate) fn ended(&self, task_sid: &str, ended: Ended) {
        self.change(task_sid, |asked| {
            asked.repeats += usize::from(std::mem::take(&mut asked.is_repeat));
            if asked.is_new && ended.error.is_none() {
                asked.is_new = false;
                asked.handoffs += 1;
            }
            asked.ended = Some(ended);
        });
    }

    /// Another system has set an attribute.
    pub(crate) fn set_by_others(&self, task_sid: &str, name: &str, value: &str) {
        self.change(task_sid, |asked| asked.others.set(name, value.to_owned()));
    }

    fn change(&self, task_sid: &str, change: impl FnOnce(&mut Asked)) {
        if let Some(asked) = lock(&self.asked).get_mut(task_sid) {
            change(asked);
        }
    }
}
