//! The command line.

use std::path::PathBuf;

use clap::Parser;

/// Plays three support conversations on this machine, and checks each step: the
/// AI hands over to a human agent, it hands over after it has accepted the task,
/// and it needs no human agent.
///
/// The functions are built, and run as they are deployed: in a simulated Lambda,
/// against a simulated Twilio and a simulated session API. You need no account,
/// no Docker and no network.
#[derive(Parser)]
#[command(name = "cargo demo", bin_name = "cargo demo", after_help = NOTES, verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Shows every event of TaskRouter, every request of the functions, and
    /// every check.
    #[arg(long, conflicts_with = "serve", verbatim_doc_comment)]
    pub(crate) wires: bool,

    /// A JSON object with the task's attributes, in place of the example's.
    /// Flex adds its own SIDs. The demo sets `channelType` to the web chat,
    /// and adds a `session_id` if there is none. With --serve, the first
    /// customer's task has them.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) attributes: Option<PathBuf>,

    /// A JSON object with the handoff, in place of the example's: `reason`,
    /// `summary`, `sentiment` and `language`. The function gets it as it is,
    /// plus the SIDs. With --serve, the form for the first customer's handoff
    /// is filled in with these four.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) handoff: Option<PathBuf>,

    /// Serves a page at a loopback address instead. On it you play the
    /// customer, the AI and the human agent, and see the effects.
    #[arg(long, verbatim_doc_comment)]
    pub(crate) serve: bool,

    /// The page's port: by default 4747, or a free one if it is taken. 0
    /// means any free port.
    #[arg(long, value_name = "N", requires = "serve", verbatim_doc_comment)]
    pub(crate) port: Option<u16>,

    /// Cargo has just built the functions, beside this program. `cargo demo` says so.
    #[arg(long, hide = true)]
    pub(crate) built: bool,
}

const NOTES: &str = "\
Exit status: 0 if every step went as it should; 1 if one did not, or if what is
in your files was refused; 2 if a flag or a file cannot be read. With --serve, 0
once Ctrl-C has ended it.

There is colour on a terminal, unless NO_COLOR is set.";
