//! The `Retry-After` header.

use std::time::{Duration, SystemTime};

/// The value of a `Retry-After` header: seconds, or an HTTP date relative to `now`.
/// <https://www.rfc-editor.org/rfc/rfc9110#field.retry-after>
pub(crate) fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number of seconds that overflows is as good as forever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

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
