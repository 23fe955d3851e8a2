//! The note of a handoff that could not be posted in time.

use super::{Handover, Note, Notes, Survey};
use crate::attributes::Attributes;
use crate::attributes::handoff::HandoffAttributes;
use crate::aws::job::NoteJob;
use crate::clients::taskrouter::TaskRouter;
use crate::invocation::Invocation;
use crate::jobs::outcome::{Failure, NothingToDo, Outcome, Refused};
use crate::upstream::answer::{CallError, found};

/// Posts a handoff's note with the texts on the task unless the note is there.
///
/// # Errors
/// If Twilio refuses the note or is unavailable.
pub async fn post_deferred(
    taskrouter: &TaskRouter,
    notes: &Notes,
    invocation: &Invocation,
    job: &NoteJob,
) -> Result<Outcome, Failure> {
    let texts = read_texts(taskrouter, invocation, job);
    let reservation = async {
        let read = taskrouter.reservation(invocation, &job.task_sid, &job.reservation_sid);
        found(read.await)
    };
    let (texts, reservation) = tokio::try_join!(texts, reservation)?;
    let details = match texts {
        Some(Some(six)) => six.details,
        Some(None) => return Ok(Outcome::NothingToDo(NothingToDo::NotHandedOff)),
        None => return Ok(Outcome::TaskGone),
    };
    let handover = Handover {
        task: job.task_sid.clone(),
        reservation: job.reservation_sid.clone(),
        conversation: job.conversation_sid.clone(),
        since: reservation.and_then(|reservation| reservation.created),
    };
    let note = match notes.survey(invocation, &handover).await {
        Survey::Settled(note) => note,
        Survey::Missing(missing) => {
            let post = notes.post(invocation, &handover, &details, missing);
            post.await.map_err(|_| Failure::Unavailable)?
        }
        Survey::Unavailable(_) => return Err(Failure::Unavailable),
    };
    match note {
        Note::Posted | Note::Deferred => Ok(Outcome::Done),
        Note::AlreadyPosted => Ok(Outcome::NothingToDo(NothingToDo::NoteThere)),
        Note::Withheld => Ok(Outcome::NothingToDo(NothingToDo::NoteWithheld)),
        Note::NoConversation => Ok(Outcome::NothingToDo(NothingToDo::NoConversation)),
        Note::Off => Ok(Outcome::NothingToDo(NothingToDo::NotesOff)),
        Note::Refused => Err(Failure::Refused(Refused::Upstream)),
    }
}

/// The handoff attributes on the new task. If there is no new task or it is gone, those on the first task. `None` if
/// both tasks are gone.
async fn read_texts(
    taskrouter: &TaskRouter,
    invocation: &Invocation,
    job: &NoteJob,
) -> Result<Option<Option<HandoffAttributes>>, CallError> {
    for sid in job.new_task_sid.iter().chain([&job.task_sid]) {
        if let Some(task) = found(taskrouter.task(invocation, sid).await)? {
            let text = task.attributes.unwrap_or_default();
            let attributes = Attributes::parse(&text).ok();
            return Ok(Some(attributes.as_ref().and_then(HandoffAttributes::read)));
        }
    }
    Ok(None)
}
