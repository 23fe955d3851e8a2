//! The note for the human agent. A handoff ends with a single note, or with none if the customer would get it.
//!
//! Messages have no idempotency key, so two runs may post at once. After its post, a run lists the notes again and
//! deletes all but the first. The list isn't needed if the run's note came directly after the messages it had read.
//! Suppose run A posts at 7 and run B at 8. B had read the messages up to 6. So B lists the notes again, sees both and
//! deletes its own.

mod deferred;
mod text;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::attributes::handoff::HandoffDetails;
use crate::clients::conversations::{CONVERSATION_CLOSED, Conversations};
use crate::config::{NotePolicy, NoteSettings};
use crate::invocation::Invocation;
use crate::twilio::sid::{ConversationSid, MessageSid, ReservationSid, TaskSid};
use crate::upstream::answer::{CallError, Unavailable};
use crate::upstream::retry::{Backoff, Retries};

pub use deferred::post_deferred;
pub use text::{MAX_UNITS, text};

/// Participants that were read longer ago than this are read again before a post, since someone may have joined by SMS.
const PARTICIPANTS_AGE: Duration = Duration::from_secs(2);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    Posted,
    AlreadyPosted,
    /// The note is on the queue of `deferred`.
    Deferred,
    /// A participant is on an outside channel, so the customer would get the note.
    Withheld,
    /// The conversation is missing, gone or closed.
    NoConversation,
    /// Twilio refused the note or the reads before.
    Refused,
    /// `HANDOFF_NOTE` is `never`.
    Off,
}

/// The handoff that a note is about.
#[derive(Debug, Clone)]
pub struct Handover {
    pub task: TaskSid,
    pub reservation: ReservationSid,
    pub conversation: ConversationSid,
    /// The reservation's creation. Earlier messages are not read.
    pub since: Option<OffsetDateTime>,
}

/// The state of a note in its conversation.
#[derive(Debug, Clone, Copy)]
pub enum Survey {
    /// There is nothing to do.
    Settled(Note),
    /// The note isn't there and may be posted.
    Missing(Missing),
    Unavailable(Unavailable),
}

/// A note that isn't in its conversation.
#[derive(Debug, Clone, Copy)]
pub struct Missing {
    /// The time at which no participant was on an outside channel.
    participants_read: Instant,
    /// The index of the next message, if none is posted in between.
    next_index: Option<u64>,
}

/// The notes in conversations.
pub struct Notes {
    pub conversations: Conversations,
    pub settings: NoteSettings,
    /// How long an unavailable Conversations is tried.
    pub retries: Retries,
}

impl Notes {
    /// Reads participants and messages at the same time. Deletes all notes of the handoff but the first.
    pub async fn survey(&self, invocation: &Invocation, handover: &Handover) -> Survey {
        if self.settings.policy == NotePolicy::Never {
            return Survey::Settled(Note::Off);
        }
        // If the customer would get the note, the messages don't matter.
        let participants = async {
            match self.is_sent_outside(invocation, handover).await {
                Ok(false) => Ok(Instant::now()),
                Ok(true) => Err(Survey::Settled(Note::Withheld)),
                Err(error) => Err(error.into()),
            }
        };
        let messages = async { self.find(invocation, handover).await.map_err(Survey::from) };
        match tokio::try_join!(participants, messages) {
            Ok((
                participants_read,
                Found {
                    first: None,
                    next_index,
                },
            )) => Survey::Missing(Missing {
                participants_read,
                next_index,
            }),
            Ok(_) => Survey::Settled(Note::AlreadyPosted),
            Err(survey) => survey,
        }
    }

    /// Posts a missing note. After a post with an unknown outcome, looks for the note before another post.
    ///
    /// # Errors
    /// If Conversations is unavailable until the retries are used up. The note may be there.
    pub async fn post(
        &self,
        invocation: &Invocation,
        handover: &Handover,
        details: &HandoffDetails,
        mut missing: Missing,
    ) -> Result<Note, Unavailable> {
        let text = text(&self.settings.template, details);
        let attributes = attributes(handover);
        let mut backoff = Backoff::new(self.retries);
        loop {
            if missing.participants_read.elapsed() > PARTICIPANTS_AGE {
                match self.is_sent_outside(invocation, handover).await {
                    Ok(false) => missing.participants_read = Instant::now(),
                    Ok(true) => return Ok(Note::Withheld),
                    Err(error) => return settled(&error),
                }
            }
            let author = &self.settings.author;
            let post = self
                .conversations
                .post_message(invocation, &handover.conversation, author, &text, &attributes);
            let error = match post.await {
                Ok(own) if own.index.is_some() && own.index == missing.next_index => return Ok(Note::Posted),
                Ok(own) => return self.keep_first(invocation, handover, own.sid).await,
                Err(error) => error,
            };
            let CallError::Unavailable(reason) = error else {
                return settled(&error);
            };
            backoff.pause(invocation, &reason).await.map_err(|_| reason)?;
            if reason.maybe_done {
                match self.find(invocation, handover).await {
                    Ok(Found {
                        first: None,
                        next_index,
                    }) => missing.next_index = next_index,
                    Ok(_) => return Ok(Note::Posted),
                    Err(error) => return settled(&error),
                }
            }
        }
    }

