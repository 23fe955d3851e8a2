//! The note in the conversation for the rep who picks up.

use serde::Deserialize;

use crate::attributes::handoff::{HandoffDetails, shorten, units};
use crate::twilio::sid::{ReservationSid, TaskSid};

/// A message's limit towards SMS and WhatsApp, in characters; counted in UTF-16 code units, which are never fewer.
/// <https://www.twilio.com/docs/conversations/api/conversation-message-resource>
pub const MAX_UNITS: usize = 1600;

/// Of a note that is too long the reason takes at most this many UTF-16 code units; the summary has the rest.
const REASON_UNITS: usize = 400;

/// The note's text: summary, sentiment, reason and language, to be read at a glance.
pub fn text(details: &HandoffDetails) -> String {
    let whole = render(&details.summary, details, &details.reason);
    if units(&whole) <= MAX_UNITS {
        return whole;
    }
    let reason = fitting(&details.reason, REASON_UNITS);
    let frame = units(&render("", details, &reason));
    let summary = fitting(&details.summary, MAX_UNITS.saturating_sub(frame));
    fitting(&render(&summary, details, &reason), MAX_UNITS)
}

fn fitting(text: &str, limit: usize) -> String {
    match units(text) <= limit {
        true => text.to_owned(),
        false => shorten(text, limit, char::len_utf16),
    }
}

fn render(summary: &str, details: &HandoffDetails, reason: &str) -> String {
    let HandoffDetails {
        sentiment, language, ..
    } = details;
    format!("Handed off by the AI agent\n\n{summary}\n\nSentiment: {sentiment}\nReason: {reason}\nLanguage: {language}")
}

/// The message's attributes, by which a repeat is known.
pub fn attributes(task: &TaskSid, reservation: &ReservationSid) -> String {
    format!(r#"{{"handoff":{{"taskSid":"{task}","reservationSid":"{reservation}"}}}}"#)
}

/// Whether a message with these attributes is the note of this handoff.
pub fn is_note_of(message_attributes: &str, task: &TaskSid, reservation: &ReservationSid) -> bool {
    #[derive(Deserialize)]
    struct MessageAttributes {
        handoff: Handoff,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Handoff {
        task_sid: String,
        reservation_sid: String,
    }
    serde_json::from_str::<MessageAttributes>(message_attributes).is_ok_and(|MessageAttributes { handoff }| {
        handoff.task_sid == task.as_str() && handoff.reservation_sid == reservation.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(reason: &str, summary: &str) -> HandoffDetails {
        HandoffDetails {
            reason: reason.into(),
            summary: summary.into(),
            sentiment: "negative".into(),
            language: "en".into(),
        }
    }

    #[test]
    fn a_note_says_what_a_rep_must_know() {
        let note = text(&details("wants to cancel", "Ana ordered twice and was charged twice."));
        let expected = "Handed off by the AI agent\n\nAna ordered twice and was charged twice.\n\n\
                        Sentiment: negative\nReason: wants to cancel\nLanguage: en";
        assert_eq!(note, expected);
    }

    #[test]
    fn a_long_note_is_shortened_to_what_a_message_may_hold() {
        for character in ["s", "😀", "é", "ش"] {
            let note = text(&details(&character.repeat(3000), &character.repeat(3000)));
            assert!(
                units(&note) <= MAX_UNITS && units(&note) >= MAX_UNITS - 2,
                "{}",
                units(&note)
            );
            assert_eq!(note.matches('…').count(), 2);
        }
    }

    #[test]
    fn a_note_is_known_by_its_attributes() {
        let task = TaskSid::parse("WT00000000000000000000000000000001").unwrap();
        let reservation = ReservationSid::parse("WR00000000000000000000000000000001").unwrap();
        let other = ReservationSid::parse("WR00000000000000000000000000000002").unwrap();
        let ours = attributes(&task, &reservation);
        assert!(is_note_of(&ours, &task, &reservation));
        assert!(!is_note_of(&ours, &task, &other));
        for foreign in ["", "{}", "[]", r#"{"handoff":true}"#, r#"{"handoff":{"taskSid":1}}"#] {
            assert!(!is_note_of(foreign, &task, &reservation), "{foreign}");
        }
    }
}
