//! The request. Only an unusable task or reservation makes a request invalid. Everything else has a default.

use flex_handoff::attributes::handoff::HandoffDetails;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::action_request::{self, Fields, TaskReference};
use flex_handoff::lambda::actions::ActionInput;
use flex_handoff::twilio::sid::{ConversationSid, ReservationSid};
use oxilangtag::LanguageTag;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HandoffRequest {
    pub(crate) task: TaskReference,
    /// The default is a reservation of an AI worker on the task.
    pub(crate) reservation: Option<ReservationSid>,
    /// The default is the conversation that the task names.
    pub(crate) conversation: Option<ConversationSid>,
    pub(crate) details: HandoffDetails,
    /// RFC 3339, unchanged.
    pub(crate) timestamp: Option<String>,
    /// A text for each field that was ignored or replaced.
    pub(crate) warnings: Vec<String>,
}

const FIELDS: [&str; 9] = [
    "taskSid",
    "sessionId",
    "reservationSid",
    "conversationSid",
    "reason",
    "summary",
    "sentiment",
    "language",
    "timestamp",
];

/// A longer text is neither a language tag nor a timestamp.
const MAX_LENGTH: usize = 255;

impl HandoffRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`ActionError::InvalidRequest`] with every fault.
    pub(crate) fn parse(input: &ActionInput) -> Result<Self, ActionError> {
        action_request::read(&input.json, |fields| {
            let mut warnings: Vec<_> = fields.names().iter().filter_map(|name| unknown(name)).collect();
            let task = fields.task(input.session_id.as_deref());
            let expected = "a reservation's SID (WR and 32 hexadecimal digits)";
            let reservation = fields.optional("reservationSid", expected, |text| ReservationSid::parse(text.trim()));
            let mut lenient = Lenient {
                fields,
                warnings: &mut warnings,
            };
            let conversation = lenient.optional(
                "conversationSid",
                "a conversation's SID (CH and 32 hexadecimal digits), so the task's own is used",
                |text| ConversationSid::parse(&text),
            );
            let details = HandoffDetails {
                reason: lenient.text("reason"),
                summary: lenient.text("summary"),
                sentiment: lenient.with_default("sentiment", "neutral", "positive, neutral or negative", sentiment),
                language: lenient.with_default("language", "und", "a BCP 47 language tag", language),
            };
            let expected = "an RFC 3339 date and time with seconds and an offset, so the time is now";
            let timestamp = lenient.optional("timestamp", expected, timestamp);
            Some(Self {
                task: task?,
                reservation,
                conversation,
                details,
                timestamp,
                warnings,
            })
        })
    }
}

fn unknown(name: &str) -> Option<String> {
    (!FIELDS.contains(&name)).then(|| format!("{name} is not a field of the request, so it is ignored"))
}

/// Fields with a default.
struct Lenient<'f, 'd, 't> {
    fields: &'f Fields<'d, 't>,
    warnings: &'f mut Vec<String>,
}

impl Lenient<'_, '_, '_> {
    /// A text. If there is none, an empty text and a warning.
    fn text(&mut self, name: &str) -> String {
        let text = self.fields.value(name).map(|value| value.as_string_lossy());
        let fault = match text.map(|text| text.as_deref().map(clean)) {
            None => "missing",
            Some(None) => "not a text",
            Some(Some(text)) if text.is_empty() => "empty",
            Some(Some(text)) => return text,
        };
        self.warnings.push(format!("{name} is {fault}"));
        String::new()
    }

    fn with_default(
        &mut self,
        name: &str,
        default: &str,
        expected: &str,
        parse: impl FnOnce(String) -> Option<String>,
    ) -> String {
        if self.fields.value(name).is_none() {
            self.warnings.push(format!("{name} is missing, so it is {default}"));
            return default.to_owned();
        }
        let expected = format!("{expected}, so it is {default}");
        self.optional(name, &expected, parse)
            .unwrap_or_else(|| default.to_owned())
    }

    fn optional<T>(&mut self, name: &str, expected: &str, parse: impl FnOnce(String) -> Option<T>) -> Option<T> {
        let value = self.fields.value(name)?;
        let parsed = value.as_string_lossy().and_then(|text| parse(clean(&text)));
        if parsed.is_none() {
            self.warnings.push(format!("{name} is not {expected}"));
        }
        parsed
    }
}

/// The trimmed text without control characters other than line feed and tab.
fn clean(text: &str) -> String {
    let is_kept = |character: &char| !character.is_control() || matches!(character, '\n' | '\t');
    let text: String = text.chars().filter(is_kept).collect();
    text.trim().to_owned()
}

fn sentiment(text: String) -> Option<String> {
    let sentiment = match text.to_ascii_lowercase().as_str() {
        "positive" | "happy" => "positive",
        "negative" | "angry" | "frustrated" => "negative",
        "neutral" | "mixed" => "neutral",
        _ => return None,
    };
    Some(sentiment.to_owned())
}

/// A language tag in canonical case. The tag begins with a language of two or three letters.
fn language(text: String) -> Option<String> {
    let text = text.replace('_', "-");
    let first = text.split('-').next().unwrap_or_default();
    if text.len() > MAX_LENGTH || !matches!(first.len(), 2 | 3) {
        return None;
    }
    LanguageTag::parse_and_normalize(&text)
        .ok()
        .map(LanguageTag::into_inner)
}

fn timestamp(text: String) -> Option<String> {
    let is_separated = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let is_timestamp = text.len() <= MAX_LENGTH && is_separated && OffsetDateTime::parse(&text, &Rfc3339).is_ok();
    is_timestamp.then_some(text)
}

