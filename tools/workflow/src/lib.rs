//! TaskRouter's expression language and workflows, pure: no network, no clock, no randomness.

mod configuration;
mod expression;
mod order_by;
mod queue;
mod scope;
mod worker;

pub use configuration::{ConfigurationError, Filter, KnownWorker, Target, Workflow};
pub use expression::{Evaluation, Expression, ParseError, Part, Path, Reference, Segment};
pub use order_by::OrderBy;
pub use queue::{TaskOrder, TaskQueue, Waiting};
pub use scope::{Headcount, Scope};
pub use worker::{Activity, Worker, WorkerChannel};
