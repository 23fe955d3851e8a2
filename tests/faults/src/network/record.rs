//! A record of the applied requests with the data that verdicts need.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use simulator::exchange::Answer;

use super::call::{Call, Sent};
use crate::fault::Fault;
use crate::scene;

#[derive(Default)]
pub(super) struct Record {
    /// The reads of the task and writes of the session in their order. Each has the number of the call and whether
    /// [`scene::PASSING`] was in it.
    exchanged: Mutex<Vec<(usize, bool)>>,
    /// The SIDs of the posted messages with their processes.
    posted: Mutex<Vec<(String, usize)>>,
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
            () if call.reads_task() => own.text(),
            () if call.writes_session() => String::from_utf8_lossy(sent).into_owned(),
            () => return,
        };
        let mut exchanged = self.exchanged.lock().unwrap_or_else(PoisonError::into_inner);
        exchanged.push((call.number, text.contains(scene::PASSING)));
    }

    /// Whether the last process to write [`scene::PASSING`] to the session then read the task without it. The process
    /// must also have met no fault from the write on, and must not have sent the task to a queue.
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
        let is_put_off = calls[number..]
            .iter()
            .any(|(call, _)| call.process == process && call.sends == Some(Sent::Copy));
        is_undisturbed && is_known && !is_put_off
    }

    /// Whether the session's last write was carried out late, and its process could leave no look after the write: it was
    /// killed, or the queue refused the message. The messages of a consumer stay on the queue and are such a look.
    pub(super) fn is_unwatched(&self, calls: &[(Call, Option<Fault>)]) -> bool {
        let exchanged = self.exchanged.lock().unwrap_or_else(PoisonError::into_inner);
        let last_write = exchanged.iter().rev().map(|(number, _)| &calls[*number]);
        let Some((write, Some(Fault::Late(_)))) = last_write.clone().find(|(call, _)| call.writes_session()) else {
            return false;
        };
        let own = calls.iter().filter(|(call, _)| call.process == write.process);
        let is_killed = own.clone().any(|(_, fault)| matches!(fault, Some(Fault::Killed(_))));
        let looks: Vec<_> = own
            .filter(|(call, _)| call.sends == Some(Sent::LookAfterWrite))
            .map(|(_, fault)| fault)
            .collect();
        let is_refused = |fault: &&Option<Fault>| fault.is_some_and(|fault| fault.is_before());
        !write.is_consumer && looks.iter().all(is_refused) && (is_killed || !looks.is_empty())
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
