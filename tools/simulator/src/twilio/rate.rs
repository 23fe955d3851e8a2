//! TaskRouter's limit on lists that evaluate expressions.

use std::collections::VecDeque;

use time::{Duration, OffsetDateTime};

use super::refusal::Refusal;

/// The requests of the last second and their limit.
#[derive(Debug)]
pub(super) struct Rate {
    limit: usize,
    recent: VecDeque<OffsetDateTime>,
}

impl Rate {
    pub(super) fn of(limit: usize) -> Self {
        Self {
            limit,
            recent: VecDeque::new(),
        }
    }

    /// Counts a request or refuses it.
    pub(super) fn admit(&mut self, now: OffsetDateTime) -> Result<(), Refusal> {
        self.recent.retain(|at| now - *at < Duration::SECOND);
        if self.recent.len() >= self.limit {
            return Err(Refusal::too_many_requests());
        }
        self.recent.push_back(now);
        Ok(())
    }
}
