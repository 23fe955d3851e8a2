//! Structured logs: a JSON object on each line of standard output, as CloudWatch expects.

use std::cell::Cell;

use serde::Serialize;
use serde_json::json;
use time::format_description::well_known::Rfc3339;

use crate::invocation::system::System;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    Info,
    /// Bad input or an unavailable upstream.
    Warn,
    /// Retrying won't help. Someone has to act.
    Error,
}

/// Writes a line. The time, level, function and version come before `fields`, which is a map or a struct.
pub fn line(system: &System, level: Level, fields: impl Serialize) {
    #[derive(Serialize)]
    struct Line<F> {
        timestamp: String,
        level: Level,
        function: &'static str,
        version: &'static str,
        #[serde(flatten)]
        fields: F,
    }
    let line = Line {
        timestamp: (system.now)().format(&Rfc3339).unwrap_or_default(),
        level,
        function: system.function,
        version: env!("CARGO_PKG_VERSION"),
        fields,
    };
    (system.log)(&serde_json::to_string(&line).unwrap_or_default());
}

thread_local! {
    /// Whether a panic on this thread is expected and therefore not logged.
    static EXPECTS_PANIC: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic on this thread now would come from hostile input to a foreign crate.
pub fn is_panic_expected() -> bool {
    EXPECTS_PANIC.get()
}

/// Makes a panic log only its place, since the message may quote a customer's text.
pub fn hide_panic_messages(function: &'static str) {
    std::panic::set_hook(Box::new(move |panic| {
        if is_panic_expected() {
            return;
        }
        let place = panic
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()));
        let fields = json!({ "outcome": "panicked", "at": place });
        line(&System::real(function), Level::Error, fields);
    }));
}

/// Runs a foreign crate's conversion that may panic on hostile input. `None` if the conversion panics. Such a panic is
/// not logged.
pub(crate) fn catch_expected_panic<T>(convert: impl FnOnce() -> T) -> Option<T> {
    EXPECTS_PANIC.set(true);
    let converted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(convert));
    EXPECTS_PANIC.set(false);
    converted.ok()
}
