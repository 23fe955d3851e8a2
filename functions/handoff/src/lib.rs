//! `handoff`: the AI lets go of a task, and a person gets it.
//!
//! Attributes, then the reservation, then TaskRouter routes the task again, then the note. Every step first looks
//! whether it has been done, so that the same handoff may be asked for any number of times.

mod decide;
mod error;
mod note;
mod release;
mod request;

use std::time::Duration;

use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::conversations::Conversations;
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config::{self, NotePolicy};
use flex_handoff::invocation::log::Level;
use flex_handoff::invocation::system::Machine;
use flex_handoff::invocation::{Broken, Invocation, Limits};
use flex_handoff::lambda::payload::Payload;
use flex_handoff::lambda::start::Connections;
use flex_handoff::twilio::sid::{ReservationSid, TaskSid, WorkerSid};
use serde::Serialize;
use serde_json::value::RawValue;

pub use error::HandoffError;
pub use note::Note;
use request::Request;

/// A second before its deadline a run stops, so that a note that it has sent by then is in the conversation before another
/// run may think it dead.
const LIMITS: Limits = Limits {
    fallback: Duration::from_secs(20),
    longest: Duration::from_secs(15 * 60),
    margin: Duration::from_secs(1),
};

/// The function.
pub struct Handoff {
    machine: Machine,
    taskrouter: TaskRouter,
    conversations: Conversations,
    ai_worker: WorkerSid,
    note: NotePolicy,
    note_author: String,
}

/// The answer to a handoff that has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    task_sid: TaskSid,
    reservation_sid: ReservationSid,
    attributes: AttributesOutcome,
    reservation: ReservationOutcome,
    note: Note,
    handoff_timestamp: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum AttributesOutcome {
    Updated,
    Unchanged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum ReservationOutcome {
    Rejected,
    AlreadyReleased,
}

impl Handoff {
    /// Reads the configuration and the secret, and connects to the upstreams.
    ///
    /// # Errors
    /// Everything that is at fault.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::Handoff::from_env()?;
        // Task and reservation are read side by side, which takes two connections to a host without HTTP/2.
        let taskrouter = &config.upstreams.taskrouter_url;
        let urls = [taskrouter, taskrouter, &config.conversations_url];
        let connections =
            Connections::open(env!("CARGO_PKG_NAME"), &config.upstreams, Required::NothingElse, &urls).await?;
        Ok(Self::new(config, connections))
    }

    /// The function with this configuration and these connections.
    pub fn new(config: config::Handoff, connections: Connections) -> Self {
        Self {
            machine: connections.machine,
            taskrouter: TaskRouter::new(connections.twilio(), &config.upstreams),
            conversations: Conversations::new(connections.twilio(), &config.conversations_url),
            ai_worker: config.ai_worker,
            note: config.note,
            note_author: config.note_author,
        }
    }

    /// Hands a task over.
    ///
    /// # Errors
    /// Why it has not happened.
    pub async fn handle(
        &self,
        payload: Payload<Box<RawValue>>,
        request_id: &str,
        deadline_ms: u64,
    ) -> Result<Answer, HandoffError> {
        let invocation = Invocation::start(self.machine, request_id, deadline_ms, LIMITS);
        let result = match invocation.run(Box::pin(self.hand_over(&invocation, &payload))).await {
            Ok(result) => result,
            Err(Broken::OutOfTime) => Err(HandoffError::Unavailable),
            Err(Broken::Panicked) => Err(HandoffError::Panicked),
        };
        log(invocation, &result);
        result
    }

    async fn hand_over(
        &self,
        invocation: &Invocation,
        payload: &Payload<Box<RawValue>>,
    ) -> Result<Answer, HandoffError> {
        let request = Request::parse(payload.0.as_deref().map_or("", RawValue::get))?;
        invocation.set("taskSid", request.task.as_str());
        let seen = self.look(invocation, &request, request.reservation.as_ref()).await?;
        invocation.set("reservationSid", seen.reservation.sid.as_str());
        let (released, prospect) = tokio::try_join!(self.release(invocation, &request, seen.clone()), async {
            Ok(self.prepare_note(invocation, &request, &seen).await)
        })?;
        let note = self.deliver_note(invocation, &released, prospect).await?;
        Ok(Answer {
            attributes: match released.wrote {
                true => AttributesOutcome::Updated,
                false => AttributesOutcome::Unchanged,
            },
            reservation: match released.rejected {
                true => ReservationOutcome::Rejected,
                false => ReservationOutcome::AlreadyReleased,
            },
            note,
            handoff_timestamp: released.six.timestamp,
            reservation_sid: released.seen.reservation.sid,
            task_sid: request.task,
        })
    }
}

/// Writes the log line: what happened or why not, and no customer's datum.
fn log(invocation: Invocation, result: &Result<Answer, HandoffError>) {
    match result {
        Ok(Answer {
            attributes,
            reservation,
            note,
            ..
        }) => {
            let results = serde_json::json!({ "attributes": attributes, "reservation": reservation, "note": note });
            invocation.set("results", results);
            let level = if *note == Note::Refused {
                Level::Warn
            } else {
                Level::Info
            };
            invocation.finish(level, "done");
        }
        Err(error) => {
            invocation.set("cause", error.to_string());
            invocation.finish(error.level(), error.error_type());
        }
    }
}
