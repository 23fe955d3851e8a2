//! The command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::Parser;

/// Plays one support conversation on this machine, from a customer's first message through the AI's replies, a
/// handoff and a service rep's wrap-up, and checks each step.
///
/// The three functions are built and run as on AWS, in a simulated Lambda, against a simulated Twilio and a simulated
/// session API. No account, no Docker and no network is needed.
#[derive(Parser)]
#[command(name = "cargo demo", bin_name = "cargo demo", after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The task's attributes, in place of the example's: a JSON object
    ///
    /// A session id (`session_id`) and a conversation (`conversationSid`) are added where they are missing.
    #[arg(long, value_name = "FILE")]
    pub(crate) attributes: Option<PathBuf>,

    /// What the AI hands over, in place of the example's: a JSON object with reason, summary, sentiment and language
    ///
    /// It is sent as it is, with the task's, the reservation's and the conversation's SID added where they are
    /// missing, so that the function's own checks can be seen at work.
    #[arg(long, value_name = "FILE")]
    pub(crate) handoff: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Exit status: 0 if every step went as it should, 1 if one did not, 2 if a file or a flag is at fault.

Colour: on a terminal only; NO_COLOR=1 turns it off.";

impl Arguments {
    /// Reads the command line, or ends the process with help or with what is wrong.
    pub(crate) fn from_command_line() -> Self {
        Self::parse_from(without_separator(std::env::args_os()))
    }
}

/// `cargo demo` is an alias that ends in `--`, so that of `cargo demo -- --help` a second one arrives here.
fn without_separator(arguments: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    arguments
        .enumerate()
        .filter(|(place, argument)| *place != 1 || argument != OsStr::new("--"))
        .map(|(_, argument)| argument)
}
