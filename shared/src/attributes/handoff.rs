//! The six attributes of a handoff: adds them to a task's attributes, takes them back, and tells whether an earlier
//! handoff wrote them.

use std::borrow::Cow;
use std::fmt;

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::attributes::Attributes;
use crate::attributes::json::{escaped_units, quote};
use crate::attributes::shorten::{ELLIPSIS, shorten, units};
use crate::attributes::splice::{restore, splice};

/// TaskRouter's limit on the attributes' whole text with white space, in UTF-16 code units.
/// <https://www.twilio.com/docs/taskrouter/api/task>
pub const MAX_UNITS: usize = 4096;

/// If the attributes are too long, a reason of more UTF-16 code units than this is shortened before the summary.
const LONG_REASON_UNITS: usize = 400;

/// The most room for the attribute `handoffOf`, in UTF-16 code units.
const HANDOFF_OF_UNITS: usize = 115;

/// The clocks of the AI platform, Twilio and two instances of this function may differ by this much.
const CLOCK_SKEW: Duration = Duration::MINUTE;

const NAMES: [&str; 6] = [
    "handedOff",
    "handoffReason",
    "handoffSummary",
    "handoffSentiment",
    "handoffLanguage",
    "handoffTimestamp",
];

/// The AI's texts about a handoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffDetails {
    pub reason: String,
    pub summary: String,
    pub sentiment: String,
    pub language: String,
}

/// The six attributes of a handoff. `handedOff` is `true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffAttributes {
    pub details: HandoffDetails,
    /// RFC 3339, unchanged.
    pub timestamp: String,
}

/// The task's other attributes leave no room for the six.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributesTooLarge;

impl fmt::Display for AttributesTooLarge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the task's other attributes leave no room within {MAX_UNITS} characters"
        )
    }
}

impl std::error::Error for AttributesTooLarge {}

impl HandoffAttributes {
    /// Reads the six attributes from a task. `None` unless `handedOff` is `true` and the other five are strings.
    pub fn read(attributes: &Attributes<'_>) -> Option<Self> {
        let text = |name| attributes.root().member(name)?.as_string_lossy();
        let details = HandoffDetails {
            reason: text("handoffReason")?,
            summary: text("handoffSummary")?,
            sentiment: text("handoffSentiment")?,
            language: text("handoffLanguage")?,
        };
        let timestamp = text("handoffTimestamp")?;
        attributes.handed_off().then_some(Self { details, timestamp })
    }

    /// Whether the six attributes on a task were written since the reservation was created. If not, an earlier handoff
    /// wrote them.
    ///
    /// Twilio gives `created` in whole seconds, so a timestamp within the same second proves nothing. A repeat may give
    /// a timestamp that is up to a minute older than the reservation.
    pub fn written_since(&self, created: Option<OffsetDateTime>, given: Option<&str>, now: OffsetDateTime) -> bool {
        let Some((created, written)) = created.zip(OffsetDateTime::parse(&self.timestamp, &Rfc3339).ok()) else {
            return false;
        };
        let is_given_again = given == Some(self.timestamp.as_str());
        let is_later = written.unix_timestamp() > created.unix_timestamp();
        let is_skewed = is_given_again && written >= created.saturating_sub(CLOCK_SKEW);
        (is_later || is_skewed) && written <= now.saturating_add(CLOCK_SKEW)
    }

    /// Whether the attributes on a task hold these texts, which may have been shortened to fit.
    pub fn say(&self, details: &HandoffDetails, attributes: &Attributes<'_>) -> bool {
        let whole = HandoffAttributes {
            details: details.clone(),
            timestamp: self.timestamp.clone(),
        };
        let is_too_long = || excess(&whole.splice_into(attributes, &[]), MAX_UNITS - HANDOFF_OF_UNITS) > 0;
        self.details == *details || self.details.are_shortened(details) && is_too_long()
    }

