//! The request, checked as a whole: every fault is told at once.

use flex_handoff::attributes::handoff::Words;
use flex_handoff::attributes::json::{Document, Kind, Value};
use flex_handoff::twilio::sid::{ConversationSid, ReservationSid, TaskSid};
use oxilangtag::LanguageTag;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::HandoffError;

/// What the AI platform asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) task: TaskSid,
    /// Without it, the AI worker's reservation on the task.
    pub(crate) reservation: Option<ReservationSid>,
    /// Without it, the conversation that the task names.
    pub(crate) conversation: Option<ConversationSid>,
    pub(crate) words: Words,
    /// RFC 3339, as given.
    pub(crate) timestamp: Option<String>,
}

const FIELDS: [&str; 8] = [
    "taskSid",
    "reservationSid",
    "conversationSid",
    "reason",
    "summary",
    "sentiment",
    "language",
    "timestamp",
];

/// So many unknown fields are named.
const MAX_NAMED: usize = 20;

/// A language tag or a timestamp of more characters is no such thing.
const LONGEST_TAG: usize = 255;

/// What each field must be, for the message about one that isn't.
fn must_be(field: &str) -> &'static str {
    match field {
        "taskSid" => "a task's SID (WT and 32 hexadecimal digits)",
        "reservationSid" => "a reservation's SID (WR and 32 hexadecimal digits)",
        "conversationSid" => "a conversation's SID (CH and 32 hexadecimal digits)",
        "sentiment" => "positive, neutral or negative",
        "language" => "a BCP 47 language tag of at most 255 characters",
        "timestamp" => "an RFC 3339 date and time with seconds and an offset, of at most 255 characters",
        _ => "a text",
    }
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// [`HandoffError::InvalidRequest`] with every fault.
    pub(crate) fn parse(json: &str) -> Result<Self, HandoffError> {
        let not_an_object = || HandoffError::InvalidRequest(vec!["it must be a JSON object".to_owned()]);
        let document = Document::parse(json).map_err(|_| not_an_object())?;
        if document.root().kind() != Kind::Object {
            return Err(not_an_object());
        }
        let mut fields = Fields {
            object: document.root(),
            faults: Vec::new(),
        };
        fields.refuse_unknown();
        let task = fields.required("taskSid", TaskSid::parse);
        let reservation = fields.optional("reservationSid", ReservationSid::parse);
        let conversation = fields.optional("conversationSid", ConversationSid::parse);
        let reason = fields.required("reason", text);
        let summary = fields.required("summary", text);
        let sentiment = fields.required("sentiment", sentiment);
        let language = fields.required("language", language);
        let timestamp = fields.optional("timestamp", timestamp);
        match (task, reason, summary, sentiment, language) {
            (Some(task), Some(reason), Some(summary), Some(sentiment), Some(language)) if fields.faults.is_empty() => {
                let words = Words {
                    reason,
                    summary,
                    sentiment,
                    language,
                };
                Ok(Self {
                    task,
                    reservation,
                    conversation,
                    words,
                    timestamp,
                })
            }
            _ => Err(HandoffError::InvalidRequest(fields.faults)),
        }
    }
}

/// The fields of a request, and what is wrong with them.
struct Fields<'d, 't> {
    object: Value<'d, 't>,
    faults: Vec<String>,
}

impl Fields<'_, '_> {
    fn refuse_unknown(&mut self) {
        let members = self.object.members();
        let unknown = members
            .iter()
            .map(|(name, _)| name)
            .filter(|name| !FIELDS.contains(&name.as_ref()));
        for (place, name) in unknown.enumerate() {
            if place == MAX_NAMED {
                self.faults.push("there are more unknown fields".to_owned());
                break;
            }
            self.faults.push(match is_plain(name) {
                true => format!("{name} is not a field of it"),
                // A name like that may be a customer's text that was put in the wrong place.
                false => "a field of another name than the known ones is in it".to_owned(),
            });
        }
    }

    fn required<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        if self.value(name).is_none() {
            self.faults.push(format!("{name} is missing"));
            return None;
        }
        self.optional(name, parse)
    }

    fn optional<T>(&mut self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = self.value(name)?;
        let parsed = value.as_string_lossy().and_then(|text| parse(text.trim()));
        if parsed.is_none() {
            self.faults.push(format!("{name} must be {}", must_be(name)));
        }
        parsed
    }

    /// The field's value; null is absent.
    fn value(&self, name: &str) -> Option<Value<'_, '_>> {
        self.object.member(name).filter(|value| value.kind() != Kind::Null)
    }
}

