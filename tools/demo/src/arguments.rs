//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Plays one support conversation on this machine, from a customer's first
/// message through the AI's replies, a handoff and a service rep's wrap-up, and
/// checks each step.
///
/// The functions are built, and run as they would be deployed: in a
/// simulated Lambda, against a simulated Twilio and a simulated session API.
/// There is no need of an account, of Docker or of a network.
#[derive(Parser)]
#[command(name = "cargo demo", bin_name = "cargo demo", after_help = NOTES, verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The task's attributes, in place of the example's: a JSON object.
    /// The demo adds its own conversation (`conversationSid`), the web chat as
    /// `channelType`, and a session (`session_id`) where there is none.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) attributes: Option<PathBuf>,

    /// What the AI hands over, in place of the example's: a JSON object with
    /// `reason`, `summary`, `sentiment` and `language`. But for the SIDs, which
    /// the demo adds, the function gets it as it is.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) handoff: Option<PathBuf>,

    /// Serves a page at a loopback address instead, on which you play the
    /// customer, the AI and the rep, and see what that makes happen.
    #[arg(long, conflicts_with_all = ["attributes", "handoff"], verbatim_doc_comment)]
    pub(crate) serve: bool,

    /// The page's port: 4747 unless it is taken, or any free one for 0.
    #[arg(long, value_name = "N", requires = "serve", verbatim_doc_comment)]
    pub(crate) port: Option<u16>,
}

const NOTES: &str = "\
Exit status: 0 if every step went as it should; 1 if one did not, or if what is
in your files was refused; 2 if a flag or a file cannot be read. With --serve, 0
once Ctrl-C has ended it.

There is colour on a terminal, unless NO_COLOR is set.";
