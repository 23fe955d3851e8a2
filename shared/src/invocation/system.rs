//! The process that a function runs in, apart from the network: clock, log and name.

use std::io::Write;

use time::OffsetDateTime;

/// The function's name, the time of day and the sink of log lines. Timers are Tokio's, so that a test can drive their
/// time.
#[derive(Debug, Clone, Copy)]
pub struct System {
    /// The function's name as in each log line.
    pub function: &'static str,
    pub now: fn() -> OffsetDateTime,
    /// Takes a line without its line feed.
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
    // If standard output is closed, there is no other place to report.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
