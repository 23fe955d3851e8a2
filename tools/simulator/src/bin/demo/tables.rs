//! What is shown as a table, and the conversation as it stands.

use std::collections::BTreeMap;

use simulator::twilio::Message;

use crate::case::Case;
use crate::members::{Members, spaced};
use crate::play::Play;
use crate::script::SIX;
use crate::stage::{Mark, Row, Speaker};
use crate::stopped::Stopped;

/// Everything that a map holds now, with what has changed since.
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

pub(crate) fn members(members: &Members, mark: impl Fn(&str) -> Mark) -> Vec<Row> {
    members
        .iter()
        .map(|(name, value)| Row {
            mark: mark(name),
            name: name.to_owned(),
            value: spaced(value),
        })
        .collect()
}

/// The three things that are left at the end: the task's attributes, the session's custom data, the conversation.
pub(crate) fn show_all(play: &mut Play, case: &Case, first: &BTreeMap<String, String>) -> Result<(), Stopped> {
    play.stage
        .heading("The task's attributes at the end (+ by the handoff)")?;
    let six = |name: &str| if SIX.contains(&name) { Mark::New } else { Mark::Same };
    play.stage.table(&members(&case.attributes, six))?;
    play.stage
        .heading("The session's custom_data (+ since the first copy)")?;
    let custom_data = play.custom_data(case);
    play.stage.table(&changes(first, &custom_data))?;
    play.stage.heading("The conversation (the note is for Sam alone)")?;
    let conversation = play.world.twilio.conversation(&case.conversation_sid);
    for message in conversation.iter().flat_map(|conversation| &conversation.messages) {
        play.stage.say(speaker(message), &message.body)?;
    }
    Ok(())
}

/// Whether a message is a handoff's note, which the web chat leaves out.
pub(crate) fn is_note(message: &Message) -> bool {
    Members::parse(&message.attributes).is_ok_and(|attributes| attributes.get("handoff").is_some())
}

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
    let known = [Speaker::Customer, Speaker::Ai, Speaker::Rep];
    known
        .into_iter()
        .find(|speaker| author(*speaker) == message.author)
        .unwrap_or(Speaker::Note)
}
