//! Why the play did not come to its end.

use std::io;

use simulator::twilio::Refusal;

pub(crate) enum Stopped {
    /// A step went otherwise than it should.
    Broken {
        step: String,
        expected: String,
        came: String,
    },
    /// The audience's own task or handoff was refused, as it should be.
    Refused {
        by: &'static str,
        kind: String,
        message: String,
    },
    /// Nobody listens any more, or the machine refuses.
    Output(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Twilio's refusal of something that the play itself does.
impl From<Refusal> for Stopped {
    fn from(refusal: Refusal) -> Self {
        Self::Refused {
            by: "Twilio",
            kind: refusal.code.to_string(),
            message: refusal.message,
        }
    }
}
