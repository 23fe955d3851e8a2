//! The six attributes of a handoff: writing them among a task's others, and telling whose they are.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use crate::attributes::Attributes;
use crate::attributes::json::{escaped_units, quote};

/// TaskRouter's limit on the attributes' whole text, white space included, in UTF-16 code units.
/// <https://www.twilio.com/docs/taskrouter/api/task>
pub const MAX_UNITS: usize = 4096;

/// Where the attributes are too long, a reason over this many UTF-16 code units is shortened before the summary is.
const LONG_REASON_UNITS: usize = 400;

/// A given timestamp may be this much older than the reservation and still tell that a handoff is its own: the clocks
/// of the AI platform and of Twilio differ.
const CLOCK_SKEW: Duration = Duration::MINUTE;

/// What the AI says of a handoff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffDetails {
    pub reason: String,
    pub summary: String,
    pub sentiment: String,
    pub language: String,
}

/// The six attributes; `handedOff` is `true`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffAttributes {
    pub details: HandoffDetails,
    /// RFC 3339, as given.
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
    /// Reads the six from a task; `None` unless `handedOff` is `true` and the other five are strings.
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

    /// Whether these, read from a task, were written since the reservation was created, so that they are its own rather
    /// than an earlier handoff's.
    ///
    /// A timestamp that its caller gave may be a little older than the reservation, and is then known by being given
    /// again. One in the future of `now` says nothing.
    pub fn written_since(&self, created: Option<OffsetDateTime>, given: Option<&str>, now: OffsetDateTime) -> bool {
        let Some((created, written)) = created.zip(OffsetDateTime::parse(&self.timestamp, &Rfc3339).ok()) else {
            return false;
        };
        let is_given_again = given == Some(self.timestamp.as_str());
        let earliest = if is_given_again {
            created.saturating_sub(CLOCK_SKEW)
        } else {
            created
        };
        // Our own clock may be behind that of Twilio, which gave `created`, or of another instance, which wrote these.
        let latest = now.max(created).saturating_add(Duration::SECOND);
        (earliest..=latest).contains(&written)
    }

    /// Whether these, read from the task's attributes, say what a request says, which may have been shortened to fit
    /// among them.
    pub fn say(&self, details: &HandoffDetails, attributes: &Attributes<'_>) -> bool {
        let whole = HandoffAttributes {
            details: details.clone(),
            timestamp: self.timestamp.clone(),
        };
        let shortened = || excess(&whole.splice_into(attributes)) > 0 && self.details.are_shortened(details);
        self.details == *details || shortened()
    }

    /// The attributes with the six added or replaced; every other attribute keeps its place and its bytes.
    ///
    /// Only where the text would be longer than [`MAX_UNITS`]: a reason over 400 UTF-16 code units is shortened first,
    /// then the summary as far as needed, then the reason further.
    ///
    /// # Errors
    /// [`AttributesTooLarge`] if even that doesn't fit.
    pub fn merge_into(&self, attributes: &Attributes<'_>) -> Result<String, AttributesTooLarge> {
        let mut merged = self.splice_into(attributes);
        let mut shorter = Cow::Borrowed(self);
        for shorten in [Self::shorten_long_reason, Self::shorten_summary, Self::shorten_reason] {
            let excess = excess(&merged);
            if excess == 0 {
                return Ok(merged);
            }
            shorten(shorter.to_mut(), excess);
            merged = shorter.splice_into(attributes);
        }
        match excess(&merged) {
            0 => Ok(merged),
            _ => Err(AttributesTooLarge),
        }
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

    fn splice_into(&self, attributes: &Attributes<'_>) -> String {
        let members = [
            ("handedOff", "true".to_owned()),
            ("handoffReason", quote(&self.details.reason)),
            ("handoffSummary", quote(&self.details.summary)),
            ("handoffSentiment", quote(&self.details.sentiment)),
            ("handoffLanguage", quote(&self.details.language)),
            ("handoffTimestamp", quote(&self.timestamp)),
        ];
        splice(attributes, &members)
    }
}

