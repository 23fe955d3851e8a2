//! Structured logs: one JSON object on one line of standard output, as CloudWatch takes it.

use std::io::Write;

use serde::Serialize;
use serde_json::{Map, Value};
use time::format_description::well_known::Rfc3339;

use crate::machine::Machine;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// As it should be.
    Info,
    /// Someone may want to look at it: bad input, an upstream that is away.
    Warn,
    /// Someone must do something: retrying won't help.
    Error,
}

/// Writes one line on a machine. Lambda puts the function's name on the log group; the line carries it too, for whoever merges them.
pub fn line(machine: &Machine, level: Level, fields: impl IntoIterator<Item = (String, Value)>) {
    let mut line = Map::new();
    let timestamp = (machine.now)().format(&Rfc3339).unwrap_or_default();
    line.insert("timestamp".to_owned(), timestamp.into());
    line.insert("level".to_owned(), serde_json::to_value(level).unwrap_or_default());
    line.extend(fields);
    (machine.log)(&serde_json::to_string(&line).unwrap_or_default());
}

pub(crate) fn to_standard_output(line: &str) {
    // Where standard output is gone there is nobody to tell.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Lets a panic say where it happened and no more: its message may quote the text it stumbled over.
pub fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()));
        let fields = [("outcome", "panic".into()), ("at", place.into())];
        line(
            &Machine::REAL,
            Level::Error,
            fields.map(|(name, value): (&str, Value)| (name.to_owned(), value)),
        );
    }));
}
