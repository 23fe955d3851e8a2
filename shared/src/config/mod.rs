//! The configuration of each function, read from environment variables at cold start. Nothing else reads the
//! environment, except for AWS's own variables and the variables that name certificate roots.

mod auto_close;
mod deferred;
mod environment;
pub mod faults;
mod handoff;
mod reply;
mod resolve;
mod session;
pub mod session_url;
mod task_events;

use std::time::Duration;

use url::Url;

use crate::twilio::sid::{WorkerSid, WorkspaceSid};

pub use auto_close::{AutoCloseConfig, ConversationEnd};
pub use deferred::DeferredConfig;
pub use handoff::HandoffConfig;
pub use reply::ReplyConfig;
pub use resolve::ResolveConfig;
pub use session::{BodyKey, RemovedValue, SessionAuth, SessionKeys, SessionSettings};
pub use task_events::TaskEventsConfig;

/// The settings of every function.
#[derive(Debug, PartialEq, Eq)]
pub struct Upstreams {
    /// `SECRET_ID`: name or ARN of the secret.
    pub secret_id: String,
    /// `WORKSPACE_SID`.
    pub workspace: WorkspaceSid,
    /// `TASKROUTER_URL`.
    pub taskrouter_url: Url,
}

/// `AI_WORKER_SIDS`: the AI's workers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AiWorkers(pub Vec<WorkerSid>);

impl AiWorkers {
    /// Whether this is an AI worker.
    pub fn contains(&self, worker: Option<&WorkerSid>) -> bool {
        worker.is_some_and(|worker| self.0.contains(worker))
    }
}

/// The queue of `auto-close`, as its senders see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseQueue {
    /// `CLOSE_QUEUE_URL`.
    pub url: String,
    /// `AUTO_CLOSE_DELAY`.
    pub delay: Duration,
}

/// `AUTO_CLOSE_SCOPE`: the tasks that are closed at wrap-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoCloseScope {
    /// Tasks that the AI ended.
    Ai,
    /// Every task.
    All,
}

/// The note for the human agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSettings {
    /// `HANDOFF_NOTE`.
    pub policy: NotePolicy,
    /// `NOTE_AUTHOR`.
    pub author: String,
    /// `NOTE_TEMPLATE`.
    pub template: String,
}

