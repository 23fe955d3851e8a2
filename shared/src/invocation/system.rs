//! What a function has of the machine that it runs on, besides the network.

use time::OffsetDateTime;

/// The time of day, and where log lines go. Timers are Tokio's, whose time a test can drive.
#[derive(Debug, Clone, Copy)]
pub struct Machine {
    pub now: fn() -> OffsetDateTime,
    /// Takes one line, without its end.
    pub log: fn(&str),
}

impl Machine {
    /// This machine.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks this machine's clock")]
    pub const REAL: Self = Self {
        now: OffsetDateTime::now_utc,
        log: crate::invocation::log::to_standard_output,
    };
}