    /// The task's attributes with the six added or replaced. Every other attribute keeps its place and its bytes. The
    /// result leaves room for the `reserved` members.
    ///
    /// If the text would be longer than [`MAX_UNITS`], a reason over 400 UTF-16 code units is shortened first. Then the
    /// summary is shortened as far as needed, and then the reason again.
    ///
    /// # Errors
    /// [`AttributesTooLarge`] if even the shortened text doesn't fit.
    pub fn merge_into(
        &self,
        attributes: &Attributes<'_>,
        reserved: &[(&str, String)],
    ) -> Result<String, AttributesTooLarge> {
        let mut shorter = Cow::Borrowed(self);
        let mut steps = [Self::shorten_long_reason, Self::shorten_summary, Self::shorten_reason].into_iter();
        loop {
            let merged = shorter.splice_into(attributes, reserved);
            match excess(&merged, MAX_UNITS) {
                0 if reserved.is_empty() => return Ok(merged),
                0 => return Ok(shorter.splice_into(attributes, &[])),
                excess => {
                    let shorten = steps.next().ok_or(AttributesTooLarge)?;
                    shorten(shorter.to_mut(), excess);
                }
            }
        }
    }

    /// The task's attributes with the six as they were before the merge: with their earlier values, or removed. Every
    /// other attribute keeps its place and its bytes.
    pub fn take_back(attributes: &Attributes<'_>, before: &Attributes<'_>) -> String {
        restore(attributes, before, &NAMES)
    }

    fn shorten_long_reason(&mut self, _excess: usize) {
        if units(&self.details.reason) > LONG_REASON_UNITS {
            self.details.reason = shorten(&self.details.reason, LONG_REASON_UNITS, char::len_utf16);
        }
    }

    fn shorten_summary(&mut self, excess: usize) {
        shorten_by(&mut self.details.summary, excess);
    }

    fn shorten_reason(&mut self, excess: usize) {
        shorten_by(&mut self.details.reason, excess);
    }

    fn splice_into(&self, attributes: &Attributes<'_>, more: &[(&str, String)]) -> String {
        let HandoffDetails {
            reason,
            summary,
            sentiment,
            language,
        } = &self.details;
        let texts = [reason, summary, sentiment, language, &self.timestamp].map(|text| quote(text));
        let values = std::iter::once("true".to_owned()).chain(texts);
        let mut members: Vec<_> = NAMES.into_iter().zip(values).collect();
        members.extend_from_slice(more);
        splice(attributes, &members)
    }
}

impl HandoffDetails {
    /// Whether these are the whole texts with a shortened reason and summary.
    fn are_shortened(&self, whole: &HandoffDetails) -> bool {
        let starts = |kept: &str, whole: &str| {
            kept == whole
                || kept
                    .strip_suffix(ELLIPSIS)
                    .is_some_and(|start| whole.starts_with(start))
        };
        starts(&self.reason, &whole.reason)
            && starts(&self.summary, &whole.summary)
            && self.sentiment == whole.sentiment
            && self.language == whole.language
    }
}

/// The number of UTF-16 code units by which attributes exceed a limit.
fn excess(attributes: &str, limit: usize) -> usize {
    // A text never has more units than bytes, and its length in bytes is known.
    match attributes.len() <= limit {
        true => 0,
        false => units(attributes).saturating_sub(limit),
    }
}