/// Whether a field's name looks like one.
fn is_plain(name: &str) -> bool {
    name.len() <= 40 && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn sentiment(text: &str) -> Option<String> {
    let sentiment = match text {
        "happy" => "positive",
        "angry" => "negative",
        "positive" | "neutral" | "negative" => text,
        _ => return None,
    };
    Some(sentiment.to_owned())
}

fn language(text: &str) -> Option<String> {
    if text.len() > LONGEST_TAG {
        return None;
    }
    LanguageTag::parse_and_normalize(text).ok().map(LanguageTag::into_inner)
}

fn timestamp(text: &str) -> Option<String> {
    let separated = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    (text.len() <= LONGEST_TAG && separated && OffsetDateTime::parse(text, &Rfc3339).is_ok()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TASK: &str = "WT00000000000000000000000000000001";

    fn faults(json: &str) -> Vec<String> {
        match Request::parse(json) {
            Err(HandoffError::InvalidRequest(faults)) => faults,
            other => panic!("{json}: {other:?}"),
        }
    }

    #[test]
    fn a_request_is_trimmed_and_put_into_canonical_form() {
        let json = format!(
            r#"{{"taskSid":" {TASK}","reservationSid":null,"reason":" to cancel\n","summary":"cut \ud83d","sentiment":"angry","language":"ZH-hant-tw","timestamp":"2026-11-22T09:00:00.5+01:00"}}"#
        );
        let expected = Request {
            task: TaskSid::parse(TASK).unwrap(),
            reservation: None,
            conversation: None,
            words: Words {
                reason: "to cancel".to_owned(),
                summary: "cut \u{fffd}".to_owned(),
                sentiment: "negative".to_owned(),
                language: "zh-Hant-TW".to_owned(),
            },
            timestamp: Some("2026-11-22T09:00:00.5+01:00".to_owned()),
        };
        assert_eq!(Request::parse(&json), Ok(expected));
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let json = r#"{"taskSid":"WT1","reservationSid":"","conversationSid":7,"reason":" ","sentiment":"sad","language":"en_US","timestamp":"2026-11-22 09:00:00Z","extra":1,"not a name":2}"#;
        let expected = [
            "extra is not a field of it",
            "a field of another name than the known ones is in it",
            "taskSid must be a task's SID (WT and 32 hexadecimal digits)",
            "reservationSid must be a reservation's SID (WR and 32 hexadecimal digits)",
            "conversationSid must be a conversation's SID (CH and 32 hexadecimal digits)",
            "reason must be a text",
            "summary is missing",
            "sentiment must be positive, neutral or negative",
            "language must be a BCP 47 language tag of at most 255 characters",
            "timestamp must be an RFC 3339 date and time with seconds and an offset, of at most 255 characters",
        ];
        assert_eq!(faults(json), expected);
    }

    #[test]
    fn what_is_not_an_object_is_no_request() {
        for json in ["", "null", "[]", "\"x\"", "{", "{}x"] {
            assert_eq!(faults(json), ["it must be a JSON object"], "{json}");
        }
    }

    #[test]
    fn languages_are_written_in_canonical_case_and_no_subtag_is_replaced() {
        let cases = [
            ("EN", "en"),
            ("pt-br", "pt-BR"),
            ("sr-LATN-rs", "sr-Latn-RS"),
            ("iw", "iw"),
            ("DE-de-1996-U-CO-PHONEBK", "de-DE-1996-u-co-phonebk"),
            ("i-KLINGON", "i-klingon"),
        ];
        for (given, canonical) in cases {
            assert_eq!(language(given).as_deref(), Some(canonical), "{given}");
        }
        for malformed in ["", "e", "en_US", "english language", "en-", "123", "toolonglanguage"] {
            assert_eq!(language(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn a_timestamp_has_seconds_and_an_offset() {
        for good in [
            "2026-11-22T09:00:00Z",
            "2026-11-22t09:00:00z",
            "2026-11-22T09:00:00.123456789-23:59",
        ] {
            assert_eq!(timestamp(good).as_deref(), Some(good));
        }
        for bad in [
            "2026-11-22",
            "2026-11-22T09:00Z",
            "2026-11-22T09:00:00",
            "2026-13-22T09:00:00Z",
            "1795338000",
            "now",
        ] {
            assert_eq!(timestamp(bad), None, "{bad}");
        }
    }
}