#[cfg(test)]
mod tests {
    use flex_handoff::twilio::sid::TaskSid;

    use super::*;

    const TASK: &str = "WT00000000000000000000000000000001";

    fn parse(json: &str) -> Result<HandoffRequest, ActionError> {
        HandoffRequest::parse(&ActionInput {
            json: json.to_owned(),
            session_id: None,
        })
    }

    fn request(details: [&str; 4], timestamp: Option<&str>, warnings: &[&str]) -> HandoffRequest {
        let [reason, summary, sentiment, language] = details.map(str::to_owned);
        HandoffRequest {
            task: TaskReference::Task(TaskSid::parse(TASK).unwrap()),
            reservation: None,
            conversation: None,
            details: HandoffDetails {
                reason,
                summary,
                sentiment,
                language,
            },
            timestamp: timestamp.map(str::to_owned),
            warnings: warnings.iter().map(|&warning| warning.to_owned()).collect(),
        }
    }

    #[test]
    fn request_is_trimmed_and_put_into_canonical_form() {
        let json = format!(
            r#"{{"taskSid":" {TASK}","reservationSid":null,"reason":" to\u0000 cancel\r\n","summary":"a\n\tb \ud83d","sentiment":"Angry","language":"ZH_hant-tw","timestamp":"2026-11-22T09:00:00.5+01:00"}}"#
        );
        let details = ["to cancel", "a\n\tb \u{fffd}", "negative", "zh-Hant-TW"];
        assert_eq!(
            parse(&json),
            Ok(request(details, Some("2026-11-22T09:00:00.5+01:00"), &[]))
        );
    }

    #[test]
    fn missing_fields_have_defaults_and_warnings() {
        let warnings = [
            "reason is missing",
            "summary is missing",
            "sentiment is missing, so it is neutral",
            "language is missing, so it is und",
        ];
        let expected = request(["", "", "neutral", "und"], None, &warnings);
        let nulls = r#""reason":null,"summary":null,"sentiment":null,"language":null,"timestamp":null"#;
        assert_eq!(parse(&format!(r#"{{"taskSid":"{TASK}"}}"#)), Ok(expected.clone()));
        assert_eq!(parse(&format!(r#"{{"taskSid":"{TASK}",{nulls}}}"#)), Ok(expected));
    }

    #[test]
    fn unusable_fields_are_replaced_with_a_warning() {
        let json = format!(
            r#"{{"taskSid":"{TASK}","conversationSid":7,"reason":" \u0001","summary":[],"sentiment":"furious","language":"English","timestamp":"2026-11-22 09:00:00Z","extra":null,"Ana called":2}}"#
        );
        let warnings = [
            "extra is not a field of the request, so it is ignored",
            "Ana called is not a field of the request, so it is ignored",
            "conversationSid is not a conversation's SID (CH and 32 hexadecimal digits), so the task's own is used",
            "reason is empty",
            "summary is not a text",
            "sentiment is not positive, neutral or negative, so it is neutral",
            "language is not a BCP 47 language tag, so it is und",
            "timestamp is not an RFC 3339 date and time with seconds and an offset, so the time is now",
        ];
        assert_eq!(parse(&json), Ok(request(["", "", "neutral", "und"], None, &warnings)));
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let faults = |json: &str| match parse(json) {
            Err(ActionError::InvalidRequest(faults)) => faults,
            other => panic!("{json}: {other:?}"),
        };
        let expected = [
            "taskSid is malformed: it must be a task's SID (WT and 32 hexadecimal digits)",
            "sessionId is malformed: it must be 1 to 255 letters, digits, '.', '_', ':' and '-'",
            "reservationSid is malformed: it must be a reservation's SID (WR and 32 hexadecimal digits)",
        ];
        let json = r#"{"taskSid":"WT1","sessionId":"a b","reservationSid":"","sentiment":7}"#;
        assert_eq!(faults(json), expected);
        assert_eq!(faults("{}"), ["taskSid or sessionId must be given"]);
        assert_eq!(faults("[]"), ["it must be a JSON object"]);
    }

    #[test]
    fn sentiments_of_other_platforms_are_mapped() {
        let cases = [
            ("POSITIVE", "positive"),
            ("happy", "positive"),
            ("Frustrated", "negative"),
            ("angry", "negative"),
            ("mixed", "neutral"),
        ];
        for (given, mapped) in cases {
            assert_eq!(sentiment(given.to_owned()).as_deref(), Some(mapped), "{given}");
        }
        assert_eq!(sentiment("sad".to_owned()), None);
    }

    #[test]
    fn language_is_written_in_canonical_case() {
        let cases = [
            ("EN", "en"),
            ("pt_br", "pt-BR"),
            ("sr-LATN-rs", "sr-Latn-RS"),
            ("iw", "iw"),
            ("DE-de-1996-U-CO-PHONEBK", "de-DE-1996-u-co-phonebk"),
        ];
        for (given, canonical) in cases {
            assert_eq!(language(given.to_owned()).as_deref(), Some(canonical), "{given}");
        }
        let long = format!("en-x{}", "-a".repeat(126));
        for malformed in [
            "",
            "e",
            "English",
            "auto",
            "i-klingon",
            "x-own",
            "en-",
            "12",
            "e1",
            &long,
        ] {
            assert_eq!(language(malformed.to_owned()), None, "{malformed}");
        }
    }

    #[test]
    fn timestamp_has_seconds_and_an_offset() {
        let timestamp = |text: &str| timestamp(text.to_owned());
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
