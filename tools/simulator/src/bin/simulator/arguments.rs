//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, value_parser};

/// A Twilio on this machine, for your own Flex work.
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
/// Manager at a single address of the loopback interface, until Ctrl-C.
///
/// Tasks are routed by their workflow. The command prints the base URL, the SIDs
/// and the secrets. After that it prints each request, each event, and each route
/// with its reasons. Open the base URL in a browser for the inspector. Nothing is
/// kept after Ctrl-C.
#[derive(Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Serve {
    /// The port to listen on; 0 for a free port.
    #[arg(long, default_value_t = 8080)]
    pub(crate) port: u16,

    /// The whole workspace as JSON: queues, workers, activities, channels and
    /// workflows. `connect export` makes such a file from a real account.
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    pub(crate) workspace: Option<PathBuf>,

    /// The workflow's configuration as JSON. Replaces the workflow that leads from
    /// the AI to people. Missing queues are created. A queue that only gets
    /// handed-off tasks has the human agents, any other queue every worker.
    #[arg(long, value_name = "FILE", conflicts_with = "workspace", verbatim_doc_comment)]
    pub(crate) workflow: Option<PathBuf>,

    /// The number of people at the service desk, in addition to the AI.
    #[arg(long, value_name = "N", conflicts_with = "workspace", default_value_t = 1,
          value_parser = value_parser!(u16).range(1..=1000))]
    pub(crate) workers: u16,

    /// The workspace's event callback URL. The fragment may have connection
    /// overrides: `http://127.0.0.1:3000/events#rc=5&rp=5xx,ct`.
    #[arg(
        long,
        value_name = "URL",
        default_value = "",
        hide_default_value = true,
        verbatim_doc_comment
    )]
    pub(crate) callback: String,

    /// The types of events that the callback gets, separated by commas. The
    /// default is every type.
    #[arg(
        long,
        value_name = "TYPES",
        requires = "callback",
        default_value = "",
        hide_default_value = true,
        verbatim_doc_comment
    )]
    pub(crate) events_filter: String,

    /// The URL of an Event Streams sink. The sink gets TaskRouter's events as
    /// CloudEvents. Can be given more than once.
    #[arg(long = "sink", value_name = "URL", verbatim_doc_comment)]
    pub(crate) sinks: Vec<String>,

    /// The types of events that the sinks get, separated by commas and without
    /// the prefix `com.twilio.taskrouter.`. The default is every type.
    #[arg(
        long,
        value_name = "TYPES",
        requires = "sinks",
        default_value = "",
        hide_default_value = true,
        verbatim_doc_comment
    )]
    pub(crate) sink_types: String,

    /// Sends the sinks all events of a change in a single array.
    #[arg(long, requires = "sinks")]
    pub(crate) sink_batches: bool,

    /// A session that exists in the session API from the start. Can be given more
    /// than once.
    #[arg(long = "session", value_name = "ID", verbatim_doc_comment)]
    pub(crate) sessions: Vec<String>,
}
