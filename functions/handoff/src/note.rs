//! The note for the rep: once, and never where the customer would be sent it.
//!
//! Messages have no idempotency key, so one run has to be the one that posts: the one that rejected the reservation.
//! Any other looks for its note for as long as that run can still be alive, and only then posts the note itself. Where
//! two can't know of each other (a reject's answer was lost) they may still post at once. So a run looks once more after
//! it has posted, unless its note is the very next message after those that it has looked through; and whoever sees
//! several notes takes back all but the first, which nobody ever does.

use std::time::Duration;

use flex_handoff::attributes::handoff::Words;
use flex_handoff::clients::conversations::CONVERSATION_CLOSED;
use flex_handoff::clients::note;
use flex_handoff::config::NotePolicy;
use flex_handoff::invocation::Invocation;
use flex_handoff::twilio::sid::{ConversationSid, MessageSid};
use flex_handoff::upstream::CallError;
use flex_handoff::upstream::retry::{Backoff, jitter};
use serde::Serialize;
use time::OffsetDateTime;

use crate::Handoff;
use crate::decide::Seen;
use crate::error::HandoffError;
use crate::release::Released;
use crate::request::Request;

/// How long to wait between two looks for another run's note.
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Runs that wait for the same one's end each wait up to this much longer, so that they hardly post at once; and up to a
/// quarter of the time that they have left.
const STAGGER: Duration = Duration::from_secs(2);

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

/// What is known of the note before the reservation is released.
pub(crate) enum Prospect<'r> {
    /// There will be none, or it is there.
    Settled(Note),
    /// It may be posted; when the messages were read, it wasn't there.
    Open(Delivery<'r>),
    /// Conversations is away.
    Unavailable,
}

/// One run's dealings with the conversation.
pub(crate) struct Delivery<'r> {
    function: &'r Handoff,
    invocation: &'r Invocation,
    request: &'r Request,
    seen: &'r Seen,
    conversation: ConversationSid,
    /// When the messages were last read.
    looked: OffsetDateTime,
    /// The index that the note gets if nothing has been posted since.
    next_index: Option<u64>,
}

impl Handoff {
    /// Reads what the note needs, beside the writes.
    pub(crate) async fn prepare_note<'r>(
        &'r self,
        invocation: &'r Invocation,
        request: &'r Request,
        seen: &'r Seen,
    ) -> Prospect<'r> {
        if self.note == NotePolicy::Never {
            return Prospect::Settled(Note::Off);
        }
        let Some(conversation) = request.conversation.clone().or_else(|| seen.conversation()) else {
            return Prospect::Settled(Note::NoConversation);
        };
        invocation.set("conversationSid", conversation.as_str());
        let mut delivery = Delivery {
            function: self,
            invocation,
            request,
            seen,
            conversation,
            looked: invocation.now(),
            next_index: None,
        };
        match delivery.look_around().await {
            Ok(Some(note)) => Prospect::Settled(note),
            Ok(None) => Prospect::Open(delivery),
            Err(error) => settled(&error).map_or(Prospect::Unavailable, Prospect::Settled),
        }
    }

    /// Posts the note, if it is this run's to post or nobody else can any more.
    pub(crate) async fn deliver_note(
        &self,
        invocation: &Invocation,
        released: &Released,
        prospect: Prospect<'_>,
    ) -> Result<Note, HandoffError> {
        let mut delivery = match prospect {
            Prospect::Settled(note) => return Ok(note),
            Prospect::Unavailable => return Err(HandoffError::Unavailable),
            Prospect::Open(delivery) => delivery,
        };
        let others_end = released.others_end(invocation.timeout(), invocation.now());
        let stagger = jitter(STAGGER.min(invocation.remaining() / 4));
        let stagger = time::Duration::try_from(stagger).unwrap_or_default();
        if let Some(end) = others_end.map(|end| end.saturating_add(stagger))
            && let Some(note) = delivery.look_until(end).await?
        {
            return Ok(note);
        }
        delivery.post(&released.six.words, others_end.is_some()).await
    }
}

