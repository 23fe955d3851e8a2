//! Structured logs: one JSON object on one line of standard output, as CloudWatch takes it.

use std::io::Write;

use serde::Serialize;
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use crate::invocation::system::Machine;

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

/// Writes one line on a machine: the fields, a map or a struct, behind the time and the level, whose names they don't
/// use. Lambda puts the function's name on the log group; the line carries it too, for whoever merges them.
pub fn line(machine: &Machine, level: Level, fields: impl Serialize) {
    #[derive(Serialize)]
    struct Line<F> {
        timestamp: String,
        level: Level,
        #[serde(flatten)]
        fields: F,
    }
    let line = Line {
        timestamp: (machine.now)().format(&Rfc3339).unwrap_or_default(),
        level,
        fields,
    };
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
        line(&Machine::REAL, Level::Error, json!({ "outcome": "panic", "at": place }));
    }));
}
