//! TaskRouter's expression language and workflow routing, without network, clock or randomness. The time and the
//! workers' states are arguments, so a simulator can move its clock and ask again.
//!
//! ```
//! use std::time::Duration;
//! use workflow::{Activity, Task, TaskOrder, TaskQueue, Worker, WorkerChannel, Workflow, Workspace};
//!
//! let workflow: Workflow = r#"{"task_routing": {"filters": [{
//!     "filter_friendly_name": "People",
//!     "expression": "handedOff == true",
//!     "targets": [
//!         {"queue": "WQ1", "expression": "task.language IN worker.languages", "timeout": 30},
//!         {"priority": 10}
//!     ]
//! }]}}"#.parse()?;
//!
//! let queues = [TaskQueue {
//!     sid: "WQ1".into(),
//!     friendly_name: "Everyone".into(),
//!     target_workers: TaskQueue::read_target_workers("1==1")?,
//!     max_reserved_workers: 1,
//!     task_order: TaskOrder::Fifo,
//! }];
//! let chat = WorkerChannel { capacity: 3, available: true, reservations: 1, assigned: 1 };
//! let workers = [Worker {
//!     sid: "WK1".into(),
//!     friendly_name: "Ana".into(),
//!     attributes: serde_json::json!({"languages": ["en"]}),
//!     activity: Activity { sid: "WA1".into(), name: "Available".into(), available: true },
//!     channels: [("chat".into(), chat)].into(),
//!     idle: Duration::from_secs(60),
//! }];
//! let workspace = Workspace { queues: &queues, workers: &workers };
//! let mut task = Task {
//!     attributes: serde_json::json!({"handedOff": true, "language": "es"}),
//!     channel: "chat".into(),
//!     priority: 0,
//!     age: Duration::ZERO,
//! };
//!
//! let route = workflow.enter(&task, workspace);
//! assert!(route.offered.is_empty());
//! let place = route.place.ok_or("the task has left the workflow")?;
//! assert_eq!(place.deadline, Some(Duration::from_secs(30)));
//!
//! task.age = Duration::from_secs(30);
//! let route = workflow.stay(&task, workspace, &place);
//! assert_eq!(route.offered, ["WK1"]);
//! assert_eq!(
//!     route.to_string(),
//!     r#"The task is in queue "Everyone" (WQ1) and offered to Ana.
//!   target 1: its time is up
//!   target 2: queue "Everyone" (WQ1), with priority 10
//!     ✓ Ana (WK1): is offered the task"#
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Contents
//!
//! - [`Expression`]: the whole language. Errors point at the place, and an evaluation gives the result of each
//!   comparison and the value of each name.
//! - [`Workflow`]: its JSON in every form found on Twilio's pages and in public workflows.
//! - Routing: [`Workflow::enter`], [`Workflow::reevaluate`] and [`Workflow::stay`] give a [`Route`]: the place where
//!   the task waits and its deadline, the offered workers, and each [`Step`] on the way there. A waiting task keeps its
//!   [`Place`].
//! - [`example()`]: attributes of a task that matches some filters and not others, to route as a sample.
//!   [`Expression::for_worker`] turns a target's expression into an expression about the task.
//! - [`Waiting::compare`]: the order in which waiting tasks are offered.
//!
//! # Missing on purpose
//!
//! The states of tasks and reservations, the events and the clock belong to the simulator. A task is routed while
//! `pending`.
//!
//! - Call [`enter`](Workflow::enter) for a new task.
//! - Call [`reevaluate`](Workflow::reevaluate) after a rejected, canceled or timed-out reservation.
//! - Call [`stay`](Workflow::stay) at the task's deadline and after a change of workers.
//!
//! Workspaces without multi-tasking are not simulated: every new workspace has multi-tasking.
//!
//! # What is not known
//!
//! Twilio documents the language and the routing in prose and examples. If both leave a question open, a form that is
//! on no page and in no public workflow is refused, and names are read strictly: a workflow that works here then has
//! the best chance to work at Twilio.
//!
//! - `filters` without `task_routing`, `friendly_name`, `friendlyName` and `task_queue_sid`: taken. ("Known Agent
//!   Routing", and helper libraries with their guides, have them.)
//! - A member twice: the last counts. (As with most readers of JSON.) Members that routing doesn't know, such as a
//!   `default_filter` beside `task_routing`: passed over. (Public workflows have them.) A known name in another spelling,
//!   such as `target`, and neither `filters` nor `default_filter`: refused. (The workflow would lead nowhere.)
//! - Word operators in lower case: taken. (`in` and `contains` are on Twilio's pages, `has` is in people's
//!   workflows.)
//! - `=`: read as `==`. ("Ordering Workers" and "Multitasking" have it.)
//! - `True`, `None` and the like: names, and most likely missing ones. (Only `true` and `false` are documented, and
//!   `null` in examples.)
//! - `NOT` before a comparison or a parenthesis: taken, and binds tighter than `AND`. (Regal, who build on TaskRouter,
//!   tell their customers so. It is on no page of Twilio's.)
//! - A name alone, names in arrays, names in quotes in a path, escapes in strings, exponents, `&&`, `||`, `<>`:
//!   refused. (They are on no page of Twilio's, nor in any public workflow that we found.)
//! - Negative numbers: taken. (Attributes have them.)
//! - `AND` before `OR`: yes. (As in SQL; Regal say so too.)
//! - Values of different types: never equal, so that `!=` holds. (Twilio only says that they "should be avoided", but
//!   workflows in production rely on `missing != true`.)
//! - An array with `== null` and `!= null`: asks whether there is one. ("Workflows and Assignment" has
//!   `preferred_agents != null`, against the rule that scalar operators on arrays are false.)
//! - `NOT IN` with a missing array: false. (Null is no array, and "array operators on two scalar values" are false.)
//! - `<` and the like on strings: by code point. On a number and a string, even one of digits: false. (Not said.)
//! - `CONTAINS` on numbers: false. (Not said.)
//! - `task.` in a filter, or no prefix in a target: missing, with a hint. ("All attributes must be prefixed" is said
//!   of targets only. A tutorial whose filter is `'support' IN task.skillsNeeded` has to put `skillsNeeded` into an
//!   attribute called `task`.)
//! - `worker.` in `TargetWorkers` and `TargetWorkersExpression`: optional. ("Multitasking" writes `worker.channel.voice`,
//!   and the page on queues has no prefix.) An attribute called `worker` hides the fields behind the prefix.
//! - An attribute of the name of a worker's field, such as `sid`: hides the field. ("Multitasking" has people set
//!   `sid`.)
//! - `order_by` without a direction: ascending. (As in SQL.)
//! - `order_by` where an attribute is no integer: ignored as a whole. ("The expression is ignored".)
//! - Both kinds of known worker: the SID counts. (Twilio says "not both".)
//! - A filter without an expression: matches. (As a target without one does.)
//! - A timeout of the default filter: ignored. ("There is no timeout attribute", but helper libraries write it.)
//! - When a target times out: when the task has been in the filter for the sum of the timeouts up to it, those of
//!   skipped targets included. ("The sum of Q1 and Q2 timeouts" in "Timeout evaluation"; whether that counts from the
//!   task's creation where a task came into the filter later, is not said.)
//! - After a filter's last timeout: the next filter that matches, but not the default one. ("From one filter to the
//!   next matching filter (if existing)" in "Workflows Overview"; Regal tell their customers that it is canceled.)
//! - A reservation that fails before its target's timeout: leaves the task in the target. (So "Workflows and
//!   Assignment"; in the example of "Timeout evaluation" it goes on to the next one.)
//! - A target that was skipped: not tried again in a re-evaluation that comes to the same filter. (Not said.)
//! - A filter whose last target was skipped, after others timed out: counts as skipped. (Not said.)
//! - The priority of a skipped target: stays with the task. (Not said.)
//!
//! The pages are those under <https://www.twilio.com/docs/taskrouter>.

mod binding;
mod configuration;
mod evaluation;
mod example;
mod explanation;
mod expression;
mod offer;
mod order_by;
mod position;
mod queue;
mod route;
mod routing;
mod scope;
mod step;
mod task;
mod worker;

pub use configuration::{ConfigurationError, Filter, KnownWorker, Target, Workflow};
pub use evaluation::{Evaluation, Part, Reference};
pub use example::example;
pub use expression::{Expression, ParseError, Path};
pub use offer::{Considered, Verdict};
pub use order_by::OrderBy;
pub use position::Position;
pub use queue::{TaskOrder, TaskQueue, Waiting};
pub use route::{Place, Route};
pub use scope::{Headcount, Scope};
pub use step::Step;
pub use task::{Task, Workspace};
pub use worker::{Activity, Worker, WorkerChannel};
