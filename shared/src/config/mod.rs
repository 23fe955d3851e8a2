//! The configuration: environment variables, read once at cold start and nowhere else (but for AWS's own
//! variables, and those that say where certificate roots are).
//!
//! An empty variable counts as one that isn't set, since a template can't leave one out.

mod auto_close;
mod deferred;
mod environment;
mod handoff;
pub mod session_url;
mod task_events;

use url::Url;

use crate::config::session_url::SessionUrl;
use crate::twilio::sid::WorkspaceSid;

pub use auto_close::AutoClose;
pub use deferred::Deferred;
pub use handoff::{Handoff, NotePolicy};
pub use task_events::TaskEvents;

/// Where the sessions are, and how a task names its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSettings {
    /// `SESSION_URL`.
    pub url: SessionUrl,
    /// `SESSION_ID_ATTRIBUTE`: the dotted path of the task attribute that holds the session id.
    pub id_attribute: String,
}

/// What all functions read.
#[derive(Debug, PartialEq, Eq)]
pub struct Upstreams {
    /// `SECRET_ID`: name or ARN of the secret.
    pub secret_id: String,
    /// `WORKSPACE_SID`.
    pub workspace: WorkspaceSid,
    /// `TASKROUTER_URL`.
    pub taskrouter_url: Url,
}

/// Which tasks are closed at wrap-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoCloseScope {
    /// Those that the AI ended.
    Ai,
    /// Every one that is wrapping.
    All,
}

#[expect(
    clippy::disallowed_methods,
    reason = "every variable of a configuration is read here"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKSPACE_SID: &str = "WS00000000000000000000000000000001";
    const WORKER_SID: &str = "WK00000000000000000000000000000001";

    fn lookup(variables: &[(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        move |name| {
            variables
                .iter()
                .find(|(variable, _)| *variable == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    #[test]
    fn all_has_a_default_that_can_have_one() {
        let required = [
            ("SECRET_ID", "flex"),
            ("WORKSPACE_SID", WORKSPACE_SID),
            ("PUBLIC_URL", ""),
        ];
        let expected = TaskEvents {
            upstreams: Upstreams {
                secret_id: "flex".to_owned(),
                workspace: WorkspaceSid::parse(WORKSPACE_SID).unwrap(),
                taskrouter_url: Url::parse("https://taskrouter.twilio.com").unwrap(),
            },
            ai_worker: None,
            sessions: SessionSettings {
                url: SessionUrl::parse("https://api.open.cx/chat/sessions/{session_id}").unwrap(),
                id_attribute: "session_id".to_owned(),
            },
            public_url: None,
            queue_url: None,
        };
        assert_eq!(TaskEvents::read(lookup(&required)), Ok(expected));
    }

    #[test]
    fn every_variable_at_fault_is_named_at_once_and_no_value_is() {
        let wrong = [
            ("WORKSPACE_SID", "hunter2"),
            ("TASKROUTER_URL", "hunter2"),
            ("CONVERSATIONS_URL", "ftp://hunter2"),
            ("HANDOFF_NOTE", "hunter2"),
        ];
        let faults = Handoff::read(lookup(&wrong)).unwrap_err();
        let names: Vec<&str> = faults.iter().filter_map(|fault| fault.split(' ').next()).collect();
        let expected = [
            "SECRET_ID",
            "WORKSPACE_SID",
            "TASKROUTER_URL",
            "CONVERSATIONS_URL",
            "AI_WORKER_SID",
            "HANDOFF_NOTE",
        ];
        assert_eq!(names, expected);
        assert!(!faults.concat().contains("hunter2"), "{faults:?}");
        let faults = AutoClose::read(lookup(&[("AUTO_CLOSE_SCOPE", "some"), ("PUBLIC_URL", "/x")])).unwrap_err();
        assert_eq!(faults.len(), 5, "{faults:?}");
    }

    #[test]
    fn slashes_at_the_end_of_a_url_count_for_twilios_signature_alone() {
        let config = AutoClose::read(lookup(&[
            ("SECRET_ID", "s"),
            ("WORKSPACE_SID", WORKSPACE_SID),
            ("AI_WORKER_SID", WORKER_SID),
            ("TASKROUTER_URL", "https://a.example/twilio//"),
            ("QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/q/"),
            ("PUBLIC_URL", "https://a.example/auto-close/"),
        ]));
        let config = config.unwrap();
        assert_eq!(config.upstreams.taskrouter_url.as_str(), "https://a.example/twilio");
        let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/q";
        assert_eq!(config.queue_url.as_deref(), Some(queue));
        assert_eq!(config.public_url.as_deref(), Some("https://a.example/auto-close/"));
    }

    #[test]
    fn a_delay_is_a_quarter_of_an_hour_at_most_and_needs_a_queue() {
        let read = |delay: &'static str, queue_url: &'static str| {
            AutoClose::read(lookup(&[
                ("SECRET_ID", "s"),
                ("WORKSPACE_SID", WORKSPACE_SID),
                ("AI_WORKER_SID", WORKER_SID),
                ("AUTO_CLOSE_DELAY", delay),
                ("QUEUE_URL", queue_url),
            ]))
            .map(|config| (config.delay.as_secs(), config.queue_url))
        };
        let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/q";
        for none in ["", "0"] {
            assert_eq!(read(none, ""), Ok((0, None)));
        }
        for (delay, seconds) in [("", 0), ("0", 0), ("1", 1), ("900", 900)] {
            assert_eq!(read(delay, queue), Ok((seconds, Some(queue.to_owned()))));
        }
        for malformed in ["901", "-1", "1.5", "1s"] {
            let faults = read(malformed, queue).unwrap_err();
            assert_eq!(
                faults,
                ["AUTO_CLOSE_DELAY is malformed: it must be whole seconds, 0 to 900"]
            );
        }
        assert_eq!(read("1", "").unwrap_err().len(), 1);
        assert_eq!(read("0", "q").unwrap_err().len(), 1);
    }
}
