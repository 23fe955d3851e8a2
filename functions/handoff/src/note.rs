//! The note for the rep: once, and never where the customer would be sent it.
//!
//! Messages have no idempotency key, so one run has to be the one that posts: the one that rejected the reservation.
//! Any other looks for its note for as long as that run can still be alive, and only then posts the note itself.

use std::time::Duration;

use flex_handoff::config::NotePolicy;
use flex_handoff::conversations::CONVERSATION_CLOSED;
use flex_handoff::handoff::Words;
use flex_handoff::invocation::{Invocation, now};
use flex_handoff::note;
use flex_handoff::retry::Backoff;
use flex_handoff::sid::ConversationSid;
use flex_handoff::upstream::CallError;
use serde::Serialize;
use time::OffsetDateTime;

use crate::Handoff;
use crate::decide::Seen;
use crate::error::HandoffError;
use crate::release::Released;
use crate::request::Request;

/// How long to wait between two looks for another run's note.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// What became of the note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Note {
    Posted,
    AlreadyPosted,
    /// A participant is on an outside channel: the customer would be sent it.
    Withheld,
    /// There is none, or it is gone or closed.
    NoConversation,
    /// Twilio refused it, or wouldn't let us read what we must know before.
    Refused,
    /// Not wanted.
    Off,
}

/// What is known before the reservation is released.
pub(crate) enum Prospect {
    /// There will be no note, or it is there.
    Settled(Note),
    /// The note may be posted; when the messages were read, it wasn't there.
    Open {
        conversation: ConversationSid,
        looked: OffsetDateTime,
    },
    /// Conversations is away.
    Unavailable,
}

impl Handoff {
    /// Reads what the note needs, beside the writes.
    pub(crate) async fn prepare_note(&self, invocation: &Invocation, request: &Request, seen: &Seen) -> Prospect {
        if self.note == NotePolicy::Never {
            return Prospect::Settled(Note::Off);
        }
        let Some(conversation) = request.conversation.clone().or_else(|| seen.conversation()) else {
            return Prospect::Settled(Note::NoConversation);
        };
        invocation.set("conversationSid", conversation.as_str());
        let looked = now();
        let (reaches_outside, has_note) = tokio::join!(
            async {
                match self.note {
                    NotePolicy::ChatOnly => self.conversations.reaches_outside(invocation, &conversation).await,
                    NotePolicy::Always | NotePolicy::Never => Ok(false),
                }
            },
            self.has_note(invocation, request, seen, &conversation)
        );
        match (reaches_outside, has_note) {
            (Ok(true), _) => Prospect::Settled(Note::Withheld),
            (Ok(false), Ok(true)) => Prospect::Settled(Note::AlreadyPosted),
            (Ok(false), Ok(false)) => Prospect::Open { conversation, looked },
            (Err(error), _) | (_, Err(error)) => settled(&error).map_or(Prospect::Unavailable, Prospect::Settled),
        }
    }

    /// Posts the note, if it is this run's to post or nobody else can any more.
    pub(crate) async fn deliver_note(
        &self,
        invocation: &Invocation,
        request: &Request,
        released: &Released,
        prospect: Prospect,
    ) -> Result<Note, HandoffError> {
        let (conversation, looked) = match prospect {
            Prospect::Settled(note) => return Ok(note),
            Prospect::Unavailable => return Err(HandoffError::Unavailable),
            Prospect::Open { conversation, looked } => (conversation, looked),
        };
        if !released.note_is_ours() {
            let others_end = released
                .last_write()
                .map_or(looked, |write| write + invocation.timeout());
            if let Some(note) = self
                .await_note(invocation, request, released, &conversation, (looked, others_end))
                .await?
            {
                return Ok(note);
            }
        }
        // The first words stay, where a repeat comes with others.
        let words = if released.six.words.say_the_same_as(&request.words) {
            &request.words
        } else {
            &released.six.words
        };
        self.post_note(invocation, request, released, &conversation, words)
            .await
    }

    /// Looks for another run's note until a look was made after the end of that run; `None` if there was none.
    async fn await_note(
        &self,
        invocation: &Invocation,
        request: &Request,
        released: &Released,
        conversation: &ConversationSid,
        (mut looked, others_end): (OffsetDateTime, OffsetDateTime),
    ) -> Result<Option<Note>, HandoffError> {
        while looked < others_end {
            let left = Duration::try_from(others_end - now()).unwrap_or_default();
            invocation
                .pause(left.min(BETWEEN_LOOKS))
                .await
                .map_err(|_| HandoffError::Unavailable)?;
            looked = now();
            match self.has_note(invocation, request, &released.seen, conversation).await {
                Ok(true) => return Ok(Some(Note::AlreadyPosted)),
                Ok(false) => {}
                Err(error) => return settled(&error).map(Some).ok_or(HandoffError::Unavailable),
            }
        }
        Ok(None)
    }

    /// Posts the note; where it is unknown whether it was taken, looks before it posts again.
    async fn post_note(
        &self,
        invocation: &Invocation,
        request: &Request,
        released: &Released,
        conversation: &ConversationSid,
        words: &Words,
    ) -> Result<Note, HandoffError> {
        let reservation = &released.seen.reservation.sid;
        let mut backoff = Backoff::default();
        loop {
            let (text, attributes) = (note::text(words), note::attributes(&request.task, reservation));
            let posted = self
                .conversations
                .post_message(invocation, conversation, &self.note_author, text, attributes)
                .await;
            let Err(error) = posted else { return Ok(Note::Posted) };
            let CallError::Away {
                maybe_done,
                retry_after,
            } = error
            else {
                return settled(&error).ok_or(HandoffError::Unavailable);
            };
            backoff
                .pause(invocation, retry_after)
                .await
                .map_err(|_| HandoffError::Unavailable)?;
            if maybe_done {
                match self.has_note(invocation, request, &released.seen, conversation).await {
                    Ok(true) => return Ok(Note::Posted),
                    Ok(false) => {}
                    Err(error) => return settled(&error).ok_or(HandoffError::Unavailable),
                }
            }
        }
    }

    async fn has_note(
        &self,
        invocation: &Invocation,
        request: &Request,
        seen: &Seen,
        conversation: &ConversationSid,
    ) -> Result<bool, CallError> {
        let reservation = (&seen.reservation.sid, seen.reservation.created);
        self.conversations
            .has_note(invocation, conversation, &request.task, reservation)
            .await
    }
}

/// What an error of Conversations makes of the note; `None` if trying again may help.
fn settled(error: &CallError) -> Option<Note> {
    match error {
        CallError::NotFound
        | CallError::Refused {
            code: Some(CONVERSATION_CLOSED),
            ..
        } => Some(Note::NoConversation),
        CallError::Refused { .. } | CallError::Changed => Some(Note::Refused),
        CallError::Away { .. } => None,
    }
}
