//! One lookup of environment variables for all functions, which says of every one at fault what it must be.

use std::time::Duration;

use url::Url;

use super::{AutoCloseScope, SessionSettings, Upstreams};
use crate::config::session_url::{SessionUrl, web_url};
use crate::twilio::sid::{WorkerSid, WorkspaceSid};

const DEFAULT_SESSION_URL: &str = "https://api.open.cx/chat/sessions/{session_id}";

/// The longest delay that SQS has for a message.
const MAX_DELAY_SECONDS: u64 = 900;

// What a variable must be, for the message about one that isn't.
pub(super) const WORKER: &str = "a worker's SID (WK and 32 hexadecimal digits)";
const WORKSPACE: &str = "a workspace's SID (WS and 32 hexadecimal digits)";
pub(super) const BASE: &str = "an http or https URL without query and fragment";
const PATH: &str = "a dotted path of names";
const SESSION_URL: &str = "an http or https URL without fragment, with no placeholder but {session_id}, {task_sid} and \
                           {conversation_sid}, and none of them before its path";

/// A lookup of environment variables that gathers what is at fault.
pub(super) struct Environment<F> {
    lookup: F,
    pub(super) faults: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    pub(super) fn new(lookup: F) -> Self {
        Self {
            lookup,
            faults: Vec::new(),
        }
    }

    pub(super) fn upstreams(&mut self) -> Option<Upstreams> {
        let secret_id = self.required("SECRET_ID", "the name or ARN of a secret", |text| Some(text.to_owned()));
        let workspace = self.required("WORKSPACE_SID", WORKSPACE, WorkspaceSid::parse);
        let taskrouter_url = self.with_default("TASKROUTER_URL", "https://taskrouter.twilio.com", BASE, base_url);
        Some(Upstreams {
            secret_id: secret_id?,
            workspace: workspace?,
            taskrouter_url: taskrouter_url?,
        })
    }

    pub(super) fn sessions(&mut self) -> Option<SessionSettings> {
        let url = self.with_default("SESSION_URL", DEFAULT_SESSION_URL, SESSION_URL, SessionUrl::parse);
        let id_attribute = self.with_default("SESSION_ID_ATTRIBUTE", "session_id", PATH, dotted_path);
        Some(SessionSettings {
            url: url?,
            id_attribute: id_attribute?,
        })
    }

    pub(super) fn ai_worker(&mut self) -> Option<WorkerSid> {
        self.required("AI_WORKER_SID", WORKER, WorkerSid::parse)
    }

    pub(super) fn auto_close_scope(&mut self) -> Option<AutoCloseScope> {
        self.with_default("AUTO_CLOSE_SCOPE", "ai", "ai or all", |text| match text {
            "ai" => Some(AutoCloseScope::Ai),
            "all" => Some(AutoCloseScope::All),
            _ => None,
        })
    }

    pub(super) fn auto_close_delay(&mut self) -> Option<Duration> {
        let seconds = |text: &str| text.parse().ok().filter(|seconds| *seconds <= MAX_DELAY_SECONDS);
        let delay = self.with_default("AUTO_CLOSE_DELAY", "0", "whole seconds, 0 to 900", seconds);
        delay.map(Duration::from_secs)
    }

    pub(super) fn public_url(&mut self) -> Option<String> {
        self.optional("PUBLIC_URL", BASE, public_url)
    }

    pub(super) fn queue_url(&mut self) -> Option<String> {
        self.optional("QUEUE_URL", BASE, queue_url)
    }

    pub(super) fn required_queue_url(&mut self) -> Option<String> {
        self.required("QUEUE_URL", BASE, queue_url)
    }

    pub(super) fn required<T>(&mut self, name: &str, what: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        match self.value(name) {
            Some(text) => self.parsed(name, &text, what, parse),
            None => {
                self.faults.push(format!("{name} is missing: it must be {what}"));
                None
            }
        }
    }

    pub(super) fn optional<T>(&mut self, name: &str, what: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.value(name)?;
        self.parsed(name, &text, what, parse)
    }

    pub(super) fn with_default<T>(
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

pub(super) fn base_url(text: &str) -> Option<Url> {
    web_url(text.trim_end_matches('/')).filter(|url| url.query().is_none())
}

/// As it was written, since that is what Twilio signs.
fn public_url(text: &str) -> Option<String> {
    base_url(text).map(|_| text.to_owned())
}

/// As SQS names the queue.
fn queue_url(text: &str) -> Option<String> {
    base_url(text).map(|_| text.trim_end_matches('/').to_owned())
}

fn dotted_path(text: &str) -> Option<String> {
    text.split('.').all(|name| !name.is_empty()).then(|| text.to_owned())
}
