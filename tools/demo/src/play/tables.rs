//! The tables of attributes and custom data, and the Twilio texts that are shown.

use std::collections::BTreeMap;

use simulator::twilio::{Conversation, Message};

use super::stage::{Mark, Row};
use crate::members::{Members, spaced};

/// All members of a map with the changes marked.
pub(super) fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<Row> {
    let mark = |name: &str, value: &str| match before.get(name) {
        None => Mark::New,
        Some(old) if old == value => Mark::Same,
        Some(_) => Mark::Changed,
    };
    let row = |(name, value): (&String, &String)| Row {
        mark: mark(name, value),
        name: name.clone(),
        value: value.clone(),
    };
    after.iter().map(row).collect()
}

/// An object's members without marks.
pub(super) fn members(members: &Members) -> Vec<Row> {
    let row = |(name, value): (&str, &str)| Row {
        mark: Mark::Same,
        name: name.to_owned(),
        value: spaced(value),
    };
    members.iter().map(row).collect()
}

/// The notes of handoffs.
pub(super) fn notes(conversation: &Conversation) -> impl Iterator<Item = &Message> {
    let is_note = |message: &&Message| {
        Members::parse(&message.attributes).is_ok_and(|attributes| attributes.get("handoff").is_some())
    };
    conversation.messages.iter().filter(is_note)
}

/// The explanation of a route without its failure signs. The signs mark workers outside a queue and filters that don't
/// match, although nothing has failed.
pub(super) fn without_failure_signs(route: &str) -> String {
    route.replace('✗', "·")
}
