//! The configuration: environment variables, read once at cold start and nowhere else (AWS's own variables are the AWS
//! crates').
//!
//! An empty variable counts as one that isn't set, since a template can't leave one out.

mod environment;

use std::time::Duration;

use crate::session_url::SessionUrl;
use crate::sid::{WorkerSid, WorkspaceSid};
use environment::{BASE, Environment, WORKER, base_url};

/// What `task-events` reads.
#[derive(Debug, PartialEq, Eq)]
pub struct TaskEvents {
    pub upstreams: Upstreams,
    /// `AI_WORKER_SID`: only this worker's reservations are told to the session; without it, any worker's.
    pub ai_worker: Option<WorkerSid>,
    pub sessions: SessionSettings,
    /// `PUBLIC_URL`: the URL that is registered at Twilio, where the request context doesn't show it.
    pub public_url: Option<String>,
    /// `QUEUE_URL`: where a task is left whose session can't be written in time; without it, nowhere.
    pub queue_url: Option<String>,
}

/// What `handoff` reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Handoff {
    pub upstreams: Upstreams,
    /// `CONVERSATIONS_URL`.
    pub conversations_url: String,
    /// `AI_WORKER_SID`: the worker whose reservations are rejected.
    pub ai_worker: WorkerSid,
    /// `HANDOFF_NOTE`.
    pub note: NotePolicy,
    /// `NOTE_AUTHOR`.
    pub note_author: String,
}

/// What `auto-close` reads.
#[derive(Debug, PartialEq, Eq)]
pub struct AutoClose {
    pub upstreams: Upstreams,
    /// `AI_WORKER_SID`: the worker whose tasks are closed.
    pub ai_worker: WorkerSid,
    /// `AUTO_CLOSE_SCOPE`.
    pub scope: AutoCloseScope,
    /// `AUTO_CLOSE_DELAY` and `QUEUE_URL`; `None` for no delay.
    pub delay: Option<Delay>,
    /// `PUBLIC_URL`: the URL that is registered at Twilio, where the request context doesn't show it.
    pub public_url: Option<String>,
}

/// How long a task is left wrapping, and where that is kept in mind.
#[derive(Debug, PartialEq, Eq)]
pub struct Delay {
    pub duration: Duration,
    pub queue_url: String,
}

/// What `deferred` reads.
#[derive(Debug, PartialEq, Eq)]
pub struct Deferred {
    pub upstreams: Upstreams,
    /// `AI_WORKER_SID`: the worker whose newest reservation the session is told, and whose tasks are closed.
    pub ai_worker: WorkerSid,
    pub sessions: SessionSettings,
    /// `AUTO_CLOSE_SCOPE`.
    pub scope: AutoCloseScope,
    /// `QUEUE_URL`: the queue that the messages come from.
    pub queue_url: String,
}

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
    pub taskrouter_url: String,
}

/// Which conversations get a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotePolicy {
    /// Only those in which every participant is on chat: on SMS or WhatsApp the customer would be sent it.
    ChatOnly,
    Always,
    Never,
}

/// Which tasks are closed at wrap-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoCloseScope {
    /// Those that the AI ended.
    Ai,
    /// Every one that is wrapping.
    All,
}

impl TaskEvents {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every variable at fault, and why.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::read(variable)
    }

    fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut environment = Environment::new(lookup);
        let upstreams = environment.upstreams();
        let ai_worker = environment.optional("AI_WORKER_SID", WORKER, WorkerSid::parse);
        let sessions = environment.sessions();
        let public_url = environment.public_url();
        let queue_url = environment.queue_url();
        match (upstreams, sessions) {
            (Some(upstreams), Some(sessions)) if environment.faults.is_empty() => Ok(Self {
                upstreams,
                ai_worker,
                sessions,
                public_url,
                queue_url,
            }),
            _ => Err(environment.faults),
        }
    }
}

impl Handoff {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every variable at fault, and why.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::read(variable)
    }

    fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut environment = Environment::new(lookup);
        let upstreams = environment.upstreams();
        let conversations_url =
            environment.with_default("CONVERSATIONS_URL", "https://conversations.twilio.com", BASE, base_url);
        let ai_worker = environment.ai_worker();
        let note = environment.with_default(
            "HANDOFF_NOTE",
            "chat-only",
            "chat-only, always or never",
            |text| match text {
                "chat-only" => Some(NotePolicy::ChatOnly),
                "always" => Some(NotePolicy::Always),
                "never" => Some(NotePolicy::Never),
                _ => None,
            },
        );
        let note_author = environment.with_default("NOTE_AUTHOR", "system", "a name", |text| Some(text.to_owned()));
        match (upstreams, conversations_url, ai_worker, note, note_author) {
            (Some(upstreams), Some(conversations_url), Some(ai_worker), Some(note), Some(note_author)) => Ok(Self {
                upstreams,
                conversations_url,
                ai_worker,
                note,
                note_author,
            }),
            _ => Err(environment.faults),
        }
    }
}

impl AutoClose {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every variable at fault, and why.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::read(variable)
    }

    fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut environment = Environment::new(lookup);
        let upstreams = environment.upstreams();
        let ai_worker = environment.ai_worker();
        let scope = environment.auto_close_scope();
        let delay = environment.auto_close_delay();
        let public_url = environment.public_url();
        match (upstreams, ai_worker, scope) {
            (Some(upstreams), Some(ai_worker), Some(scope)) if environment.faults.is_empty() => Ok(Self {
                upstreams,
                ai_worker,
                scope,
                delay,
                public_url,
            }),
            _ => Err(environment.faults),
        }
    }
}

impl Deferred {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Every variable at fault, and why.
    pub fn from_env() -> Result<Self, Vec<String>> {
        Self::read(variable)
    }

    fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut environment = Environment::new(lookup);
        let upstreams = environment.upstreams();
        let ai_worker = environment.ai_worker();
        let sessions = environment.sessions();
        let scope = environment.auto_close_scope();
        let queue_url = environment.required("QUEUE_URL", BASE, base_url);
        match (upstreams, ai_worker, sessions, scope, queue_url) {
            (Some(upstreams), Some(ai_worker), Some(sessions), Some(scope), Some(queue_url)) => Ok(Self {
                upstreams,
                ai_worker,
                sessions,
                scope,
                queue_url,
            }),
            _ => Err(environment.faults),
        }
    }
}

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
                taskrouter_url: "https://taskrouter.twilio.com".to_owned(),
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
    fn a_delay_is_a_quarter_of_an_hour_at_most_and_needs_a_queue() {
        let read = |delay: &'static str, queue_url: &'static str| {
            AutoClose::read(lookup(&[
                ("SECRET_ID", "s"),
                ("WORKSPACE_SID", WORKSPACE_SID),
                ("AI_WORKER_SID", WORKER_SID),
                ("AUTO_CLOSE_DELAY", delay),
                ("QUEUE_URL", queue_url),
            ]))
            .map(|config| config.delay)
        };
        let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/q";
        for none in ["", "0"] {
            assert_eq!(read(none, ""), Ok(None));
            assert_eq!(read(none, queue), Ok(None));
        }
        let delay = |seconds| Delay {
            duration: Duration::from_secs(seconds),
            queue_url: queue.to_owned(),
        };
        assert_eq!(read("1", queue), Ok(Some(delay(1))));
        assert_eq!(read("900", queue), Ok(Some(delay(900))));
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
