//! The process that a function runs in, besides the network: its clock, its log, its name.

use std::io::Write;

use time::OffsetDateTime;

/// The name of the function, the time of day, and the sink of log lines. Timers are Tokio's, whose time a test can drive.
#[derive(Debug, Clone, Copy)]
pub struct System {
    /// The function's name, as each log line has it.
    pub function: &'static str,
    pub now: fn() -> OffsetDateTime,
    /// Takes one line, without its line feed.
    pub log: fn(&str),
}

impl System {
    /// The real clock and standard output.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks this machine's clock")]
    pub const fn real(function: &'static str) -> Self {
        Self {
            function,
            now: OffsetDateTime::now_utc,
            log: to_standard_output,
        }
    }
}

fn to_standard_output(line: &str) {
    // If standard output is closed, there is no other place to report it.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
