//! Settings of the functions that no check depends on. They are accepted so that you can pass all settings of a
//! deployment.

use clap::{Args, ValueEnum};
use flex_handoff::twilio::sid::WorkflowSid;
use serde_json::{Map, Value};
use url::Url;

/// The functions' settings that no check depends on.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Settings that no check depends on")]
pub(crate) struct FurtherOptions {
    /// Session writes a minute that deferred work may use.
    #[arg(long, global = true, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    session_rate: Option<u32>,
    /// A JSON object that resolve merges into the session's body.
    #[arg(long, global = true, value_name = "JSON", value_parser = object)]
    session_resolved_body: Option<Map<String, Value>>,
    /// The author of the note.
    #[arg(long, global = true, value_name = "NAME")]
    note_author: Option<String>,
    /// The text of the note.
    #[arg(long, global = true, value_name = "TEXT")]
    note_template: Option<String>,
    /// The author of the AI's messages.
    #[arg(long, global = true, value_name = "NAME")]
    ai_author: Option<String>,
    /// The workflow of the new task after the handoff of an accepted one.
    #[arg(long, global = true, value_name = "WW…", value_parser = workflow)]
    handoff_workflow_sid: Option<WorkflowSid>,
    /// The tasks that auto-close may end.
    #[arg(long, global = true)]
    auto_close_scope: Option<CloseScope>,
    /// The seconds between an event and auto-close's decision.
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u16).range(..=900))]
    auto_close_delay: Option<u16>,
    /// Whether auto-close keeps or closes the conversation.
    #[arg(long, global = true)]
    auto_close_conversation: Option<CloseConversation>,
    /// The URL that is registered at Twilio, if it isn't the stack's own.
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<Url>,
    /// The queue of deferred.
    #[arg(long, global = true, value_name = "URL")]
    queue_url: Option<Url>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CloseScope {
    Ai,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CloseConversation {
    Keep,
    Close,
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("a JSON object is needed: {error}"))
}

fn workflow(text: &str) -> Result<WorkflowSid, String> {
    WorkflowSid::parse(text).ok_or_else(|| "a workflow's SID is WW and 32 hexadecimal digits".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use crate::options::Options;

    /// The variables that `connect` knows by other names.
    const OTHERWISE: [&str; 3] = ["SECRET_ID", "WORKSPACE_SID", "AI_WORKER_SIDS"];

    #[test]
    fn every_setting_of_the_functions_is_an_option() {
        let reference = include_str!("../../../docs/reference.md");
        let (_, settings) = reference.split_once("\n## Settings\n").unwrap();
        let (settings, _) = settings
            .split_once("\nThese parameters change only the deployment")
            .unwrap();
        let command = Options::command();
        let options: Vec<&str> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
        let cells = settings.lines().filter_map(|line| line.split('|').nth(2));
        let names: Vec<&str> = cells
            .flat_map(|cell| cell.split('`'))
            .filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase()))
            .filter(|name| !OTHERWISE.contains(name))
            .collect();
        assert!(names.len() > 20, "{names:?}");
        for name in names {
            let option = name.to_lowercase().replace('_', "-");
            assert!(options.contains(&option.as_str()), "{option}");
        }
    }

    #[test]
    fn the_values_are_those_that_the_functions_take() {
        for (option, good, bad) in [
            ("--session-rate", "50", "0"),
            ("--session-resolved-body", r#"{"status":"closed"}"#, "[]"),
            ("--handoff-workflow-sid", "WW00000000000000000000000000000001", "WW1"),
            ("--auto-close-scope", "all", "none"),
            ("--auto-close-delay", "900", "901"),
            ("--auto-close-conversation", "close", "open"),
            ("--public-url", "https://a.example/events", "a.example"),
        ] {
            let parse = |value: &str| Options::try_parse_from(["connect", "check", option, value]);
            assert!(parse(good).is_ok(), "{option} {good}");
            assert!(parse(bad).is_err(), "{option} {bad}");
        }
    }
}
