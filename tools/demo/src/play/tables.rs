//! The tables, and the conversation.

use std::collections::BTreeMap;

use simulator::twilio::{Conversation, Message};

use super::Play;
use super::case::Case;
use super::script::SIX;
use super::stage::{Mark, Row, Speaker};
use super::stopped::Stopped;
use crate::members::{Members, spaced};

/// All members of a map, with its changes marked.
pub(crate) fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Row> {
    let mark = |name: &str, value: &str| match before.get(name) {
        None => Mark::New,
        Some(old) if old == value => Mark::Same,
        Some(_) => Mark::Changed,
    };
    after
        .iter()
        .map(|(name, value)| Row {
            mark: mark(name, value),
            name: name.clone(),
            value: value.clone(),
        })
        .collect()
}

pub(crate) fn only_new(mut rows: Vec<Row>) -> Vec<Row> {
    rows.retain(|row| row.mark != Mark::Same);
    rows
}

/// An object's members, without marks.
pub(crate) fn members(members: &Members) -> Vec<Row> {
    let row = |(name, value): (&str, &str)| Row {
        mark: Mark::Same,
        name: name.to_owned(),
        value: spaced(value),
    };
    members.iter().map(row).collect()
}

/// The three tables at the end: the task's attributes, the session's custom data, and the conversation.
pub(crate) fn show_all(play: &mut Play, case: &Case, first_copy: &BTreeMap<String, String>) -> Result<(), Stopped> {
    play.stage.heading("The task's attributes (+ by the handoff)")?;
    let mut attributes = members(&case.attributes);
    attributes
        .iter_mut()
        .filter(|row| SIX.contains(&&*row.name))
        .for_each(|row| row.mark = Mark::New);
    play.stage.table(&attributes)?;
    play.stage
        .heading("The session's custom_data (+ new, ~ changed, since the first copy)")?;
    let custom_data = play.custom_data(case);
    play.stage.table(&changes(first_copy, &custom_data))?;
    play.stage.heading("The conversation (Ana does not see the note)")?;
    let conversation = play.world.twilio.conversation(&case.conversation_sid);
    for message in conversation.iter().flat_map(|conversation| &conversation.messages) {
        play.stage.say(speaker(message), &message.body)?;
    }
    Ok(())
}

/// The notes of handoffs, which a web chat leaves out.
pub(crate) fn notes(conversation: &Conversation) -> impl Iterator<Item = &Message> {
    let is_note = |message: &&Message| {
        Members::parse(&message.attributes).is_ok_and(|attributes| attributes.get("handoff").is_some())
    };
    conversation.messages.iter().filter(is_note)
}

/// The author's name in a conversation.
pub(crate) fn author(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::Customer => "ana",
        Speaker::OtherCustomer => "ben",
        Speaker::Ai => "ai",
        Speaker::Rep => "sam",
        Speaker::Note => "system",
    }
}

fn speaker(message: &Message) -> Speaker {
    let people = [Speaker::Customer, Speaker::Ai, Speaker::Rep];
    people
        .into_iter()
        .find(|speaker| author(*speaker) == message.author)
        .unwrap_or(Speaker::Note)
}
