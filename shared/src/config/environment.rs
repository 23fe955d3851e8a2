//! Reads environment variables for all functions and collects their faults.

use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use url::Url;

use super::faults::Faults;
use super::session::{BodyKey, RemovedValue, SessionAuth, SessionKeys, SessionSettings};
use super::session_url::{SessionUrl, web_url};
use super::{AiWorkers, AutoCloseScope, CloseQueue, NotePolicy, NoteSettings, Upstreams};
use crate::twilio::sid::{WorkerSid, WorkspaceSid};

/// The longest delay that SQS allows for a message.
const MAX_DELAY_SECONDS: u64 = 900;

const BASE_URL: &str = "an http or https URL without query and fragment";
const SESSION_URL: &str = "an http or https URL without fragment, with no placeholder but {session_id}, {task_sid} and \
                           {conversation_sid}, and none of them before its path";
const DEFAULT_NOTE: &str =
    "Handed off by the AI agent\n\n{summary}\n\nSentiment: {sentiment}\nReason: {reason}\nLanguage: {language}";

pub(super) struct Environment<F> {
    lookup: F,
    pub(super) faults: Faults,
}

impl<F: Fn(&str) -> Option<String>> Environment<F> {
    pub(super) fn new(lookup: F) -> Self {
        Self {
            lookup,
            faults: Faults::default(),
        }
    }

    pub(super) fn upstreams(&mut self) -> Option<Upstreams> {
        let secret_id = self.required("SECRET_ID", "the name or ARN of a secret", owned);
        let workspace = self.required(
            "WORKSPACE_SID",
            "a workspace's SID (WS and 32 hexadecimal digits)",
            WorkspaceSid::parse,
        );
        let taskrouter_url = self.base_url("TASKROUTER_URL", "https://taskrouter.twilio.com");
        Some(Upstreams {
            secret_id: secret_id?,
            workspace: workspace?,
            taskrouter_url: taskrouter_url?,
        })
    }

    pub(super) fn conversations_url(&mut self) -> Option<Url> {
        self.base_url("CONVERSATIONS_URL", "https://conversations.twilio.com")
    }

    pub(super) fn flex_url(&mut self) -> Option<Url> {
        self.base_url("FLEX_URL", "https://flex-api.twilio.com")
    }

    /// The AI's workers. At least one is required.
    pub(super) fn ai_workers(&mut self) -> Option<AiWorkers> {
        let (name, value) = self.ai_worker_variable();
        let expected = "workers' SIDs (WK and 32 hexadecimal digits), separated by commas";
        self.faults.required(name, value.as_deref(), expected, ai_workers)
    }

    /// The AI's workers. If there are none, no reservation is the AI's.
    pub(super) fn optional_ai_workers(&mut self) -> Option<AiWorkers> {
        let (_, value) = self.ai_worker_variable();
        match value {
            None => Some(AiWorkers::default()),
            Some(_) => self.ai_workers(),
        }
    }

    fn ai_worker_variable(&self) -> (&'static str, Option<String>) {
        match (self.value("AI_WORKER_SIDS"), self.value("AI_WORKER_SID")) {
            (None, Some(one)) => ("AI_WORKER_SID", Some(one)),
            (several, _) => ("AI_WORKER_SIDS", several),
        }
    }

    pub(super) fn sessions(&mut self) -> Option<SessionSettings> {
        let url = self.required("SESSION_URL", SESSION_URL, SessionUrl::parse);
        let method = self.with_default("SESSION_METHOD", "PATCH", "PATCH, PUT or POST", |text| match text {
            "PATCH" => Some(Method::PATCH),
            "PUT" => Some(Method::PUT),
            "POST" => Some(Method::POST),
            _ => None,
        });
        let body_key = self.value_or_empty("SESSION_BODY_KEY", "custom_data");
        let body_key = self.faults.required(
            "SESSION_BODY_KEY",
            Some(&body_key),
            "a dotted path of names, or empty",
            BodyKey::parse,
        );
        let auth = self.session_auth();
        let headers = self.session_headers(auth.as_ref().map(|auth| &auth.header));
        let keys = self.with_default(
            "SESSION_KEYS",
            "*",
            "names of keys, separated by commas",
            SessionKeys::parse,
        );
        let removed = self.with_default("SESSION_REMOVED", "blank", "blank or null", |text| match text {
            "blank" => Some(RemovedValue::Blank),
            "null" => Some(RemovedValue::Null),
            _ => None,
        });
        let id_attribute = self.session_id_attribute();
        Some(SessionSettings {
            url: url?,
            method: method?,
            body_key: body_key?,
            auth: auth?,
            headers: headers?,
            keys: keys?,
            removed: removed?,
            id_attribute: id_attribute?,
        })
    }

    fn session_auth(&mut self) -> Option<SessionAuth> {
        let header = self.with_default(
            "SESSION_AUTH_HEADER",
            "Authorization",
            "the name of a header",
            header_name,
        );
        let scheme = self.value_or_empty("SESSION_AUTH_SCHEME", "Bearer");
        let scheme = self.faults.required(
            "SESSION_AUTH_SCHEME",
            Some(&scheme),
            "a scheme of visible ASCII characters, or empty",
            |text| {
                text.bytes()
                    .all(|byte| byte.is_ascii_graphic())
                    .then(|| text.to_owned())
            },
        );
        Some(SessionAuth {
            header: header?,
            scheme: scheme?,
        })
    }