impl Delivery<'_> {
    /// Reads participants and messages, side by side: whether there is to be no note, or it is there.
    async fn look_around(&mut self) -> Result<Option<Note>, CallError> {
        let Handoff {
            note: policy,
            conversations,
            ..
        } = self.function;
        let (invocation, conversation) = (self.invocation, self.conversation.clone());
        let outside = async {
            match policy {
                NotePolicy::ChatOnly => conversations.reaches_outside(invocation, &conversation).await,
                NotePolicy::Always | NotePolicy::Never => Ok(false),
            }
        };
        // Once it is known that the customer would be sent it, nothing else matters.
        let read = tokio::try_join!(
            async {
                match outside.await {
                    Ok(true) => Err(Note::Withheld),
                    outside => Ok(outside.map(drop)),
                }
            },
            async { Ok(self.is_there().await) }
        );
        match read {
            Err(note) => Ok(Some(note)),
            Ok((outside, is_there)) => outside
                .and(is_there)
                .map(|is_there| is_there.then_some(Note::AlreadyPosted)),
        }
    }

    /// Looks for another run's note until that run's end; `None` if it wasn't there even then.
    async fn look_until(&mut self, others_end: OffsetDateTime) -> Result<Option<Note>, HandoffError> {
        while self.looked < others_end {
            let left = Duration::try_from(others_end - self.invocation.now()).unwrap_or_default();
            let pause = self.invocation.pause(left.min(BETWEEN_LOOKS));
            pause.await.map_err(|_| HandoffError::Unavailable)?;
            match self.is_there().await {
                Ok(true) => return Ok(Some(Note::AlreadyPosted)),
                Ok(false) => {}
                Err(error) => return settled(&error).map(Some).ok_or(HandoffError::Unavailable),
            }
        }
        Ok(None)
    }

    /// Posts the note. While there may be one already, which is `in_doubt` from the beginning if another run may have
    /// posted, or when an answer was lost, looks before it posts again. Looks afterwards whether this was one too many,
    /// if it can be.
    async fn post(&mut self, words: &Words, mut in_doubt: bool) -> Result<Note, HandoffError> {
        let (text, attributes) = (
            note::text(words),
            note::attributes(&self.request.task, &self.seen.reservation.sid),
        );
        let mut backoff = Backoff::default();
        loop {
            let Handoff {
                conversations,
                note_author,
                ..
            } = self.function;
            let post = conversations.post_message(self.invocation, &self.conversation, note_author, &text, &attributes);
            let error = match post.await {
                Ok(own) if !in_doubt && own.index.is_some() && own.index == self.next_index => return Ok(Note::Posted),
                Ok(own) => return self.settle(own.sid).await,
                Err(error) => error,
            };
            let CallError::Away {
                maybe_done,
                retry_after,
                ..
            } = error
            else {
                return settled(&error).ok_or(HandoffError::Unavailable);
            };
            in_doubt |= maybe_done;
            let pause = backoff.pause(self.invocation, retry_after);
            pause.await.map_err(|_| HandoffError::Unavailable)?;
            if in_doubt {
                match self.is_there().await {
                    Ok(true) => return Ok(Note::Posted),
                    Ok(false) => {}
                    Err(error) => return settled(&error).ok_or(HandoffError::Unavailable),
                }
            }
        }
    }

    /// What became of the note that this run has posted. Where that can't be told, whoever asks again looks again.
    async fn settle(&mut self, own: Option<MessageSid>) -> Result<Note, HandoffError> {
        match self.first().await {
            Ok(Some(first)) if first != own => Ok(Note::AlreadyPosted),
            Err(CallError::Away { .. }) => Err(HandoffError::Unavailable),
            _ => Ok(Note::Posted),
        }
    }

    /// Whether the note is among the messages.
    async fn is_there(&mut self) -> Result<bool, CallError> {
        Ok(self.first().await?.is_some())
    }

    /// The first of the notes among the messages, once all others are taken back. Whoever else does so sees the same
    /// first one: a note is never posted before another. What Twilio refuses to take back stays.
    async fn first(&mut self) -> Result<Option<Option<MessageSid>>, CallError> {
        let mut notes = self.notes().await?;
        let first = notes.pop();
        let conversations = &self.function.conversations;
        for later in notes.iter().flatten() {
            let deletion = conversations.delete_message(self.invocation, &self.conversation, later);
            if let Err(away @ CallError::Away { .. }) = deletion.await {
                return Err(away);
            }
        }
        Ok(first)
    }

    /// The notes among the messages, the latest first.
    async fn notes(&mut self) -> Result<Vec<Option<MessageSid>>, CallError> {
        self.looked = self.invocation.now();
        let conversations = &self.function.conversations;
        let reservation = &self.seen.reservation;
        let notes = conversations
            .notes(self.invocation, &self.conversation, &self.request.task, reservation)
            .await?;
        self.next_index = notes.next_index;
        Ok(notes.sids)
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