/// `HANDOFF_NOTE`: the conversations that get a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotePolicy {
    /// Conversations with chat participants only. On SMS or WhatsApp the note would be sent to the customer.
    ChatOnly,
    Always,
    Never,
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
    use http::header::AUTHORIZATION;
    use http::{HeaderMap, Method};

    use super::*;
    use crate::config::session_url::SessionUrl;

    const WORKSPACE_SID: &str = "WS00000000000000000000000000000001";
    const WORKER_SID: &str = "WK00000000000000000000000000000001";
    const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/q";

    const REQUIRED: [(&str, &str); 4] = [
        ("SECRET_ID", "flex"),
        ("WORKSPACE_SID", WORKSPACE_SID),
        ("AI_WORKER_SIDS", WORKER_SID),
        ("SESSION_URL", "https://api.example/sessions/{session_id}"),
    ];

    /// The required variables and further variables. The last value of a name counts.
    fn lookup<'v>(more: &'v [(&'v str, &'v str)]) -> impl Fn(&str) -> Option<String> + 'v {
        move |name| {
            let mut all = REQUIRED.iter().chain(more);
            all.rfind(|(variable, _)| *variable == name)
                .map(|(_, value)| (*value).to_owned())
        }
    }

    fn workers(sids: &[&str]) -> AiWorkers {
        AiWorkers(sids.iter().map(|sid| WorkerSid::parse(sid).unwrap()).collect())
    }

    #[test]
    fn optional_variables_have_defaults() {
        let expected = TaskEventsConfig {
            upstreams: Upstreams {
                secret_id: "flex".to_owned(),
                workspace: WorkspaceSid::parse(WORKSPACE_SID).unwrap(),
                taskrouter_url: Url::parse("https://taskrouter.twilio.com").unwrap(),
            },
            ai_workers: AiWorkers::default(),
            sessions: SessionSettings {
                url: SessionUrl::parse("https://api.example/sessions/{session_id}").unwrap(),
                method: Method::PATCH,
                body_key: BodyKey::parse("custom_data").unwrap(),
                auth: SessionAuth {
                    header: AUTHORIZATION,
                    scheme: "Bearer".to_owned(),
                },
                headers: HeaderMap::new(),
                keys: SessionKeys::parse("*").unwrap(),
                removed: RemovedValue::Blank,
                id_attribute: "session_id".to_owned(),
            },
            public_url: None,
            queue_url: None,
            close_queue: None,
            close_on_rejection: false,
        };
        let read = TaskEventsConfig::read(lookup(&[("AI_WORKER_SIDS", ""), ("PUBLIC_URL", "")]));
        assert_eq!(read, Ok(expected));
        let handoff = HandoffConfig::read(lookup(&[])).unwrap();
        let template = "Handed off by the AI agent\n\n{summary}\n\nSentiment: {sentiment}\nReason: {reason}\n\
                        Language: {language}";
        let expected = NoteSettings {
            policy: NotePolicy::ChatOnly,
            author: "system".to_owned(),
            template: template.to_owned(),
        };
        assert_eq!(handoff.note, expected);
        assert_eq!(ReplyConfig::read(lookup(&[])).unwrap().author, "AI Support Agent");
        assert_eq!(DeferredConfig::read(lookup(&[])).unwrap().session_rate, 50);
    }

    /// `.ci/patterns.py` holds the patterns of the template's parameters to the same table.
    #[test]
    fn settings_are_read_as_the_table_says() {
        #[derive(serde::Deserialize)]
        struct Row {
            variable: String,
            value: String,
            function: bool,
        }
        let table: Vec<Row> = serde_json::from_str(include_str!("../../../tests/settings.json")).unwrap();
        for row in table {
            let read = TaskEventsConfig::read(lookup(&[(&row.variable, &row.value)]));
            assert_eq!(read.is_ok(), row.function, "{}: {:?}", row.variable, row.value);
        }
    }

    #[test]
    fn every_variable_at_fault_is_named_and_no_value_is() {
        let faults = |read: Result<(), Vec<String>>| {
            let faults = read.unwrap_err();
            assert!(!faults.concat().contains("hunter2"), "{faults:?}");
            let names = faults
                .iter()
                .filter_map(|fault| fault.split(' ').next().map(str::to_owned));
            names.collect::<Vec<_>>()
        };
        let wrong = [
            ("SECRET_ID", " "),
            ("WORKSPACE_SID", "hunter2"),
            ("TASKROUTER_URL", "hunter2"),
            ("CONVERSATIONS_URL", "ftp://hunter2"),
            ("FLEX_URL", "hunter2"),
            ("AI_WORKER_SIDS", "hunter2"),
            ("HANDOFF_NOTE", "hunter2"),
            ("HANDOFF_WORKFLOW_SID", "hunter2"),
            ("QUEUE_URL", "hunter2"),
        ];
        let expected = wrong.map(|(name, _)| name);
        assert_eq!(faults(HandoffConfig::read(lookup(&wrong)).map(drop)), expected);
        let wrong = [
            ("AUTO_CLOSE_ON", "hunter2"),
            ("SESSION_URL", ""),
            ("SESSION_METHOD", "GET"),
            ("SESSION_BODY_KEY", "."),
            ("SESSION_AUTH_HEADER", "hunter 2"),
            ("SESSION_AUTH_SCHEME", "hunter 2"),
            ("SESSION_HEADERS", "hunter2"),
            ("SESSION_KEYS", "hunter*2"),
            ("SESSION_REMOVED", "hunter2"),
            ("SESSION_ID_ATTRIBUTE", "."),
            ("PUBLIC_URL", "/hunter2"),
            ("CLOSE_QUEUE_URL", "hunter2"),
            ("AUTO_CLOSE_DELAY", "901"),
        ];
        let expected = wrong.map(|(name, _)| name);
        assert_eq!(faults(TaskEventsConfig::read(lookup(&wrong)).map(drop)), expected);
        let wrong = [("AUTO_CLOSE_SCOPE", "hunter2"), ("AUTO_CLOSE_CONVERSATION", "hunter2")];
        let expected = wrong.map(|(name, _)| name);
        assert_eq!(faults(AutoCloseConfig::read(lookup(&wrong)).map(drop)), expected);
        let wrong = [("RESOLVED_ATTRIBUTE", "handedOff"), ("SESSION_RESOLVED_BODY", "[]")];
        let expected = wrong.map(|(name, _)| name);
        assert_eq!(faults(ResolveConfig::read(lookup(&wrong)).map(drop)), expected);
    }

    #[test]
    fn ai_workers_are_a_list_under_either_name() {
        let read = |more: &[(&str, &str)]| ReplyConfig::read(lookup(more)).map(|config| config.ai_workers);
        let other = WORKER_SID.replace('1', "2");
        let both = format!("{WORKER_SID}, {other}");
        assert_eq!(read(&[("AI_WORKER_SIDS", &both)]), Ok(workers(&[WORKER_SID, &other])));
        assert_eq!(
            read(&[("AI_WORKER_SIDS", ""), ("AI_WORKER_SID", &other)]),
            Ok(workers(&[&other]))
        );
        assert_eq!(read(&[("AI_WORKER_SID", &other)]), Ok(workers(&[WORKER_SID])));
        for missing in ["", " "] {
            assert!(read(&[("AI_WORKER_SIDS", missing)]).is_err());
        }
        let on_rejection = [("AUTO_CLOSE_ON", "wrapup,rejection"), ("AI_WORKER_SIDS", "")];
        assert!(TaskEventsConfig::read(lookup(&on_rejection)).is_err());
        assert!(TaskEventsConfig::read(lookup(&on_rejection[1..])).is_ok());
    }

    #[test]
    fn empty_body_key_and_scheme_have_a_meaning() {
        let config = DeferredConfig::read(lookup(&[("SESSION_BODY_KEY", ""), ("SESSION_AUTH_SCHEME", "")])).unwrap();
        assert_eq!(config.sessions.body_key, BodyKey::parse("").unwrap());
        assert_eq!(config.sessions.auth.scheme, "");
    }

    #[test]
    fn session_headers_are_lines_without_the_auth_header() {
        let read = |headers: &str, auth: &str| {
            let more = [("SESSION_HEADERS", headers), ("SESSION_AUTH_HEADER", auth)];
            DeferredConfig::read(lookup(&more)).map(|config| config.sessions.headers)
        };
        let headers = read("Accept-Version: 2\n\nX-Team : flex: handoff\n", "").unwrap();
        let pairs: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        assert_eq!(pairs, [("accept-version", "2"), ("x-team", "flex: handoff")]);
        assert!(read("authorization: x", "").is_err());
        assert!(read("authorization: x", "api-token").is_ok());
        assert!(read("API-Token: x", "api-token").is_err());
    }

    #[test]
    fn trailing_slashes_count_only_for_the_signature() {
        let config = AutoCloseConfig::read(lookup(&[
            ("TASKROUTER_URL", "https://a.example/twilio//"),
            ("CLOSE_QUEUE_URL", &format!("{QUEUE}/")),
            ("PUBLIC_URL", "https://a.example/auto-close/"),
        ]));
        let config = config.unwrap();
        assert_eq!(config.upstreams.taskrouter_url.as_str(), "https://a.example/twilio");
        assert_eq!(config.close_queue.unwrap().url, QUEUE);
        assert_eq!(config.public_url.as_deref(), Some("https://a.example/auto-close/"));
    }

    #[test]
    fn delay_is_at_most_a_quarter_of_an_hour() {
        let read = |delay: &str, url: &str| {
            let more = [("AUTO_CLOSE_DELAY", delay), ("CLOSE_QUEUE_URL", url)];
            AutoCloseConfig::read(lookup(&more)).map(|config| config.close_queue)
        };
        for (delay, seconds) in [("", 0), ("0", 0), ("1", 1), ("900", 900)] {
            let queue = CloseQueue {
                url: QUEUE.to_owned(),
                delay: Duration::from_secs(seconds),
            };
            assert_eq!(read(delay, QUEUE), Ok(Some(queue)));
            assert_eq!(read(delay, ""), Ok(None));
        }
        for malformed in ["901", "-1", "1.5", "1s"] {
            let expected = ["AUTO_CLOSE_DELAY is malformed: it must be whole seconds, 0 to 900"];
            assert_eq!(read(malformed, QUEUE).unwrap_err(), expected);
        }
    }
}
