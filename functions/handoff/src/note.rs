//! The note. The run that released the reservation posts the note at once. Any other run sends the note to the queue.

use std::time::Duration;

use flex_handoff::aws::job::{Job, NoteJob};
use flex_handoff::aws::queue::Queue;
use flex_handoff::config::NotePolicy;
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::note::{Handover, Note, Notes, Survey};
use flex_handoff::upstream::answer::Unavailable;
use flex_handoff::upstream::retry::jitter;
use tokio::time::timeout;

use crate::progress::Released;

/// `deferred` looks for a note this much later than the end of every run that may still post the note.
const AFTER_TIMEOUT: Duration = Duration::from_secs(2);

/// The time reserved for the queue, at most a quarter of the time left.
const QUEUE_TIME: Duration = Duration::from_millis(2_500);

/// SQS's longest delay.
const MAX_DELAY: Duration = Duration::from_secs(900);

/// The ways to post a note.
pub(crate) struct Delivery {
    /// With a queue, retries an unavailable Conversations only once.
    pub(crate) notes: Notes,
    /// Tries an unavailable Conversations as long as there is time.
    pub(crate) patient: Notes,
    pub(crate) queue: Option<Queue>,
}

impl Delivery {
    /// Reads the state for the note while the writes are under way.
    pub(crate) async fn survey(&self, invocation: &Invocation, handover: Option<&Handover>) -> Survey {
        let Some(handover) = handover else {
            return Survey::Settled(match self.notes.settings.policy {
                NotePolicy::Never => Note::Off,
                NotePolicy::ChatOnly | NotePolicy::Always => Note::NoConversation,
            });
        };
        let survey = self.notes.survey(invocation, handover);
        let survey = timeout(self.time(invocation), survey).await;
        survey.unwrap_or(Survey::Unavailable(Unavailable::default()))
    }

    /// Posts the note or sends it to the queue.
    ///
    /// # Errors
    /// [`ActionError::Unavailable`] if Conversations and the queue are unavailable.
    pub(crate) async fn deliver(
        &self,
        invocation: &Invocation,
        handover: Option<&Handover>,
        survey: Survey,
        released: &Released,
    ) -> Result<Note, ActionError> {
        let details = &released.six.details;
        let (handover, mut missing, mut retry_after) = match (handover, survey) {
            (_, Survey::Settled(note)) => return Ok(note),
            (None, _) => return Ok(Note::NoConversation),
            (Some(handover), Survey::Missing(missing)) => (handover, Some(missing), None),
            (Some(_), Survey::Unavailable(_)) if self.queue.is_none() => return Err(ActionError::Unavailable),
            (Some(handover), Survey::Unavailable(reason)) => (handover, None, reason.retry_after),
        };
        if let Some(queue) = &self.queue {
            if let Some(missing) = missing.take().filter(|_| released.posts_note) {
                let post = self.notes.post(invocation, handover, details, missing);
                match timeout(self.time(invocation), post).await {
                    Ok(Ok(note)) => return Ok(note),
                    Ok(Err(reason)) => retry_after = reason.retry_after,
                    Err(_) => {}
                }
            }
            let delay = invocation.timeout() + AFTER_TIMEOUT + jitter(AFTER_TIMEOUT);
            let delay = delay.max(retry_after.unwrap_or_default()).min(MAX_DELAY);
            if queue.send(invocation, &job(handover, released), delay).await.is_ok() {
                return Ok(Note::Deferred);
            }
        }
        let missing = match missing {
            Some(missing) => missing,
            None => {
                let pause = invocation.pause(retry_after.unwrap_or_default()).await;
                pause.map_err(|_| ActionError::Unavailable)?;
                match self.patient.survey(invocation, handover).await {
                    Survey::Settled(note) => return Ok(note),
                    Survey::Missing(missing) => missing,
                    Survey::Unavailable(_) => return Err(ActionError::Unavailable),
                }
            }
        };
        let post = self.patient.post(invocation, handover, details, missing).await;
        post.map_err(|_| ActionError::Unavailable)
    }

    /// The time for Conversations.
    fn time(&self, invocation: &Invocation) -> Duration {
        let remaining = invocation.remaining();
        match self.queue {
            Some(_) => remaining - QUEUE_TIME.min(remaining / 4),
            None => remaining,
        }
    }
}

fn job(handover: &Handover, released: &Released) -> Job {
    Job::Note(NoteJob {
        task_sid: handover.task.clone(),
        reservation_sid: handover.reservation.clone(),
        conversation_sid: handover.conversation.clone(),
        new_task_sid: released.new_task.clone(),
    })
}