    fn session_headers(&mut self, auth: Option<&HeaderName>) -> Option<HeaderMap> {
        let expected = "lines of the form 'name: value', without the header that authenticates";
        let headers = self.optional("SESSION_HEADERS", expected, |text| header_lines(text, auth));
        match headers {
            None if self.value("SESSION_HEADERS").is_none() => Some(HeaderMap::new()),
            headers => headers,
        }
    }

    pub(super) fn session_id_attribute(&mut self) -> Option<String> {
        self.with_default(
            "SESSION_ID_ATTRIBUTE",
            "session_id",
            "a dotted path of names",
            dotted_path,
        )
    }

    pub(super) fn session_rate(&mut self) -> Option<u32> {
        let rate = |text: &str| text.parse().ok().filter(|rate| *rate > 0);
        self.with_default("SESSION_RATE", "50", "a number of writes a minute, at least 1", rate)
    }

    pub(super) fn note(&mut self) -> Option<NoteSettings> {
        let policy = self.with_default(
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
        let author = self.with_default("NOTE_AUTHOR", "system", "a name", owned);
        let template = self.with_default("NOTE_TEMPLATE", DEFAULT_NOTE, "a text", owned);
        Some(NoteSettings {
            policy: policy?,
            author: author?,
            template: template?,
        })
    }

    /// Whether a rejected reservation is a reason to close, from `AUTO_CLOSE_ON`.
    pub(super) fn close_on_rejection(&mut self) -> Option<bool> {
        let expected = "wrapup or wrapup,rejection";
        self.with_default("AUTO_CLOSE_ON", "wrapup", expected, |text| {
            let mut causes: Vec<_> = text.split(',').map(str::trim).collect();
            causes.sort_unstable();
            match causes.as_slice() {
                ["wrapup"] => Some(false),
                ["rejection", "wrapup"] => Some(true),
                _ => None,
            }
        })
    }

    pub(super) fn auto_close_scope(&mut self) -> Option<AutoCloseScope> {
        self.with_default("AUTO_CLOSE_SCOPE", "ai", "ai or all", |text| match text {
            "ai" => Some(AutoCloseScope::Ai),
            "all" => Some(AutoCloseScope::All),
            _ => None,
        })
    }

    /// The queue of `auto-close` with the delay of its messages. `Some(None)` if there is no such queue.
    pub(super) fn close_queue(&mut self) -> Option<Option<CloseQueue>> {
        let has_url = self.value("CLOSE_QUEUE_URL").is_some();
        let url = self.optional("CLOSE_QUEUE_URL", BASE_URL, queue_url);
        let seconds = |text: &str| text.parse().ok().filter(|seconds| *seconds <= MAX_DELAY_SECONDS);
        let delay = self.with_default("AUTO_CLOSE_DELAY", "0", "whole seconds, 0 to 900", seconds);
        let delay = Duration::from_secs(delay?);
        match (has_url, url) {
            (false, _) => Some(None),
            (true, url) => Some(Some(CloseQueue { url: url?, delay })),
        }
    }

    pub(super) fn public_url(&mut self) -> Option<String> {
        self.optional("PUBLIC_URL", BASE_URL, public_url)
    }

    pub(super) fn queue_url(&mut self) -> Option<String> {
        self.optional("QUEUE_URL", BASE_URL, queue_url)
    }

    fn base_url(&mut self, name: &str, default: &str) -> Option<Url> {
        self.with_default(name, default, BASE_URL, base_url)
    }

    pub(super) fn required<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name);
        self.faults.required(name, value.as_deref(), expected, parse)
    }

    pub(super) fn optional<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name);
        self.faults.optional(name, value.as_deref(), expected, parse)
    }

    pub(super) fn with_default<T>(
        &mut self,
        name: &str,
        default: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let value = self.value(name);
        self.faults
            .optional(name, Some(value.as_deref().unwrap_or(default)), expected, parse)
    }

    /// The value of a variable. An empty value counts as not set, since a template can't omit a variable.
    fn value(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }

    /// The value of a variable where an empty value has a meaning.
    fn value_or_empty(&self, name: &str, default: &str) -> String {
        (self.lookup)(name).map_or_else(|| default.to_owned(), |text| text.trim().to_owned())
    }
}

pub(super) fn owned(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn ai_workers(text: &str) -> Option<AiWorkers> {
    let sids = text.split(',').map(|sid| WorkerSid::parse(sid.trim()));
    sids.collect::<Option<Vec<_>>>().map(AiWorkers)
}

fn header_name(text: &str) -> Option<HeaderName> {
    HeaderName::try_from(text).ok()
}

fn header_lines(text: &str, auth: Option<&HeaderName>) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':')?;
        let name = header_name(name.trim()).filter(|name| Some(name) != auth)?;
        headers.append(name, HeaderValue::from_str(value.trim()).ok()?);
    }
    Some(headers)
}

fn base_url(text: &str) -> Option<Url> {
    web_url(text.trim_end_matches('/')).filter(|url| url.query().is_none())
}

/// The URL exactly as written, since Twilio signs that text.
fn public_url(text: &str) -> Option<String> {
    base_url(text).map(|_| text.to_owned())
}

/// The URL in SQS's own form.
fn queue_url(text: &str) -> Option<String> {
    base_url(text).map(|_| text.trim_end_matches('/').to_owned())
}

fn dotted_path(text: &str) -> Option<String> {
    text.split('.').all(|name| !name.is_empty()).then(|| text.to_owned())
}
