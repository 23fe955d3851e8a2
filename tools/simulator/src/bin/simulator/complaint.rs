//! The reason why the command ended early.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

pub(crate) struct Complaint {
    pub(crate) message: String,
    pub(crate) code: ExitCode,
}

impl Complaint {
    /// A fault on the command line or in a file named there.
    pub(crate) fn usage(message: impl Display) -> Self {
        Self {
            message: message.to_string(),
            code: ExitCode::from(2),
        }
    }
}

impl From<io::Error> for Complaint {
    fn from(error: io::Error) -> Self {
        Self {
            message: error.to_string(),
            code: ExitCode::FAILURE,
        }
    }
}
