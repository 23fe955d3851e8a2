//! Which tasks have been looked at, so that what was left before that is known to be done.
//!
//! A burst of events leaves many messages about one task, which come in different batches. Whatever a task held when a
//! message was left is on its session as soon as one that came first is done; another write of it would take one of the
//! few requests that the session API allows a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use flex_handoff::twilio::sid::TaskSid;
use time::OffsetDateTime;

/// The queue's clock and ours may differ by so much. Both are AWS's, and differ by milliseconds.
const DIFFERENCE: Duration = Duration::from_secs(5);

/// With more tasks than this, all are forgotten: that costs no more than a write for each.
const MOST: usize = 10_000;

/// The tasks that this instance has looked at.
#[derive(Default)]
pub(crate) struct LookedAt(Mutex<HashMap<TaskSid, OffsetDateTime>>);

impl LookedAt {
    /// A task's session is as the task was at this time, or later.
    pub(crate) fn note(&self, task: &TaskSid, at: OffsetDateTime) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.len() >= MOST {
            tasks.clear();
        }
        tasks.insert(task.clone(), at);
    }

    /// Whether a task has been looked at since.
    pub(crate) fn since(&self, task: &TaskSid, time: OffsetDateTime) -> bool {
        let tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.get(task).is_some_and(|at| time + DIFFERENCE < *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(number: usize) -> TaskSid {
        TaskSid::parse(&format!("WT{number:032x}")).unwrap()
    }

    #[test]
    fn what_was_left_before_a_look_at_its_task_is_done() {
        let looked_at = LookedAt::default();
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::from_secs(seconds);
        looked_at.note(&task(1), at(100));
        assert!(looked_at.since(&task(1), at(94)));
        for (number, left) in [(1, 95), (1, 100), (1, 200), (2, 0)] {
            assert!(!looked_at.since(&task(number), at(left)), "{number} {left}");
        }
        looked_at.note(&task(1), at(200));
        assert!(looked_at.since(&task(1), at(194)));
    }

    #[test]
    fn memory_is_bounded() {
        let looked_at = LookedAt::default();
        for number in 0..=MOST {
            looked_at.note(&task(number), OffsetDateTime::UNIX_EPOCH);
        }
        assert_eq!(looked_at.0.into_inner().unwrap().len(), 1);
    }
}
