//! TaskRouter's expression language, pure: no network, no clock, no randomness.

mod expression;
mod scope;
mod worker;

pub use expression::{Evaluation, Expression, ParseError, Part, Path, Reference, Segment};
pub use scope::{Headcount, Scope};
pub use worker::{Activity, Worker, WorkerChannel};
