//! The task and the handoff that the demo plays with: the example's, or the audience's own.

use std::path::Path;

use serde_json::Value;

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

/// The attributes of a web chat, as JSON.
const CHANNEL_TYPE: &str = r#""web""#;

pub(crate) struct Script {
    /// The task's attributes at its creation, without the conversation.
    pub(crate) attributes: Members,
    pub(crate) session_id: String,
    /// The payload of the handoff, without SIDs.
    pub(crate) handoff: Members,
    /// Whether a file of the audience is used.
    pub(crate) is_own: bool,
    /// The changes that were made to a file of the audience, to be shown.
    pub(crate) changes: Vec<&'static str>,
}

impl Script {
    /// Reads the example, or the files.
    ///
    /// # Errors
    ///
    /// The mistake in a file, and its place.
    pub(crate) fn read(arguments: &Arguments) -> Result<Self, String> {
        let handoff = match &arguments.handoff {
            Some(path) => read_object(path)?,
            None => example(include_str!("../handoff.json")),
        };
        let given = match &arguments.attributes {
            Some(path) => read_object(path)?,
            None => example(include_str!("../attributes.json")),
        };
        let mut changes = Vec::new();
        let mut attributes = given.without(&SIX);
        if attributes.len() != given.len() {
            changes.push("those of an earlier handoff are left out");
        }
        let session_id = given.get("session_id").and_then(identifier);
        let session_id = session_id.unwrap_or_else(|| {
            let own = "session-of-ana".to_owned();
            attributes.set("session_id", Value::from(&*own).to_string());
            changes.push("session_id is the demo's");
            own
        });
        // The workflow's filter for the AI compares it.
        if attributes.get("channelType") != Some(CHANNEL_TYPE) {
            attributes.set("channelType", CHANNEL_TYPE.to_owned());
            changes.push("channelType is the demo's");
        }
        changes.push("conversationSid is the demo's");
        if arguments.attributes.is_none() {
            changes.clear();
        }
        Ok(Self {
            attributes,
            session_id,
            handoff,
            is_own: arguments.attributes.is_some() || arguments.handoff.is_some(),
            changes,
        })
    }
}

fn example(text: &str) -> Members {
    Members::parse(text).expect("the examples are JSON objects")
}

fn read_object(path: &Path) -> Result<Members, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Members::parse(&text).map_err(|error| match (error.line(), error.column()) {
        // A file with a value of the wrong kind has no place to name.
        (_, 0) => format!("{}: a JSON object is expected", path.display()),
        (line, column) => {
            let message = error.to_string();
            let reason = message
                .strip_suffix(&format!(" at line {line} column {column}"))
                .unwrap_or(&message);
            format!("{}, line {line}, column {column}: {reason}", path.display())
        }
    })
}

/// A value that can name a session: a non-empty string, or a number.
fn identifier(value: &str) -> Option<String> {
    match serde_json::from_str(value).ok()? {
        Value::String(text) if !text.is_empty() => Some(text),
        Value::Number(_) => Some(value.to_owned()),
        _ => None,
    }
}
