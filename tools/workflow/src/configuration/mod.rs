//! A workflow's configuration, from the JSON that TaskRouter takes.
//!
//! <https://www.twilio.com/docs/taskrouter/workflow-configuration>

use std::str::FromStr;
use std::time::Duration;

pub use self::error::ConfigurationError;
use self::field::Object;
use crate::expression::{Expression, Path};
use crate::order_by::OrderBy;

mod error;
mod field;
mod literal;

/// A workflow: filters, and what is done with a task that none of them matches.
///
/// Made by parsing its JSON ([`str::parse`]): with `task_routing` around it or without, as Twilio's pages have both;
/// numbers as numbers or as strings; null and the empty string for what isn't there; names as they are today or as
/// Twilio's helper libraries write or wrote them (`friendly_name`, `friendlyName`, `task_queue_sid`). Of two members by
/// one name the last counts; members by other names are passed over.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// From top to bottom.
    pub filters: Vec<Filter>,
    /// `default_filter`: for tasks that match no filter.
    pub default: Option<Target>,
}

/// A filter: which tasks, and where to with them.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// `filter_friendly_name`.
    pub friendly_name: Option<String>,
    /// Over the task's attributes; without one, it matches every task.
    pub expression: Option<Expression>,
    /// From top to bottom; "routing steps" in the Console.
    pub targets: Vec<Target>,
}

/// A target: a queue, who of it, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The queue's SID; where the JSON has none, the previous target's.
    pub queue: String,
    /// Over the task and a worker of the queue; without one, every worker matches.
    pub expression: Option<Expression>,
    /// What the task's priority becomes; without one, it stays.
    pub priority: Option<i64>,
    /// How long a task waits here; without one, until it is canceled.
    pub timeout: Option<Duration>,
    /// Which worker comes first; without one, who has been idle for the longest time.
    pub order_by: Option<OrderBy>,
    /// Over the queue's workers: whether the task goes on if nobody can be offered it at once.
    pub skip_if: Option<Expression>,
    /// The one worker that is meant.
    pub known_worker: Option<KnownWorker>,
}

/// Where the task says which worker is meant, as in `"known_worker_sid": "task.agent_sid"`.
///
/// <https://www.twilio.com/docs/taskrouter/workflow-configuration/known-agent-routing>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownWorker {
    /// `known_worker_sid`.
    Sid(Path),
    /// `known_worker_friendly_name`.
    FriendlyName(Path),
}

impl Workflow {
    /// The SIDs of the queues that it names, in their order, each as often as it is named.
    pub fn queues(&self) -> impl Iterator<Item = &str> {
        let targets = self.filters.iter().flat_map(|filter| &filter.targets);
        targets.chain(&self.default).map(|target| target.queue.as_str())
    }
}

impl FromStr for Workflow {
    type Err = ConfigurationError;

    fn from_str(json: &str) -> Result<Self, ConfigurationError> {
        let document = Object::document(json)?;
        let routing = document.object("task_routing")?.unwrap_or(document);
        let filters = routing.objects("filters")?;
        let default = routing.object("default_filter")?;
        Ok(Self {
            filters: filters.iter().map(Filter::read).collect::<Result<_, _>>()?,
            default: default.map(|target| Target::read(&target, None)).transpose()?,
        })
    }
}

impl Filter {
    fn read(filter: &Object<'_>) -> Result<Self, ConfigurationError> {
        let mut targets: Vec<Target> = Vec::new();
        for target in filter.objects("targets")? {
            let previous = targets.last().map(|target| target.queue.clone());
            let target = Target::read(&target, previous)?;
            targets.push(target);
        }
        Ok(Self {
            friendly_name: filter.text(&["filter_friendly_name", "friendly_name", "friendlyName"])?,
            expression: filter.parsed("expression")?,
            targets,
        })
    }
}

impl Target {
    fn read(target: &Object<'_>, previous_queue: Option<String>) -> Result<Self, ConfigurationError> {
        let queue = target.text(&["queue", "task_queue_sid"])?.or(previous_queue);
        Ok(Self {
            queue: queue.ok_or_else(|| target.lacks("queue", "a queue's SID"))?,
            expression: target.parsed("expression")?,
            priority: target.whole_number("priority")?,
            timeout: target.seconds("timeout")?,
            order_by: target.parsed("order_by")?,
            skip_if: target.parsed("skip_if")?,
            known_worker: KnownWorker::read(target)?,
        })
    }
}

impl KnownWorker {
    /// Twilio says "not both"; what it does with both is not documented.
    fn read(target: &Object<'_>) -> Result<Option<Self>, ConfigurationError> {
        let by_sid = target.parsed("known_worker_sid")?.map(Self::Sid);
        let by_name = target.parsed("known_worker_friendly_name")?.map(Self::FriendlyName);
        Ok(by_sid.or(by_name))
    }
}