/// Shortens a text so that its JSON string has `excess` UTF-16 code units less. A text that can't be that short becomes
/// the ellipsis.
fn shorten_by(text: &mut String, excess: usize) {
    let size: usize = text.chars().map(escaped_units).sum();
    if size > 1 {
        *text = shorten(text, size.saturating_sub(excess), escaped_units);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn six(reason: &str, summary: &str) -> HandoffAttributes {
        let details = HandoffDetails {
            reason: reason.to_owned(),
            summary: summary.to_owned(),
            sentiment: "negative".to_owned(),
            language: "en".to_owned(),
        };
        HandoffAttributes {
            details,
            timestamp: "2026-11-22T09:00:00Z".to_owned(),
        }
    }

    fn merged(six: &HandoffAttributes, text: &str) -> Result<String, AttributesTooLarge> {
        six.merge_into(&Attributes::parse(text).unwrap(), &[])
    }

    const TAIL: &str = r#""handedOff":true,"handoffReason":"r","handoffSummary":"s","handoffSentiment":"negative","handoffLanguage":"en","handoffTimestamp":"2026-11-22T09:00:00Z""#;

    #[test]
    fn the_six_come_last_and_every_other_byte_stays() {
        let cases = [
            ("{}", format!("{{{TAIL}}}")),
            (" { } ", format!(" {{{TAIL} }} ")),
            (
                r#"{"a": 1.10 , "b":[ 1,2 ],"a":"\u0041" }"#,
                format!(r#"{{"a": 1.10 , "b":[ 1,2 ],"a":"\u0041",{TAIL} }}"#),
            ),
        ];
        for (before, after) in cases {
            assert_eq!(merged(&six("r", "s"), before), Ok(after));
        }
    }

    #[test]
    fn existing_attribute_is_replaced_in_its_place() {
        let before = r#"{"handoffTimestamp":null,"x":{"handedOff":0},"hand\u0065dOff" : false,"handoffReason":"old","handoffReason":"older","y":2}"#;
        let after = r#"{"handoffTimestamp":"2026-11-22T09:00:00Z","x":{"handedOff":0},"hand\u0065dOff" : true,"handoffReason":"old","handoffReason":"r","y":2,"handoffSummary":"s","handoffSentiment":"negative","handoffLanguage":"en"}"#;
        assert_eq!(merged(&six("r", "s"), before), Ok(after.to_owned()));
        assert_eq!(merged(&six("r", "s"), after), Ok(after.to_owned()));
        assert_eq!(
            HandoffAttributes::read(&Attributes::parse(after).unwrap()),
            Some(six("r", "s"))
        );
    }

    #[test]
    fn text_is_escaped() {
        let text = "\"quoted\" \\ \n\u{1} é 😀";
        let merged = merged(&six(text, text), "{}").unwrap();
        assert!(
            merged.contains(r#""handoffReason":"\"quoted\" \\ \n\u0001 é 😀""#),
            "{merged}"
        );
    }

    #[test]
    fn a_long_reason_is_shortened_before_the_summary() {
        let merged = merged(&six(&"r".repeat(500), &"s".repeat(5000)), r#"{"a":1}"#).unwrap();
        let read = HandoffAttributes::read(&Attributes::parse(&merged).unwrap()).unwrap();
        assert_eq!(read.details.reason, format!("{}…", "r".repeat(399)));
        assert!(read.details.summary.ends_with("s…"));
        assert_eq!(units(&merged), MAX_UNITS);
    }

    #[test]
    fn text_that_fits_is_not_shortened() {
        let long = six(&"r".repeat(900), &"s".repeat(2900));
        assert_eq!(
            HandoffAttributes::read(&Attributes::parse(&merged(&long, "{}").unwrap()).unwrap()),
            Some(long)
        );
    }

    #[test]
    fn the_reason_is_shortened_further_when_the_summary_is_at_its_end() {
        let filler = format!(r#"{{"a":"{}"}}"#, "x".repeat(3700));
        let merged = merged(&six(&"r".repeat(500), &"s".repeat(500)), &filler).unwrap();
        let read = HandoffAttributes::read(&Attributes::parse(&merged).unwrap()).unwrap();
        assert_eq!(read.details.summary, "…");
        assert!(read.details.reason.ends_with("r…") && units(&read.details.reason) < 400);
        assert_eq!(units(&merged), MAX_UNITS);
    }

    #[test]
    fn attributes_that_leave_no_room_are_an_error() {
        let filler = format!(r#"{{"a":"{}"}}"#, "x".repeat(4000));
        assert_eq!(merged(&six("r", "s"), &filler), Err(AttributesTooLarge));
    }

    #[test]
    fn shortened_texts_still_say_the_same() {
        let whole = six(&"r".repeat(3000), &"s".repeat(3000));
        let merged = merged(&whole, "{}").unwrap();
        let attributes = Attributes::parse(&merged).unwrap();
        let read = HandoffAttributes::read(&attributes).unwrap();
        assert!(read.say(&whole.details, &attributes));
        assert!(!read.say(&six("r", "s").details, &attributes));
    }

    #[test]
    fn ellipsis_of_the_ais_own_does_not_count_as_a_cut() {
        let merged = merged(&six("r", "Customer asks…"), "{}").unwrap();
        let attributes = Attributes::parse(&merged).unwrap();
        let read = HandoffAttributes::read(&attributes).unwrap();
        assert!(!read.say(&six("r", "Customer asks for a refund").details, &attributes));
    }

    #[test]
    fn reserved_members_have_room() {
        let reserved = [("handoffOf", r#"{"taskSid":"WT"}"#.to_owned())];
        let long = six("r", &"s".repeat(5000));
        let attributes = Attributes::parse("{}").unwrap();
        let merged = long.merge_into(&attributes, &reserved).unwrap();
        let with_reserved = splice(&Attributes::parse(&merged).unwrap(), &reserved);
        assert_eq!(units(&with_reserved), MAX_UNITS);
        let attributes = Attributes::parse(&merged).unwrap();
        assert!(
            HandoffAttributes::read(&attributes)
                .unwrap()
                .say(&long.details, &attributes)
        );
    }

    #[test]
    fn six_are_taken_back_byte_for_byte() {
        let before = r#"{"a": 1.10 , "handoffReason":"old","b":[ 1,2 ] }"#;
        let merged = merged(&six("r", "s"), before).unwrap();
        let parse = |text| Attributes::parse(text).unwrap();
        assert_eq!(HandoffAttributes::take_back(&parse(&merged), &parse(before)), before);
    }

    #[test]
    fn six_belong_to_the_reservation_in_whose_time_they_were_written() {
        let at = |text: &str| OffsetDateTime::parse(text, &Rfc3339).unwrap();
        let on_task = |timestamp: &str| HandoffAttributes {
            timestamp: timestamp.to_owned(),
            ..six("r", "s")
        };
        let now = at("2026-11-22T10:00:00.5Z");
        let created = Some(at("2026-11-22T09:00:00Z"));
        // The timestamp on the task, the timestamp in the request, and whether the attributes are the reservation's.
        let cases = [
            ("2026-11-22T09:00:00Z", None, false),
            ("2026-11-22T09:00:00.999Z", None, false),
            ("2026-11-22T09:00:01Z", None, true),
            ("2026-11-22T10:00:01+01:00", None, true),
            ("2026-11-22T09:00:00Z", Some("2026-11-22T09:00:00Z"), true),
            ("2026-11-22T08:59:00Z", Some("2026-11-22T08:59:00Z"), true),
            ("2026-11-22T08:59:30Z", Some("2026-11-22T09:00:01Z"), false),
            ("2026-11-22T08:58:59Z", Some("2026-11-22T08:58:59Z"), false),
            ("2026-11-22T10:01:00Z", None, true),
            ("2026-11-22T10:01:01Z", None, false),
            ("2026-11-22T10:01:01Z", Some("2026-11-22T10:01:01Z"), false),
            ("yesterday", None, false),
        ];
        for (timestamp, given, own) in cases {
            let written_since = on_task(timestamp).written_since(created, given, now);
            assert_eq!(written_since, own, "{timestamp} {given:?}");
        }
        assert!(!on_task("2026-11-22T09:00:01Z").written_since(None, None, now));
    }
}
