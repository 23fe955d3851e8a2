//! The configuration: environment variables, read once at cold start and nowhere else (AWS's own variables are the AWS
//! crates').
//!
//! An empty variable counts as one that isn't set, since a template can't leave one out.

use crate::session_url::{SessionUrl, is_web_url};
use crate::sid::{WorkerSid, WorkspaceSid};

/// What `task-events` reads.
#[derive(Debug, PartialEq, Eq)]
pub struct TaskEvents {
    pub upstreams: Upstreams,
    /// `AI_WORKER_SID`: only this worker's reservations are told to the session; without it, any worker's.
    pub ai_worker: Option<WorkerSid>,
    /// `SESSION_URL`.
    pub session_url: SessionUrl,
    /// `SESSION_ID_ATTRIBUTE`: the dotted path of the task attribute that holds the session id.
    pub session_id_attribute: String,
    /// `PUBLIC_URL`: the URL that is registered at Twilio, where the request context doesn't show it.
    pub public_url: Option<String>,
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
    /// `PUBLIC_URL`: the URL that is registered at Twilio, where the request context doesn't show it.
    pub public_url: Option<String>,
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
        let mut environment = Environment {
            lookup,
            faults: Vec::new(),
        };
        let upstreams = environment.upstreams();
        let ai_worker = environment.optional("AI_WORKER_SID", WORKER, WorkerSid::parse);
        let session_url = environment.with_default("SESSION_URL", DEFAULT_SESSION_URL, SESSION_URL, SessionUrl::parse);
        let session_id_attribute = environment.with_default("SESSION_ID_ATTRIBUTE", "session_id", PATH, dotted_path);
        let public_url = environment.optional("PUBLIC_URL", PUBLIC_URL, public_url);
        match (upstreams, session_url, session_id_attribute) {
            (Some(upstreams), Some(session_url), Some(session_id_attribute)) if environment.faults.is_empty() => {
                Ok(Self {
                    upstreams,
                    ai_worker,
                    session_url,
                    session_id_attribute,
                    public_url,
                })
            }
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
        let mut environment = Environment {
            lookup,
            faults: Vec::new(),
        };
        let upstreams = environment.upstreams();
        let conversations_url =
            environment.with_default("CONVERSATIONS_URL", "https://conversations.twilio.com", BASE, base_url);
        let ai_worker = environment.required("AI_WORKER_SID", WORKER, WorkerSid::parse);
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
        let mut environment = Environment {
            lookup,
            faults: Vec::new(),
        };
        let upstreams = environment.upstreams();
        let ai_worker = environment.required("AI_WORKER_SID", WORKER, WorkerSid::parse);
        let scope = environment.with_default("AUTO_CLOSE_SCOPE", "ai", "ai or all", |text| match text {
            "ai" => Some(AutoCloseScope::Ai),
            "all" => Some(AutoCloseScope::All),
            _ => None,
        });
        let public_url = environment.optional("PUBLIC_URL", PUBLIC_URL, public_url);
        match (upstreams, ai_worker, scope) {
            (Some(upstreams), Some(ai_worker), Some(scope)) if environment.faults.is_empty() => Ok(Self {
                upstreams,
                ai_worker,
                scope,
                public_url,
            }),
            _ => Err(environment.faults),
        }
    }
}

const DEFAULT_SESSION_URL: &str = "https://api.open.cx/chat/sessions/{session_id}";

// What a variable must be, for the message about one that isn't.
const WORKER: &str = "a worker's SID (WK and 32 hexadecimal digits)";
const WORKSPACE: &str = "a workspace's SID (WS and 32 hexadecimal digits)";
const BASE: &str = "an http or https URL without query and fragment";
const PUBLIC_URL: &str = BASE;
const PATH: &str = "a dotted path of names";
const SESSION_URL: &str = "an http or https URL without fragment, with no placeholder but {session_id}, {task_sid} and \
                           {conversation_sid}, and none of them before its path";

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A lookup of environment variables that gathers what is at fault.
struct Environment<F> {
    lookup: F,
    faults: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    fn upstreams(&mut self) -> Option<Upstreams> {
        let secret_id = self.required("SECRET_ID", "the name or ARN of a secret", |text| Some(text.to_owned()));
        let workspace = self.required("WORKSPACE_SID", WORKSPACE, WorkspaceSid::parse);
        let taskrouter_url = self.with_default("TASKROUTER_URL", "https://taskrouter.twilio.com", BASE, base_url);
        Some(Upstreams {
            secret_id: secret_id?,
            workspace: workspace?,
            taskrouter_url: taskrouter_url?,
        })
    }

    fn required<T>(&mut self, name: &str, what: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        match self.value(name) {
            Some(text) => self.parsed(name, &text, what, parse),
            None => {
                self.faults.push(format!("{name} is missing: it must be {what}"));
                None
            }
        }
    }

    fn optional<T>(&mut self, name: &str, what: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.value(name)?;
        self.parsed(name, &text, what, parse)
    }

    fn with_default<T>(
        &mut self,
        name: &str,
        default: &str,
        what: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.value(name).unwrap_or_else(|| default.to_owned());
        self.parsed(name, &text, what, parse)
    }

    fn parsed<T>(&mut self, name: &str, text: &str, what: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = parse(text);
        if value.is_none() {
            // The value itself stays out: someone may have put a secret there.
            self.faults.push(format!("{name} is malformed: it must be {what}"));
        }
        value
    }

    fn value(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }
}

fn base_url(text: &str) -> Option<String> {
    (is_web_url(text) && !text.contains('?')).then(|| text.trim_end_matches('/').to_owned())
}

fn public_url(text: &str) -> Option<String> {
    (is_web_url(text) && !text.contains('?')).then(|| text.to_owned())
}

fn dotted_path(text: &str) -> Option<String> {
    text.split('.').all(|name| !name.is_empty()).then(|| text.to_owned())
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
            session_url: SessionUrl::parse("https://api.open.cx/chat/sessions/{session_id}").unwrap(),
            session_id_attribute: "session_id".to_owned(),
            public_url: None,
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
        assert!(
            AutoClose::read(lookup(&[
                ("SECRET_ID", "s"),
                ("WORKSPACE_SID", WORKSPACE_SID),
                ("AI_WORKER_SID", WORKER_SID)
            ]))
            .is_ok()
        );
    }
}
