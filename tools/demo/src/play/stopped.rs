//! The reasons why the play ends early.

use std::fmt::Display;
use std::io;

use simulator::twilio::Refusal;

pub(crate) enum Stopped {
    /// A step had an unexpected result.
    Broken {
        step: String,
        expected: String,
        came: String,
    },
    /// A task or handoff from a file was rightly refused.
    Refused {
        by: &'static str,
        kind: String,
        message: String,
    },
    /// The output is closed or the machine refused something.
    Output(io::Error),
}

pub(crate) fn broken(step: &str, expected: impl Display, came: impl Display) -> Stopped {
    Stopped::Broken {
        step: step.to_owned(),
        expected: expected.to_string(),
        came: came.to_string(),
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Twilio refused one of the play's own requests.
impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            by: "Twilio",
            kind: refusal.code.to_string(),
            message: refusal.message,
        }
    }
}
