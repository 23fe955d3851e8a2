//! A task's attributes with the texts of a handoff.

use std::collections::BTreeSet;

use flex_handoff::attributes::flatten::flatten;
use flex_handoff::attributes::handoff::{HandoffAttributes, HandoffDetails, MAX_UNITS};
use flex_handoff::attributes::json::Document;
use flex_handoff::attributes::shorten::units;
use flex_handoff::attributes::{self, Attributes};
use flex_handoff::jobs::note;
use serde::de::IgnoredAny;

const SIX: [&str; 6] = [
    "handedOff",
    "handoffReason",
    "handoffSummary",
    "handoffSentiment",
    "handoffLanguage",
    "handoffTimestamp",
];

/// The input is the reason, the summary and the attributes. The first two have a line each.
pub(super) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let mut parts = text.splitn(3, '\n');
    let (reason, summary) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let text = parts.next().unwrap_or_default();
    assert_eq!(attributes::is_object(text), is_object(text), "is it an object?");
    let Ok(attributes) = Attributes::parse(text) else {
        assert!(!is_object(text), "an object was refused");
        return;
    };
    assert!(is_object(text), "a text that is not an object was accepted");
    check_flattening(&attributes);
    let details = HandoffDetails {
        reason: reason.to_owned(),
        summary: summary.to_owned(),
        sentiment: "neutral".to_owned(),
        language: "pt-BR".to_owned(),
    };
    assert!(units(&note::text("{summary}\n{sentiment}\n{reason}\n{language}", &details)) <= note::MAX_UNITS);
    check_merging(details, &attributes);
}

/// Whether serde_json reads an object. Its parser skips values without recursion.
fn is_object(text: &str) -> bool {
    let is_json = serde_json::from_str::<IgnoredAny>(text).is_ok();
    is_json && text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{')
}

/// Checks that flattened members have distinct names and are strings, numbers or booleans.
fn check_flattening(attributes: &Attributes<'_>) {
    let Ok(data) = flatten(attributes) else {
        assert!(units(attributes.text()) > MAX_UNITS, "TaskRouter allows them");
        return;
    };
    let json = data.to_json();
    let document = Document::parse(&json).expect("custom data is JSON");
    let mut names = BTreeSet::new();
    for member in document.root().children() {
        assert!(member.name().starts_with("flex_"), "{json}");
        assert!(
            names.insert(member.name().into_owned()) || json.contains("\\ud") || json.contains("\\uD"),
            "{json}"
        );
        let first = member.raw().as_bytes()[0];
        assert!(matches!(first, b'"' | b'-' | b'0'..=b'9' | b't' | b'f'), "{json}");
    }
}

/// Checks that merging adds the six attributes within the limit or fails. Merging must keep the others unchanged and
/// must be idempotent.
fn check_merging(details: HandoffDetails, attributes: &Attributes<'_>) {
    let six = HandoffAttributes {
        details,
        timestamp: "2026-11-22T09:00:00Z".to_owned(),
    };
    let others_before = others(attributes.text());
    let Ok(merged) = six.merge_into(attributes, &[]) else {
        let bare = units(attributes.text()) + 200;
        assert!(bare > MAX_UNITS, "there was room: {}", attributes.text());
        return;
    };
    assert!(units(&merged) <= MAX_UNITS);
    assert_eq!(others(&merged), others_before);
    let again = Attributes::parse(&merged).expect("attributes are an object");
    assert!(again.handed_off());
    let read = HandoffAttributes::read(&again).expect("the six are there");
    assert!(read.say(&six.details, &again), "{merged}");
    assert_eq!(six.merge_into(&again, &[]).as_ref(), Ok(&merged));
    assert_eq!(read.merge_into(&again, &[]).as_ref(), Ok(&merged));
}

/// The members other than the six attributes, byte for byte and in their order.
fn others(text: &str) -> Vec<(String, String)> {
    let document = Document::parse(text).expect("attributes are JSON");
    let members = document.root().children();
    members
        .map(|member| (member.name().into_owned(), member.raw().to_owned()))
        .filter(|(name, _)| !SIX.contains(&name.as_str()))
        .collect()
}
