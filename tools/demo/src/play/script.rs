//! The tasks and handoffs of the demo: those of the example or those in the user's files.

use std::path::Path;

use serde_json::{Value, json};
use workflow::Position;

use super::dialogue::{self, Dialogue};
use crate::arguments::Arguments;
use crate::members::Members;

/// The attributes that a handoff writes.
pub(crate) const SIX: [&str; 6] = [
    "handedOff",
    "handoffReason",
    "handoffSummary",
    "handoffSentiment",
    "handoffLanguage",
    "handoffTimestamp",
];

/// The attribute of a task that continues a handed-off task.
pub(crate) const HANDOFF_OF: &str = "handoffOf";

/// The attributes that Flex sets on each task of an interaction.
const OF_FLEX: [&str; 4] = [
    "conversationSid",
    "flexInteractionSid",
    "flexInteractionChannelSid",
    "flexChannelInviteSid",
];

/// The `channelType` of a web chat as JSON.
const CHANNEL_TYPE: &str = r#""web""#;

pub(crate) struct Script {
    pub(crate) parts: [Part; 3],
    /// Whether the play uses a file of the user.
    pub(crate) is_own: bool,
    /// The changes that were made to the user's attributes.
    pub(crate) changes: Vec<String>,
}

/// The task and handoff of a conversation.
pub(crate) struct Part {
    pub(crate) dialogue: Dialogue,
    /// The task's attributes without those that Flex sets.
    pub(crate) attributes: Members,
    pub(crate) session_id: String,
    /// The payload of the handoff without SIDs.
    pub(crate) handoff: Members,
}

impl Script {
    /// Reads the example or the files.
    ///
    /// # Errors
    ///
    /// The mistake in a file with its place.
    pub(crate) fn read(arguments: &Arguments) -> Result<Self, String> {
        let handoff = arguments.handoff.as_deref().map(read_object).transpose()?;
        let attributes = arguments.attributes.as_deref().map(read_object).transpose()?;
        let is_own = handoff.is_some() || attributes.is_some();
        let dialogues = match is_own {
            true => dialogue::neutral(),
            false => dialogue::example(),
        };
        let mut changes = Vec::new();
        let (tasks, session_ids) = match &attributes {
            Some(given) => own_tasks(given, &mut changes),
            None => example_tasks(),
        };
        if attributes.is_some() && !arguments.serve {
            changes.push("conversations 2 and 3 have sessions of their own".to_owned());
        }
        let handoffs = match handoff {
            Some(own) => [own.clone(), own.clone(), own],
            None if is_own => neutral_handoffs(),
            None => example_handoffs(),
        };
        let mut all = dialogues.into_iter().zip(tasks).zip(session_ids).zip(handoffs);
        let parts = std::array::from_fn(|_| {
            let (((dialogue, mut attributes), session_id), handoff) = all.next().expect("there are three of each");
            if attributes.get("session_id").is_none() {
                attributes.set("session_id", Value::from(&*session_id).to_string());
            }
            Part {
                dialogue,
                attributes,
                session_id,
                handoff,
            }
        });
        Ok(Self { parts, is_own, changes })
    }
}

fn example_tasks() -> ([Members; 3], [String; 3]) {
    let of = |customer: &str, order: u32| {
        json!({"channelType": "web", "customer": {"name": customer}, "order": {"id": order}}).to_string()
    };
    let tasks = [
        example(include_str!("../attributes.json")),
        example(&of("Ben Okafor", 1207)),
        example(&of("Eva Novak", 1131)),
    ];
    (tasks, ["ana", "ben", "eva"].map(|name| format!("session-of-{name}")))
}

fn example_handoffs() -> [Members; 3] {
    let of_ben = json!({
        "reason": "wants the money back, not a voucher",
        "summary": "Ben wants to return a gift without the receipt. He was offered a voucher and asks for the money.",
        "sentiment": "neutral",
        "language": "en",
    });
    let of_ana = example(include_str!("../handoff.json"));
    [of_ana, example(&of_ben.to_string()), Members::default()]
}

/// Handoffs that fit any task.
fn neutral_handoffs() -> [Members; 3] {
    let handoff = json!({
        "reason": "asks for a human agent",
        "summary": "The customer has a question, and would like to speak to a human agent.",
        "sentiment": "neutral",
        "language": "en",
    });
    std::array::from_fn(|_| example(&handoff.to_string()))
}

fn example(text: &str) -> Members {
    Members::parse(text).expect("the examples are JSON objects")
}

/// The user's attributes for each conversation and the sessions. The changes are collected.
fn own_tasks(given: &Members, changes: &mut Vec<String>) -> ([Members; 3], [String; 3]) {
    let mut attributes = given.without(&SIX).without(&[HANDOFF_OF]);
    if attributes.len() != given.len() {
        changes.push("the attributes of an earlier handoff are left out".to_owned());
    }
    for name in OF_FLEX.iter().filter(|name| given.get(name).is_some()) {
        changes.push(format!("{name} is set by Flex"));
    }
    // The workflow's filter for the AI compares this attribute.
    if attributes.get("channelType") != Some(CHANNEL_TYPE) {
        attributes.set("channelType", CHANNEL_TYPE.to_owned());
        changes.push(format!("channelType is {CHANNEL_TYPE}"));
    }
    let session_id = match given.get("session_id").and_then(session_id) {
        Some(SessionId::Text(id)) => id,
        Some(SessionId::Number(id)) => {
            changes.push(format!("session_id is a number, so it names the session \"{id}\""));
            id
        }
        None => {
            changes.push("session_id is the demo's".to_owned());
            attributes = attributes.without(&["session_id"]);
            "session-of-ana".to_owned()
        }
    };
    let others = attributes.without(&["session_id"]);
    let session_ids = [session_id.clone(), format!("{session_id}-2"), format!("{session_id}-3")];
    ([attributes, others.clone(), others], session_ids)
}

/// The name of a session with the JSON type of its attribute.
pub(crate) enum SessionId {
    Text(String),
    Number(String),
}

impl SessionId {
    pub(crate) fn into_name(self) -> String {
        match self {
            Self::Text(id) | Self::Number(id) => id,
        }
    }
}

/// A value that names a session.
pub(crate) fn session_id(value: &str) -> Option<SessionId> {
    match serde_json::from_str(value).ok()? {
        Value::String(text) if !matches!(&*text, "" | "." | "..") => Some(SessionId::Text(text)),
        Value::Number(_) => Some(SessionId::Number(value.to_owned())),
        _ => None,
    }
}

fn read_object(path: &Path) -> Result<Members, String> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {file}: {error}"))?;
    Members::parse(&text).map_err(|error| {
        let position = Position::of_json_error(&text, &error);
        let (line, column) = (position.line, position.column);
        format!(
            "{file}, line {line}, column {column}: {}\n{position}",
            fault(&text, &error)
        )
    })
}

fn fault(text: &str, error: &serde_json::Error) -> String {
    if text.trim().is_empty() {
        return "expected a JSON object, found an empty file".to_owned();
    }
    if error.is_data() {
        return "expected a JSON object, which begins with `{`".to_owned();
    }
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}
