//! A run's writes, and whether they are its own.

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::handoff::HandoffAttributes;
use flex_handoff::clients::taskrouter::{Reservation, ReservationStatus, Task};
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::twilio::sid::TaskSid;
use flex_handoff::upstream::answer::CallError;
use flex_handoff::upstream::retry::{Backoff, MAX_WRITES, Retries};

use crate::decide::Snapshot;

/// A completed handoff, apart from the note.
pub(crate) struct Released {
    pub(crate) reservation: Reservation,
    /// The handoff attributes on the task.
    pub(crate) six: HandoffAttributes,
    /// Whether this run wrote the attributes.
    pub(crate) wrote: bool,
    /// Whether this run rejected the reservation or made the AI leave the conversation.
    pub(crate) released: bool,
    /// The new task of an accepted reservation's handoff.
    pub(crate) new_task: Option<TaskSid>,
    /// Whether this run posts the note at once. If the answer to a write was lost, another run may do so too.
    pub(crate) posts_note: bool,
}

pub(crate) struct Progress {
    pub(crate) write: Option<Write>,
    /// Whether the reject is this run's, or the close of the AI's participant.
    pub(crate) release: Claim,
    /// TaskRouter's refusal of a reject, and the reservation's status as read before.
    pub(crate) refusal: Option<(ReservationStatus, CallError)>,
    /// The number of writes that met a change.
    pub(crate) changes: u32,
    /// The version in the last such write.
    pub(crate) unmatched: Option<Version>,
    pub(crate) has_looked_again: bool,
    /// Whether Flex refused to make the new task.
    pub(crate) is_invite_refused: bool,
    /// The new task, once this run has made or found the task.
    pub(crate) new_task: Option<TaskSid>,
    /// Whether a request of this run may have made the new task although the answer was lost.
    pub(crate) may_have_invited: bool,
    pub(crate) backoff: Backoff,
}

/// The last write of the handoff attributes.
pub(crate) struct Write {
    pub(crate) before: String,
    pub(crate) attributes: String,
    pub(crate) claim: Claim,
    pub(crate) was_released: bool,
}

/// Whether a write is this run's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    Not,
    /// The answer was lost.
    Maybe,
    Own,
}

/// The parts of the snapshot to read again before the next step.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stale {
    Nothing,
    Task,
    Reservation,
    Both,
}

/// The version of a resource as named in a write.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Version {
    Task(Option<http::HeaderValue>),
    Reservation(Option<http::HeaderValue>),
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            write: None,
            release: Claim::Not,
            is_invite_refused: false,
            new_task: None,
            may_have_invited: false,
            refusal: None,
            changes: 0,
            unmatched: None,
            has_looked_again: false,
            backoff: Backoff::new(Retries::UntilDeadline),
        }
    }

    /// Waits if needed before the state is read again.
    pub(crate) async fn prepare_again(
        &mut self,
        invocation: &Invocation,
        error: CallError,
        version: Version,
    ) -> Result<(), ActionError> {
        match error {
            CallError::Unavailable(reason) => {
                let pause = self.backoff.pause(invocation, &reason).await;
                pause.map_err(|_| ActionError::Unavailable)
            }
            CallError::PreconditionFailed | CallError::NotFound => {
                self.changes += 1;
                let is_unchanged = self.unmatched.replace(version.clone()) == Some(version);
                match is_unchanged || self.changes == MAX_WRITES {
                    true => Err(ActionError::Unavailable),
                    false => Ok(()),
                }
            }
            error => Err(error.into()),
        }
    }

    /// Whether this run wrote the handoff attributes that are on the task.
    pub(crate) fn wrote(&self, task: &Task) -> bool {
        self.own_write(task).is_some()
    }

    /// Whether this run must look for the new task before making a task. This run's own request may have been carried
    /// out, or the attributes may be another run's.
    pub(crate) fn must_look_for_new_task(&self) -> bool {
        let is_own = self.write.as_ref().is_some_and(|write| write.claim == Claim::Own);
        self.may_have_invited || !is_own
    }

    /// Whether this run took over the attributes of an interrupted run.
    pub(crate) fn has_taken_over(&self) -> bool {
        self.write.as_ref().is_some_and(Write::is_takeover)
    }

    fn own_write(&self, task: &Task) -> Option<&Write> {
        let is_on_task = |write: &&Write| match write.claim {
            Claim::Own => true,
            // Two runs that take over write the same text.
            _ if write.is_takeover() => false,
            _ => six(&write.attributes) == task.attributes.as_deref().and_then(six),
        };
        self.write.as_ref().filter(is_on_task)
    }

    /// Notes the result of a reject, or of letting the AI leave.
    pub(crate) fn claim_release(&mut self, result: &Result<(), CallError>) {
        match Claim::of(result) {
            Claim::Not => {}
            claim => self.release = claim,
        }
    }

    pub(crate) fn released(&self, snapshot: Snapshot, six_on_task: HandoffAttributes) -> Released {
        let new_task = self.new_task.clone();
        let Snapshot { task, reservation } = snapshot;
        let is_rejected = reservation.status == ReservationStatus::Rejected;
        let rejected = match self.release {
            Claim::Not => false,
            Claim::Maybe => is_rejected || new_task.is_some(),
            Claim::Own => true,
        };
        let write = self.own_write(&task);
        // If another run rejected the reservation after this run's write, that run posts the note.
        let is_alone = write.is_some_and(|write| write.was_released || !is_rejected);
        Released {
            wrote: write.is_some_and(|write| !write.is_takeover()),
            released: rejected,
            new_task,
            posts_note: rejected || is_alone,
            reservation,
            six: six_on_task,
        }
    }
}

impl Write {
    /// Whether the attributes were there before.
    pub(crate) fn is_takeover(&self) -> bool {
        six(&self.before) == six(&self.attributes)
    }
}

impl Claim {
    pub(crate) fn of(result: &Result<(), CallError>) -> Self {
        match result {
            Ok(()) => Self::Own,
            Err(error) if error.maybe_done() => Self::Maybe,
            Err(_) => Self::Not,
        }
    }
}

/// The six handoff attributes in a task's attributes.
pub(crate) fn six(attributes: &str) -> Option<HandoffAttributes> {
    HandoffAttributes::read(&Attributes::parse(attributes).ok()?)
}
