//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use flex_handoff::config::session_url::SessionUrl;
use flex_handoff::twilio::sid::{WorkerSid, WorkflowSid, WorkspaceSid};
use url::Url;

use crate::further_options::FurtherOptions;

/// Checks a Twilio account for flex-handoff and sets it up.
///
/// Twilio's credentials come from the environment: TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with
/// TWILIO_API_SECRET. The session API's token is SESSION_API_TOKEN. Or --secret names a secret at AWS that has them all.
#[derive(Debug, Parser)]
#[command(name = "connect", version)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    #[command(flatten)]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) urls: BaseUrls,
    #[command(flatten)]
    pub(crate) session: SessionOptions,
    #[command(flatten)]
    pub(crate) functions: FunctionOptions,
    #[command(flatten)]
    pub(crate) further: FurtherOptions,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Checks everything, changes nothing at Twilio, and says how to fix each finding.
    Check {
        /// Prints JSON for programs.
        #[arg(long)]
        json: bool,
    },
    /// Shows the changes, asks, writes a backup, and makes the changes.
    Apply {
        /// Doesn't ask.
        #[arg(long)]
        yes: bool,
    },
    /// Restores the configuration from before an apply.
    Undo {
        /// The backup that apply wrote.
        file: PathBuf,
    },
    /// Prints the workspace as JSON, for `simulator serve --workspace`.
    Export,
    /// Tests a deployed stack: every function starts, and forged requests are refused.
    Smoke {
        /// The CloudFormation stack's name.
        #[arg(long)]
        stack: String,
    },
}

/// Which workspace, and which parts of it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which workspace")]
pub(crate) struct Target {
    /// The TaskRouter workspace's SID. Console: TaskRouter, Workspaces.
    #[arg(long, global = true, value_name = "WS…", default_value = "", hide_default_value = true, value_parser = workspace)]
    pub(crate) workspace: String,
    /// The SID of a worker that is an AI. Can be given more than once. Console: TaskRouter, your workspace, Workers.
    #[arg(long = "ai-worker", global = true, value_name = "WK…", value_parser = worker)]
    pub(crate) ai_workers: Vec<String>,
    /// The SID of the one workflow to look at; without it, all of them.
    #[arg(long, global = true, value_name = "WW…", value_parser = workflow)]
    pub(crate) workflow: Option<String>,
    /// The URL that events are to be sent to: the output TaskEventsUrl of the stack.
    #[arg(long, global = true, value_name = "URL", value_parser = event_url)]
    pub(crate) url: Option<String>,
    /// The AWS secret that holds the credentials, in place of the environment.
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) secret: Option<String>,
}

/// Where Twilio is: another region, or a simulator.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Another Twilio, such as the simulator's")]
pub(crate) struct BaseUrls {
    #[arg(
        long = "taskrouter-url",
        global = true,
        value_name = "URL",
        default_value = "https://taskrouter.twilio.com"
    )]
    pub(crate) taskrouter: Url,
    #[arg(
        long = "conversations-url",
        global = true,
        value_name = "URL",
        default_value = "https://conversations.twilio.com"
    )]
    pub(crate) conversations: Url,
    #[arg(
        long = "flex-url",
        global = true,
        value_name = "URL",
        default_value = "https://flex-api.twilio.com"
    )]
    pub(crate) flex: Url,
    #[arg(
        long = "events-url",
        global = true,
        value_name = "URL",
        default_value = "https://events.twilio.com"
    )]
    pub(crate) events: Url,
}

/// The session API, by the names of the functions' variables.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The session API, as in the functions' settings")]
pub(crate) struct SessionOptions {
    /// A session for a test write of one key; without it, the session API is not called.
    #[arg(long = "probe-session", global = true, value_name = "ID")]
    pub(crate) probe: Option<String>,
    /// The URL of one session.
    #[arg(id = "session-url", long = "session-url", global = true, value_name = "URL", value_parser = session_url)]
    pub(crate) url: Option<SessionUrl>,
    #[arg(long = "session-method", global = true, default_value = "PATCH")]
    pub(crate) method: SessionMethod,
    /// The dotted path of the object that holds the keys; empty for the body itself.
    #[arg(
        long = "session-body-key",
        global = true,
        value_name = "PATH",
        default_value = "custom_data"
    )]
    pub(crate) body_key: String,
    #[arg(
        long = "session-auth-header",
        global = true,
        value_name = "NAME",
        default_value = "Authorization"
    )]
    pub(crate) auth_header: String,
    #[arg(
        long = "session-auth-scheme",
        global = true,
        value_name = "SCHEME",
        default_value = "Bearer"
    )]
    pub(crate) auth_scheme: String,
    /// Further headers, one `name: value` a line.
    #[arg(long = "session-headers", global = true, value_name = "LINES")]
    pub(crate) headers: Option<String>,
    /// The keys that may be written, separated by commas.
    #[arg(long = "session-keys", global = true, value_name = "NAMES")]
    pub(crate) keys: Option<String>,
    #[arg(long = "session-removed", global = true, default_value = "blank")]
    pub(crate) removed: Removed,
    /// The dotted path of the task attribute that holds the session's id.
    #[arg(
        long = "session-id-attribute",
        global = true,
        value_name = "PATH",
        default_value = "session_id"
    )]
    pub(crate) id_attribute: String,
}

