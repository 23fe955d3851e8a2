//! TaskRouter's limit on lists that evaluate expressions.

use std::collections::VecDeque;

use time::{Duration, OffsetDateTime};

use super::refusal::Refusal;

/// "3 requests per second" on lists with `EvaluateTaskAttributes`, `EvaluateWorkerAttributes` or
/// `TargetWorkersExpression`.
const LIMIT: usize = 3;

/// The requests of the last second.
#[derive(Debug, Default)]
pub(super) struct Rate(VecDeque<OffsetDateTime>);

impl Rate {
    /// Counts a request, or refuses it.
    pub(super) fn admit(&mut self, now: OffsetDateTime) -> Result<(), Refusal> {
        self.0.retain(|at| now - *at < Duration::SECOND);
        if self.0.len() >= LIMIT {
            return Err(Refusal::too_many_requests());
        }
        self.0.push_back(now);
        Ok(())
    }
}
