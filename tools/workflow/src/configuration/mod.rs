//! A workflow's configuration as JSON, the form that TaskRouter takes.
//!
//! <https://www.twilio.com/docs/taskrouter/workflow-configuration>

use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;

pub use self::error::ConfigurationError;
use self::field::Object;
use crate::expression::{Expression, Path, find};
use crate::order_by::OrderBy;

mod error;
mod field;
mod literal;

/// A workflow: its filters and the default target for tasks that match no filter.
///
/// Parse a workflow from its JSON with [`str::parse`]. Several forms are read:
///
/// - `task_routing` around the filters is optional, since Twilio's pages have both forms.
/// - Numbers may be strings.
/// - Absent values may be null or empty strings.
/// - Names may be today's or those of Twilio's helper libraries (`friendly_name`, `friendlyName`, `task_queue_sid`).
/// - The last of several members with the same name counts.
/// - Unknown members are ignored, except for a known name in another spelling: `target` for `targets` would make a
///   filter that leads nowhere.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// From top to bottom.
    pub filters: Vec<Filter>,
    /// `default_filter`: the target of tasks that match no filter.
    pub default: Option<Target>,
}

/// A filter: an expression over tasks and the targets of the tasks that match.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// `filter_friendly_name`.
    pub friendly_name: Option<String>,
    /// An expression over the task's attributes. A filter without an expression matches every task.
    pub expression: Option<Expression>,
    /// From top to bottom; "routing steps" in the Console.
    pub targets: Vec<Target>,
}

/// A target: a queue, a selection of its workers and a timeout.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The queue's SID. If the JSON has none, the previous target's.
    pub queue: String,
    /// An expression over the task and a worker of the queue. Without an expression every worker matches.
    pub expression: Option<Expression>,
    /// The task's new priority. Without a priority the task keeps its own.
    pub priority: Option<i64>,
    /// The time that a task waits here. Without a timeout the task waits until canceled.
    pub timeout: Option<Duration>,
    /// The order of the workers. Without `order_by` the longest idle worker comes first.
    pub order_by: Option<OrderBy>,
    /// An expression over the queue's workers. If no worker can be offered the task at once and this expression holds,
    /// the task goes on.
    pub skip_if: Option<Expression>,
    /// The name of the only worker allowed to get the task.
    pub known_worker: Option<KnownWorker>,
}

/// The attribute that names the known worker, as in `"known_worker_sid": "task.agent_sid"`.
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
    /// The SIDs of all queues in the workflow, in order and with repetitions.
    pub fn queues(&self) -> impl Iterator<Item = &str> {
        let targets = self.filters.iter().flat_map(|filter| &filter.targets);
        targets.chain(&self.default).map(|target| target.queue.as_str())
    }
}

impl FromStr for Workflow {
    type Err = ConfigurationError;

    fn from_str(json: &str) -> Result<Self, ConfigurationError> {
        let document = Object::document(json)?;
        document.check_names(&["task_routing", "filters", "default_filter"])?;
        let routing = document.object("task_routing")?.unwrap_or(document);
        routing.check_names(&["filters", "default_filter"])?;
        routing.check_has_one_of(&["filters", "default_filter"])?;
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
        filter.check_names(&["expression", "targets"])?;
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
        target.check_names(&["queue", "expression", "priority", "timeout", "order_by", "skip_if"])?;
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
    /// The SID or friendly name in a task's attributes. None if the task has no such attribute.
    pub fn wanted<'a>(&self, attributes: &'a Value) -> Option<&'a Value> {
        let (Self::Sid(path) | Self::FriendlyName(path)) = self;
        find(attributes, path.behind("task")?)
    }

    /// Twilio says "not both" and doesn't document the effect of both.
    fn read(target: &Object<'_>) -> Result<Option<Self>, ConfigurationError> {
        let by_sid = target.parsed("known_worker_sid")?.map(Self::Sid);
        let by_name = target.parsed("known_worker_friendly_name")?.map(Self::FriendlyName);
        Ok(by_sid.or(by_name))
    }
}