/// The functions' other settings that a check depends on.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "The functions' other settings")]
pub(crate) struct FunctionOptions {
    /// When handoff posts its note.
    #[arg(long = "handoff-note", global = true, default_value = "chat-only")]
    pub(crate) note: HandoffNote,
    /// The task attribute that resolve sets to true.
    #[arg(long = "resolved-attribute", global = true, value_name = "NAME")]
    pub(crate) resolved_attribute: Option<String>,
    /// The queue of auto-close, if it is deployed.
    #[arg(long = "close-queue-url", global = true, value_name = "URL")]
    pub(crate) close_queue_url: Option<String>,
    /// The events after which auto-close looks at a task.
    #[arg(
        long = "auto-close-on",
        global = true,
        value_name = "wrapup|wrapup,rejection",
        default_value = "wrapup"
    )]
    pub(crate) auto_close_on: String,
}

impl FunctionOptions {
    pub(crate) fn closes_rejected(&self) -> bool {
        self.auto_close_on.split(',').any(|cause| cause.trim() == "rejection")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HandoffNote {
    ChatOnly,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
pub(crate) enum SessionMethod {
    Patch,
    Put,
    Post,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Removed {
    Blank,
    Null,
}

fn workspace(text: &str) -> Result<String, String> {
    match (text, WorkspaceSid::parse(text)) {
        ("", _) => Ok(String::new()),
        (_, Some(sid)) => Ok(sid.to_string()),
        (_, None) => Err("a workspace's SID is WS and 32 hexadecimal digits".to_owned()),
    }
}

fn worker(text: &str) -> Result<String, String> {
    WorkerSid::parse(text)
        .map(|sid| sid.to_string())
        .ok_or_else(|| "a worker's SID is WK and 32 hexadecimal digits".to_owned())
}

fn workflow(text: &str) -> Result<String, String> {
    WorkflowSid::parse(text)
        .map(|sid| sid.to_string())
        .ok_or_else(|| "a workflow's SID is WW and 32 hexadecimal digits".to_owned())
}

fn event_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.fragment().is_none() => Ok(text.to_owned()),
        "http" | "https" => Err("leave out the part from `#` on: connect adds the connection overrides".to_owned()),
        _ => Err("the URL must begin with https://".to_owned()),
    }
}

fn session_url(text: &str) -> Result<SessionUrl, String> {
    SessionUrl::parse(text).ok_or_else(|| {
        "an http or https URL without fragment, with no placeholder but {session_id}, {task_sid} and \
         {conversation_sid}, and none of them before its path"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn options_stand_before_or_after_the_verb() {
        Options::command().debug_assert();
        let workspace = "WS00000000000000000000000000000001";
        for arguments in [
            ["connect", "check", "--workspace", workspace],
            ["connect", "--workspace", workspace, "check"],
        ] {
            let options = Options::try_parse_from(arguments).unwrap();
            assert_eq!(options.target.workspace, workspace);
        }
    }

    #[test]
    fn a_malformed_option_is_refused() {
        for (option, value) in [
            ("--workspace", "WS1"),
            ("--ai-worker", "ai"),
            ("--workflow", "Handoff"),
            ("--url", "ftp://a.example/"),
            ("--url", "https://a.example/#rc=5"),
            ("--session-url", "https://{session_id}.example/"),
            ("--handoff-note", "sometimes"),
            ("--session-method", "GET"),
        ] {
            let refused = Options::try_parse_from(["connect", "check", option, value]);
            assert!(refused.is_err(), "{option} {value}");
        }
    }
}
