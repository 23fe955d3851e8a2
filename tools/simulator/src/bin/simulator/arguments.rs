//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};

/// A Twilio on this machine, for one's own Flex work.
#[derive(Parser)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    Serve(Serve),
}

/// Serves TaskRouter, Conversations, Event Streams, a session API and Secrets
/// Manager at one address of the loopback interface, until Ctrl-C.
///
/// Tasks are routed by their workflow. It prints the base URL, the SIDs and the
/// secrets, and then each request, each event and each route with its reasons. The
/// base URL in a browser is an inspector. Nothing is kept when it ends.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Serve {
    /// Where to listen; 0 for a port that is free.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,

    /// The whole workspace, as JSON: queues, workers, activities, channels and
    /// workflows. `connect export` makes such a file from a real account.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) workspace: Option<PathBuf>,

    /// The workflow's configuration, as JSON, in place of one that leads from the
    /// AI to people. A queue that it names and that there is not is made, with
    /// the human agents if only handed-off tasks go there, or else with every
    /// worker in it.
    #[arg(long, value_name = "FILE", conflicts_with = "workspace", verbatim_doc_comment)]
    pub(crate) workflow: Option<PathBuf>,

    /// How many people work at the service desk, besides the AI.
    #[arg(long, value_name = "N", conflicts_with = "workspace", default_value_t = 1,
          value_parser = value_parser!(u16).range(1..=1000))]
    pub(crate) workers: u16,

    /// The workspace's event callback URL, in plain HTTP. Connection overrides
    /// in its fragment count, as in `http://127.0.0.1:3000/events#rc=5&rp=5xx,ct`.
    #[arg(
        long,
        value_name = "URL",
        default_value = "",
        hide_default_value = true,
        verbatim_doc_comment
    )]
    pub(crate) callback: String,

    /// The types of events that the callback gets, separated by commas; without
    /// it, every type.
    #[arg(
        long,
        value_name = "TYPES",
        requires = "callback",
        default_value = "",
        hide_default_value = true,
        verbatim_doc_comment
    )]
    pub(crate) events_filter: String,

    /// The URL of a sink of Event Streams, in plain HTTP, for TaskRouter's events
    /// as CloudEvents. Can be given more than once.
    #[arg(long = "sink", value_name = "URL", verbatim_doc_comment)]
    pub(crate) sinks: Vec<String>,

    /// The types of events that the sinks get, separated by commas and without
    /// `com.twilio.taskrouter.`; without it, every type.
    #[arg(
        long,
        value_name = "TYPES",
        requires = "sinks",
        default_value = "",
        hide_default_value = true,
        verbatim_doc_comment
    )]
    pub(crate) sink_types: String,

    /// Sends the sinks all events of a change in one array.
    #[arg(long, requires = "sinks")]
    pub(crate) sink_batches: bool,

    /// A session that the session API has from the start. Can be given more than
    /// once.
    #[arg(long = "session", value_name = "ID", verbatim_doc_comment)]
    pub(crate) sessions: Vec<String>,
}
