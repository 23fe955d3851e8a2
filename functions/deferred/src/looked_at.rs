//! The tasks that were copied, so that messages from before the copy need no work.
//!
//! A burst of events leaves many messages about a single task in different batches. Another write for each message
//! would take some of the few requests that the session API allows a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use flex_handoff::twilio::sid::TaskSid;
use time::OffsetDateTime;

/// The queue's clock and the function's clock may differ by this much. Both are AWS's and differ by milliseconds.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(2);

/// With more tasks than this, all are forgotten. That costs no more than a write for each task.
const MAX_TASKS: usize = 10_000;

/// The tasks that this instance has copied.
#[derive(Default)]
pub(crate) struct LookedAt(Mutex<HashMap<TaskSid, Looked>>);

#[derive(Clone, Copy)]
struct Looked {
    /// The time of the last copy that counts.
    at: OffsetDateTime,
    /// Copies before this time don't count, since a write may still be carried out after them.
    from: OffsetDateTime,
}

impl LookedAt {
    /// Notes that a task's session equals the task at this time or later.
    pub(crate) fn note(&self, task: &TaskSid, at: OffsetDateTime) {
        self.change(task, |looked| {
            if at >= looked.from {
                looked.at = at;
            }
        });
    }

    /// Notes that copies of a task before a time don't count.
    pub(crate) fn need_from(&self, task: &TaskSid, from: OffsetDateTime) {
        self.change(task, |looked| {
            *looked = Looked {
                at: OffsetDateTime::UNIX_EPOCH,
                from,
            };
        });
    }

    /// Whether a task has been copied since this time.
    pub(crate) fn since(&self, task: &TaskSid, time: OffsetDateTime) -> bool {
        let tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tasks
            .get(task)
            .is_some_and(|looked| time + CLOCK_DIFFERENCE < looked.at)
    }

    fn change(&self, task: &TaskSid, change: impl FnOnce(&mut Looked)) {
        let mut tasks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.len() >= MAX_TASKS {
            tasks.clear();
        }
        change(tasks.entry(task.clone()).or_insert(Looked {
            at: OffsetDateTime::UNIX_EPOCH,
            from: OffsetDateTime::UNIX_EPOCH,
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(number: usize) -> TaskSid {
        TaskSid::parse(&format!("WT{number:032x}")).unwrap()
    }

    #[test]
    fn message_sent_before_its_task_was_copied_needs_no_work() {
        let looked_at = LookedAt::default();
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::from_secs(seconds);
        looked_at.note(&task(1), at(100));
        assert!(looked_at.since(&task(1), at(97)));
        for (number, sent) in [(1, 98), (1, 100), (1, 200), (2, 0)] {
            assert!(!looked_at.since(&task(number), at(sent)), "{number} {sent}");
        }
        looked_at.note(&task(1), at(200));
        assert!(looked_at.since(&task(1), at(197)));
    }

    #[test]
    fn copy_before_a_late_write_does_not_count() {
        let looked_at = LookedAt::default();
        let at = |seconds| OffsetDateTime::UNIX_EPOCH + Duration::from_secs(seconds);
        looked_at.note(&task(1), at(100));
        looked_at.need_from(&task(1), at(160));
        assert!(!looked_at.since(&task(1), at(50)));
        looked_at.note(&task(1), at(159));
        assert!(!looked_at.since(&task(1), at(50)));
        looked_at.note(&task(1), at(160));
        assert!(looked_at.since(&task(1), at(50)));
    }

    #[test]
    fn memory_is_bounded() {
        let looked_at = LookedAt::default();
        for number in 0..=MAX_TASKS {
            looked_at.note(&task(number), OffsetDateTime::UNIX_EPOCH);
        }
        assert_eq!(looked_at.0.into_inner().unwrap().len(), 1);
    }
}