    /// Deletes this run's note if another note came first.
    async fn keep_first(
        &self,
        invocation: &Invocation,
        handover: &Handover,
        own: Option<MessageSid>,
    ) -> Result<Note, Unavailable> {
        match self.find(invocation, handover).await {
            Ok(Found { first: Some(first), .. }) if first != own => Ok(Note::AlreadyPosted),
            Err(CallError::Unavailable(reason)) => Err(reason),
            _ => Ok(Note::Posted),
        }
    }

    async fn is_sent_outside(&self, invocation: &Invocation, handover: &Handover) -> Result<bool, CallError> {
        match self.settings.policy {
            NotePolicy::ChatOnly => {
                let conversation = &handover.conversation;
                self.conversations.reaches_outside(invocation, conversation).await
            }
            NotePolicy::Always | NotePolicy::Never => Ok(false),
        }
    }

    /// Finds the handoff's first note and deletes all other notes. Every run sees the same first note, since indexes
    /// only grow. If Twilio refuses to delete a note, the note stays.
    async fn find(&self, invocation: &Invocation, handover: &Handover) -> Result<Found, CallError> {
        let Handover {
            conversation, since, ..
        } = handover;
        let is_note = |attributes: &str| is_note_of(attributes, handover);
        let mut notes = self
            .conversations
            .find_messages(invocation, conversation, *since, is_note)
            .await?;
        let first = notes.sids.pop();
        for later in notes.sids.iter().flatten() {
            let deleted = self.conversations.delete_message(invocation, conversation, later).await;
            if let Err(unavailable @ CallError::Unavailable(_)) = deleted {
                return Err(unavailable);
            }
        }
        Ok(Found {
            first,
            next_index: notes.next_index,
        })
    }
}

/// The first note of a handoff, if any.
struct Found {
    first: Option<Option<MessageSid>>,
    next_index: Option<u64>,
}

impl From<CallError> for Survey {
    fn from(error: CallError) -> Self {
        settled(&error).map_or_else(Self::Unavailable, Self::Settled)
    }
}

/// The result of a note after an error that another try won't change.
fn settled(error: &CallError) -> Result<Note, Unavailable> {
    match error {
        CallError::NotFound => Ok(Note::NoConversation),
        CallError::Refused { code, .. } if *code == Some(CONVERSATION_CLOSED) => Ok(Note::NoConversation),
        CallError::Refused { .. } | CallError::Unauthorized | CallError::PreconditionFailed => Ok(Note::Refused),
        CallError::Unavailable(reason) => Err(*reason),
    }
}

/// The attributes of a note's message, which let a repeat recognise the note.
#[derive(Serialize, Deserialize)]
struct NoteAttributes<S> {
    handoff: HandoffSids<S>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HandoffSids<S> {
    task_sid: S,
    reservation_sid: S,
}

fn attributes(handover: &Handover) -> String {
    let handoff = HandoffSids {
        task_sid: handover.task.as_str(),
        reservation_sid: handover.reservation.as_str(),
    };
    serde_json::to_string(&NoteAttributes { handoff }).unwrap_or_default()
}

/// Whether a message with these attributes is the note of this handoff.
fn is_note_of(message_attributes: &str, handover: &Handover) -> bool {
    serde_json::from_str::<NoteAttributes<String>>(message_attributes).is_ok_and(|NoteAttributes { handoff }| {
        handoff.task_sid == handover.task.as_str() && handoff.reservation_sid == handover.reservation.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn note_is_recognised_by_both_sids() {
        let handover = |reservation: u32| Handover {
            task: TaskSid::parse(&format!("WT{:032}", 1)).unwrap(),
            reservation: ReservationSid::parse(&format!("WR{reservation:032}")).unwrap(),
            conversation: ConversationSid::parse(&format!("CH{:032}", 1)).unwrap(),
            since: None,
        };
        let (ours, other) = (handover(1), handover(2));
        assert!(is_note_of(&attributes(&ours), &ours));
        assert!(!is_note_of(&attributes(&ours), &other));
        for foreign in ["", "{}", "[]", r#"{"handoff":true}"#, r#"{"handoff":{"taskSid":1}}"#] {
            assert!(!is_note_of(foreign, &ours), "{foreign}");
        }
    }
}
