//! A record of the applied requests with the data that verdicts need.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use simulator::exchange::Answer;

use super::call::Call;
use crate::fault::Fault;
use crate::scene;

#[derive(Default)]
pub(super) struct Record {
    /// The reads of the task and writes of the session in their order. Each has the number of the call and whether
    /// [`scene::PASSING`] was in it.
    exchanged: Mutex<Vec<(usize, bool)>>,
    /// The SIDs of the posted messages with their processes.
    posted: Mutex<Vec<(String, usize)>>,
    /// The messages that were left on a queue.
    queued: Mutex<Vec<Queued>>,
}

/// A message on a queue.
struct Queued {
    process: usize,
    /// Whether the message asks for a second look after a write.
    is_after_write: bool,
}

impl Record {
    /// Adds an applied request with its body and answer.
    pub(super) fn add(&self, call: &Call, sent: &[u8], own: &Answer) {
        let text = match () {
            () if !own.status.is_success() => return,
            () if call.posts_message() => {
                let message: Value = serde_json::from_slice(&own.body).unwrap_or_default();
                let mut posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
                return posted.push((message["sid"].as_str().unwrap_or_default().to_owned(), call.process));
            }
            () if call.queues_message() => {
                let is_after_write = String::from_utf8_lossy(sent).contains("isAfterWrite");
                let mut queued = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
                return queued.push(Queued {
                    process: call.process,
                    is_after_write,
                });
            }
            () if call.reads_task() => own.text(),
            () if call.writes_session() => String::from_utf8_lossy(sent).into_owned(),
            () => return,
        };
        let mut exchanged = self.exchanged.lock().unwrap_or_else(PoisonError::into_inner);
        exchanged.push((call.number, text.contains(scene::PASSING)));
    }

    /// Whether the last process to write [`scene::PASSING`] to the session then read the task without it. The process
    /// must also have met no fault from the write on, and have left the task on no queue.
    pub(super) fn is_left_behind(&self, calls: &[(Call, Option<Fault>)]) -> bool {
        let exchanged = self.exchanged.lock().unwrap_or_else(PoisonError::into_inner);
        let writes = |number: usize| calls[number].0.writes_session();
        let Some(last) = exchanged
            .iter()
            .rposition(|(number, has_it)| writes(*number) && *has_it)
        else {
            return false;
        };
        let (number, process) = (exchanged[last].0, calls[exchanged[last].0].0.process);
        let is_undisturbed = calls[number..]
            .iter()
            .all(|(call, fault)| call.process != process || fault.is_none());
        let is_known = exchanged[last..]
            .iter()
            .any(|(number, has_it)| calls[*number].0.process == process && calls[*number].0.reads_task() && !has_it);
        is_undisturbed && is_known && !self.has_queued(process, false)
    }

    /// Whether a session write was carried out late, and its process could leave no second look: it was killed, or the
    /// queue had a fault.
    pub(super) fn is_unwatched(&self, calls: &[(Call, Option<Fault>)]) -> bool {
        let late = calls.iter().filter(|(_, fault)| matches!(fault, Some(Fault::Late(_))));
        let is_hindered = |process: usize| {
            calls.iter().any(|(call, fault)| {
                call.process == process
                    && (matches!(fault, Some(Fault::Killed(_))) || call.queues_message() && fault.is_some())
            })
        };
        late.map(|(call, _)| call.process)
            .any(|process| is_hindered(process) && !self.has_queued(process, true))
    }

    /// Whether a process left a message on a queue, for a second look after a write or for the work itself.
    fn has_queued(&self, process: usize, is_after_write: bool) -> bool {
        let queued = self.queued.lock().unwrap_or_else(PoisonError::into_inner);
        queued
            .iter()
            .any(|message| message.process == process && message.is_after_write == is_after_write)
    }

    /// Whether the process that posted a message was killed.
    pub(super) fn was_poster_killed(&self, calls: &[(Call, Option<Fault>)], message_sid: &str) -> bool {
        let posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        let poster = posted.iter().find(|(sid, _)| sid == message_sid);
        let is_kill = |(call, fault): &(Call, Option<Fault>)| {
            poster.is_some_and(|(_, process)| *process == call.process) && matches!(fault, Some(Fault::Killed(_)))
        };
        calls.iter().any(is_kill)
    }
}
