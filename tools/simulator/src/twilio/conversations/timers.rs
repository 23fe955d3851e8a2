//! The timers that first make an idle conversation inactive and then close it.

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::state::ConversationState;
use crate::clock::iso_8601;
use crate::twilio::refusal::Refusal;

/// The delay before each state. Twilio doesn't document the start of the second timer. Here both count from the last
/// change. Becoming inactive is such a change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Timers {
    inactive: Option<Duration>,
    closed: Option<Duration>,
}

impl Timers {
    /// Sets the given timers from ISO 8601 durations. `PT0S` removes a timer.
    pub(super) fn set(&mut self, inactive: Option<&str>, closed: Option<&str>) -> Result<(), Refusal> {
        if let Some(text) = inactive {
            let after = duration(text).ok_or_else(|| Refusal::timer(50379, "TimeToInactive format is invalid"))?;
            let refusal = || Refusal::timer(50375, "TimeToInactive should be greater or equal to 1 minute");
            self.inactive = at_least(Duration::MINUTE, after).map_err(|()| refusal())?;
        }
        if let Some(text) = closed {
            let after = duration(text).ok_or_else(|| Refusal::timer(50380, "TimeToClosed format is invalid"))?;
            let refusal = || Refusal::timer(50376, "TimeToClosed should be greater or equal to 10 minutes");
            self.closed = at_least(10 * Duration::MINUTE, after).map_err(|()| refusal())?;
        }
        Ok(())
    }

    /// The next state of a conversation that has been in `state` since `since`, and the time of the change.
    pub(super) fn next(
        self,
        state: ConversationState,
        since: OffsetDateTime,
    ) -> Option<(ConversationState, OffsetDateTime)> {
        let inactive = self.inactive.filter(|_| state == ConversationState::Active);
        let closed = self.closed.filter(|_| state != ConversationState::Closed);
        let inactive = inactive.map(|after| (ConversationState::Inactive, since + after));
        let closed = closed.map(|after| (ConversationState::Closed, since + after));
        inactive.into_iter().chain(closed).min_by_key(|(_, end)| *end)
    }

    /// The field `timers` of a conversation that has been in `state` since `since`.
    pub(super) fn resource(self, state: ConversationState, since: OffsetDateTime) -> Value {
        let mut timers = json!({});
        if let Some(after) = self.inactive.filter(|_| state == ConversationState::Active) {
            timers["date_inactive"] = iso_8601(since + after).into();
        }
        if let Some(after) = self.closed.filter(|_| state != ConversationState::Closed) {
            timers["date_closed"] = iso_8601(since + after).into();
        }
        timers
    }
}

fn at_least(least: Duration, after: Duration) -> Result<Option<Duration>, ()> {
    match after {
        after if after.is_zero() => Ok(None),
        after if after < least => Err(()),
        after => Ok(Some(after)),
    }
}

/// Timers are at most a century long, so their end is a valid date.
const LONGEST: i64 = 100 * 365 * 86_400;

/// Days, hours, minutes and seconds, as in `P1DT12H`.
fn duration(text: &str) -> Option<Duration> {
    let (mut days, mut time) = text
        .strip_prefix('P')
        .map(|rest| rest.split_once('T').unwrap_or((rest, "")))?;
    let seconds = take(&mut days, 'D', 86_400)?
        + take(&mut time, 'H', 3_600)?
        + take(&mut time, 'M', 60)?
        + take(&mut time, 'S', 1)?;
    let all_is_read = days.is_empty() && time.is_empty() && text.ends_with(['D', 'H', 'M', 'S']);
    (all_is_read && seconds <= LONGEST).then(|| Duration::seconds(seconds))
}

/// Removes a number and its unit from the text. Returns the time in seconds, or 0 if the unit is missing.
fn take(text: &mut &str, unit: char, seconds: i64) -> Option<i64> {
    let Some((number, rest)) = text.split_once(unit) else {
        return Some(0);
    };
    *text = rest;
    Some(i64::from(number.parse::<u32>().ok()?) * seconds)
}
