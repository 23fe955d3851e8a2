//! When to try again: exponential back-off with full jitter, within the time that the invocation has.
//! <https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/>

use std::time::{Duration, SystemTime};

use crate::invocation::{Invocation, OutOfTime};

/// The first pause is at most this long, and each later one at most twice the one before.
const FIRST: Duration = Duration::from_millis(100);

/// No pause is longer, unless an upstream asks for it.
const LONGEST: Duration = Duration::from_secs(2);

/// How often a write that met 412 is decided and written anew.
pub const MAX_WRITES: u32 = 10;

/// The pauses between tries.
#[derive(Debug, Default)]
pub struct Backoff {
    pauses: u32,
}

impl Backoff {
    /// Waits before the next try, at least as long as the upstream asked for.
    ///
    /// # Errors
    /// At once, if the time of the invocation ends before that.
    pub async fn pause(&mut self, invocation: &Invocation, retry_after: Option<Duration>) -> Result<(), OutOfTime> {
        let jittered = jitter(longest_pause(self.pauses));
        self.pauses += 1;
        invocation.pause(jittered.max(retry_after.unwrap_or_default())).await
    }
}

/// A random part of a duration.
pub fn jitter(longest: Duration) -> Duration {
    longest.mul_f64(fastrand::f64())
}

fn longest_pause(pauses: u32) -> Duration {
    FIRST.saturating_mul(1 << pauses.min(16)).min(LONGEST)
}

/// The value of a `Retry-After` header, seconds or an HTTP date, from `now` on.
/// <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
pub(crate) fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than a number holds are as good as for ever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_two_seconds() {
        assert_eq!(
            [0, 1, 2, 3, 4, 5, 99].map(longest_pause).map(|pause| pause.as_millis()),
            { [100, 200, 400, 800, 1600, 2000, 2000] }
        );
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 09:00:00 GMT").unwrap();
        let parse = |value| parse_retry_after(value, now).map(|pause| pause.as_secs());
        assert_eq!(parse("7"), Some(7));
        assert_eq!(parse("99999999999999999999"), Some(u64::MAX));
        assert_eq!(parse("Sun, 22 Nov 2026 09:00:30 GMT"), Some(30));
        assert_eq!(parse("Sun, 22 Nov 2026 08:00:00 GMT"), Some(0));
        for garbage in ["", "-1", "+1", "soon", "1.5", "1, 2"] {
            assert_eq!(parse(garbage), None, "{garbage}");
        }
    }
}
