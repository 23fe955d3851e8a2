//! The options of a world.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::lambda::functions::Binaries;
use crate::session_api;
use crate::twilio::{Assumptions, Credentials, Routing};

/// The queue of deferred work, and its dead-letter queue.
pub const QUEUE: &str = "flex-handoff-deferred";
pub const DEAD_LETTER_QUEUE: &str = "flex-handoff-deferred-dead";

/// The queue of `auto-close`, and its dead-letter queue.
pub const CLOSE_QUEUE: &str = "flex-handoff-close";
pub const CLOSE_DEAD_LETTER_QUEUE: &str = "flex-handoff-close-dead";

#[derive(Clone, Debug)]
pub struct Options {
    /// The functions to deploy. None for a world of upstreams only.
    pub binaries: Option<Binaries>,
    pub task_events: FunctionOptions,
    pub handoff: FunctionOptions,
    pub resolve: FunctionOptions,
    pub reply: FunctionOptions,
    pub auto_close: FunctionOptions,
    pub deferred: FunctionOptions,
    /// Whether to create the queue for deferred work and deploy `deferred` to read it.
    pub queue: bool,
    /// The time that a batch of deferred work waits for further messages.
    pub batching_window: Duration,
    /// Whether `auto-close` has a queue. `task-events` sends the tasks that may have to be closed there.
    pub close_queue: bool,
    /// Whether TaskRouter sends its events to `task-events`, and also to `auto-close` if there is no close queue.
    pub callbacks: bool,
    /// The fragment of the callbacks' URLs: empty, or connection overrides such as `#rc=5&rp=5xx,ct,rt`.
    pub connection_overrides: String,
    pub credentials: Credentials,
    pub session_api: session_api::Settings,
    /// The secret's text. The default matches the credentials and the session API's token.
    pub secret: Option<String>,
    /// Whether a worker can reject an accepted reservation.
    pub accepted_can_be_rejected: bool,
    /// Answers to questions that Twilio's documentation leaves open.
    pub assumptions: Assumptions,
    /// The number of expression lists that TaskRouter answers within a second. These are the lists with
    /// `EvaluateTaskAttributes`, `EvaluateWorkerAttributes` or `TargetWorkersExpression`.
    pub evaluations_per_second: usize,
    /// How tasks of the world's own workspace are offered to workers.
    pub routing: Routing,
}

/// The configuration of a function.
#[derive(Clone, Debug)]
pub struct FunctionOptions {
    pub timeout: Duration,
    /// The number of concurrent invocations reserved for this function.
    pub reserved_concurrency: Option<usize>,
    /// Variables to set or to leave out (`None`).
    pub environment: BTreeMap<String, Option<String>>,
}

impl FunctionOptions {
    fn with_timeout(timeout: Duration) -> Self {
        Self {
            timeout,
            reserved_concurrency: None,
            environment: BTreeMap::new(),
        }
    }

    /// Sets a variable. Replaces the world's own value.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.insert(name.to_owned(), Some(value.to_owned()));
    }

    /// Leaves out a variable that the world would set.
    pub fn unset(&mut self, name: &str) {
        self.environment.insert(name.to_owned(), None);
    }

    /// The world's variables with these changes.
    pub(crate) fn change(&self, mut environment: BTreeMap<String, String>) -> BTreeMap<String, String> {
        for (variable, value) in &self.environment {
            match value {
                Some(value) => environment.insert(variable.clone(), value.clone()),
                None => environment.remove(variable),
            };
        }
        environment
    }
}

impl Default for Options {
    /// No functions. The timeouts are those of `template.yaml`.
    fn default() -> Self {
        let webhook = FunctionOptions::with_timeout(Duration::from_secs(15));
        let action = FunctionOptions::with_timeout(Duration::from_secs(20));
        Self {
            binaries: None,
            task_events: webhook.clone(),
            handoff: action.clone(),
            resolve: action.clone(),
            reply: action,
            auto_close: webhook,
            deferred: FunctionOptions::with_timeout(Duration::from_secs(180)),
            queue: false,
            batching_window: Duration::from_secs(5),
            close_queue: false,
            callbacks: true,
            connection_overrides: String::new(),
            credentials: Credentials::default(),
            session_api: session_api::Settings::default(),
            secret: None,
            accepted_can_be_rejected: false,
            assumptions: Assumptions::default(),
            evaluations_per_second: 3,
            routing: Routing::ByHand,
        }
    }
}