impl HandoffDetails {
    /// Whether these are the whole ones with reason and summary cut short.
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

const ELLIPSIS: char = '…';

/// The length of a text in UTF-16 code units, as Twilio counts it.
pub fn units(text: &str) -> usize {
    // A character takes two where UTF-8 takes four bytes, of which the first one is 11110xxx.
    let is_beyond = |byte: &u8| *byte >= 0b1111_0000;
    text.chars().count() + text.bytes().filter(is_beyond).count()
}

/// By how many UTF-16 code units attributes are too long.
fn excess(attributes: &str) -> usize {
    // Of bytes there are never fewer, and they need not be counted.
    match attributes.len() {
        0..=MAX_UNITS => 0,
        _ => units(attributes).saturating_sub(MAX_UNITS),
    }
}

/// As much of the start of a text as measures at most `limit` together with the `…` that ends it.
///
/// `measure` gives the size of a character; the ellipsis has size 1. Nothing is cut within a character.
pub fn shorten(text: &str, limit: usize, measure: impl Fn(char) -> usize) -> String {
    let mut used = 1;
    let fits = |character: &char| {
        used += measure(*character);
        used <= limit
    };
    let start: String = text.chars().take_while(fits).collect();
    format!("{}{ELLIPSIS}", start.trim_end())
}

/// Shortens a text so that it takes `excess` UTF-16 code units less in a JSON string, or is the ellipsis alone.
fn shorten_by(text: &mut String, excess: usize) {
    let size: usize = text.chars().map(escaped_units).sum();
    if size > 1 {
        *text = shorten(text, size.saturating_sub(excess), escaped_units);
    }
}

/// The object with the values of the named members replaced where they stand (the last one, if a name is repeated:
/// it is the one that counts), and the missing ones added at the end.
pub(super) fn splice<const N: usize>(attributes: &Attributes<'_>, members: &[(&str, String); N]) -> String {
    let text = attributes.text();
    let start = attributes.root().range().start + 1;
    let mut end = start;
    let mut places = [const { None }; N];
    for child in attributes.root().children() {
        let name = child.name();
        if let Some(member) = members.iter().position(|(member, _)| *member == name) {
            places[member] = Some(child.range());
        }
        end = child.range().end;
    }
    let mut replaced: Vec<(Range<usize>, &str)> = Vec::new();
    let mut added = String::new();
    for ((name, value), place) in members.iter().zip(places) {
        match place {
            Some(place) => replaced.push((place, value)),
            None => {
                let is_first = end == start && added.is_empty();
                added.extend([if is_first { "" } else { "," }, "\"", name, "\":", value]);
            }
        }
    }
    replaced.push((end..end, &added));
    replaced.sort_by_key(|(range, _)| (range.start, range.end));

    let mut spliced = String::with_capacity(text.len() + added.len());
    let mut copied = 0;
    for (range, value) in replaced {
        spliced.push_str(&text[copied..range.start]);
        spliced.push_str(value);
        copied = range.end;
    }
    spliced.push_str(&text[copied..]);
    spliced
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
        six.merge_into(&Attributes::parse(text).unwrap())
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
    fn one_that_is_there_is_replaced_in_its_place() {
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
    fn what_fits_is_not_shortened() {
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
    fn words_that_were_shortened_still_say_the_same() {
        let whole = six(&"r".repeat(3000), &"s".repeat(3000));
        let merged = merged(&whole, "{}").unwrap();
        let attributes = Attributes::parse(&merged).unwrap();
        let read = HandoffAttributes::read(&attributes).unwrap();
        assert!(read.say(&whole.details, &attributes));
        assert!(!read.say(&six("r", "s").details, &attributes));
    }

    #[test]
    fn an_ellipsis_of_the_ais_own_is_a_word_like_any_other() {
        let merged = merged(&six("r", "Customer asks…"), "{}").unwrap();
        let attributes = Attributes::parse(&merged).unwrap();
        let read = HandoffAttributes::read(&attributes).unwrap();
        assert!(!read.say(&six("r", "Customer asks for a refund").details, &attributes));
    }

    #[test]
    fn the_six_belong_to_the_reservation_in_whose_time_they_were_written() {
        let at = |text: &str| OffsetDateTime::parse(text, &Rfc3339).unwrap();
        let on_task = |timestamp: &str| HandoffAttributes {
            timestamp: timestamp.to_owned(),
            ..six("r", "s")
        };
        let now = at("2026-11-22T10:00:00Z");
        let created = Some(at("2026-11-22T09:00:00Z"));
        let cases = [
            // On the task, given with the request, are they its own?
            ("2026-11-22T09:00:00Z", None, true),
            ("2026-11-22T10:00:01+01:00", None, true),
            ("2026-11-22T08:59:59Z", None, false),
            ("2026-11-22T08:59:59Z", Some("2026-11-22T08:59:59Z"), true),
            ("2026-11-22T08:59:59Z", Some("2026-11-22T09:00:01Z"), false),
            ("2026-11-22T08:58:59Z", Some("2026-11-22T08:58:59Z"), false),
            ("2026-11-22T10:00:02Z", Some("2026-11-22T10:00:02Z"), false),
            ("yesterday", None, false),
        ];
        for (timestamp, given, own) in cases {
            let written_since = on_task(timestamp).written_since(created, given, now);
            assert_eq!(written_since, own, "{timestamp} {given:?}");
        }
        assert!(!on_task("2026-11-22T09:00:00Z").written_since(None, None, now));
        // Where our clock is behind Twilio's, the six are given the time at which the reservation was created.
        let behind = at("2026-11-22T08:59:00Z");
        assert!(on_task("2026-11-22T09:00:00Z").written_since(created, None, behind));
        assert!(!on_task("2026-11-22T09:00:02Z").written_since(created, None, behind));
    }
}
