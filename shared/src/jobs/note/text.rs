//! The text of a note.

use crate::attributes::handoff::HandoffDetails;
use crate::attributes::shorten::{shorten, units};

/// The limit of SMS and WhatsApp on a message, in characters. Counted in UTF-16 code units, which are never fewer.
/// <https://www.twilio.com/docs/conversations/api/conversation-message-resource>
pub const MAX_UNITS: usize = 1600;

/// The most UTF-16 code units for the reason in a note that is too long. The summary has the rest.
const REASON_UNITS: usize = 400;

/// A text between these two characters doesn't change the direction of its surroundings.
/// <https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates>
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';

/// Fills in a template. The result has at most [`MAX_UNITS`].
pub fn text(template: &str, details: &HandoffDetails) -> String {
    let whole = render(template, details);
    if units(&whole) <= MAX_UNITS {
        return whole;
    }
    let mut shorter = HandoffDetails {
        reason: fitting(&without_direction_controls(&details.reason), REASON_UNITS),
        summary: String::new(),
        ..details.clone()
    };
    let room = MAX_UNITS.saturating_sub(units(&render(template, &shorter)));
    let places = template.matches("{summary}").count().max(1);
    shorter.summary = fitting(&without_direction_controls(&details.summary), room / places);
    fitting(&render(template, &shorter), MAX_UNITS)
}

fn fitting(text: &str, limit: usize) -> String {
    match units(text) <= limit {
        true => text.to_owned(),
        false => shorten(text, limit, char::len_utf16),
    }
}

/// The template with its placeholders filled in. A value that looks like a placeholder stays unchanged.
fn render(template: &str, details: &HandoffDetails) -> String {
    let values = [
        ("{summary}", &details.summary),
        ("{sentiment}", &details.sentiment),
        ("{reason}", &details.reason),
        ("{language}", &details.language),
    ];
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(brace) = rest.find('{') {
        text.push_str(&rest[..brace]);
        rest = &rest[brace..];
        match values.iter().find(|(placeholder, _)| rest.starts_with(placeholder)) {
            Some((placeholder, value)) => {
                text.push(FIRST_STRONG_ISOLATE);
                text.push_str(&without_direction_controls(value));
                text.push(POP_DIRECTIONAL_ISOLATE);
                rest = &rest[placeholder.len()..];
            }
            None => {
                text.push('{');
                rest = &rest[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

/// The text without characters that have the Unicode property `Bidi_Control`.
fn without_direction_controls(text: &str) -> String {
    let is_control = |character: &char| matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|character| !is_control(character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "Note\n\n{summary}\n\nSentiment: {sentiment}\nReason: {reason}\nLanguage: {language}";

    fn details(reason: &str, summary: &str) -> HandoffDetails {
        HandoffDetails {
            reason: reason.into(),
            summary: summary.into(),
            sentiment: "negative".into(),
            language: "en".into(),
        }
    }

    #[test]
    fn template_is_filled_in_with_isolated_values() {
        let details = details("{summary}", "Ana \u{202e}ordered\u{2066} twice.");
        let cases = [
            (
                TEMPLATE,
                "Note\n\n\u{2068}Ana ordered twice.\u{2069}\n\nSentiment: \u{2068}negative\u{2069}\nReason: \
                 \u{2068}{summary}\u{2069}\nLanguage: \u{2068}en\u{2069}",
            ),
            ("{{reason}} {x} {", "{\u{2068}{summary}\u{2069}} {x} {"),
            ("Handed off.", "Handed off."),
        ];
        for (template, expected) in cases {
            assert_eq!(text(template, &details), expected);
        }
    }

    #[test]
    fn long_note_is_shortened_to_a_message() {
        for character in ["s", "😀", "é", "ش", "\u{202e}s"] {
            let note = text(TEMPLATE, &details(&character.repeat(3000), &character.repeat(3000)));
            let length = units(&note);
            assert!((MAX_UNITS - 2..=MAX_UNITS).contains(&length), "{length}");
            assert_eq!(note.matches('…').count(), 2);
            assert!(note.ends_with("Language: \u{2068}en\u{2069}"));
        }
        let twice = text("{summary} {summary}", &details("r", &"s".repeat(3000)));
        assert!(units(&twice) <= MAX_UNITS && twice.ends_with("…\u{2069}"), "{twice}");
        let fixed = text(&"x".repeat(2000), &details("r", "s"));
        assert_eq!(units(&fixed), MAX_UNITS);
    }
}
