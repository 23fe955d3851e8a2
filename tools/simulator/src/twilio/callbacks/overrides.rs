//! Connection overrides: Twilio's timeouts and retries for a callback, as given in the fragment of its URL
//! (<https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>).

use std::ops::RangeInclusive;
use std::time::Duration;

/// The settings in a callback URL's fragment. The defaults are Twilio's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Overrides {
    /// `ct`, 100 to 10,000 ms.
    pub(crate) connect_timeout: Duration,
    /// `rt`, 100 to 15,000 ms: the time for the answer.
    pub(crate) read_timeout: Duration,
    /// `tt`, 100 to 15,000 ms: the total time, including retries.
    pub(crate) total_time: Duration,
    /// `rc`, 0 to 5.
    pub(crate) retry_count: u64,
    /// `rp`: the failures after which Twilio retries.
    pub(crate) retry_policy: Vec<String>,
}

impl Default for Overrides {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_millis(5_000),
            read_timeout: Duration::from_millis(15_000),
            total_time: Duration::from_millis(15_000),
            retry_count: 1,
            retry_policy: vec!["ct".to_owned()],
        }
    }
}

impl Overrides {
    /// Webhooks of Conversations have "a maximum timeout of 5 seconds". They are sent once.
    pub(crate) fn of_conversations() -> Self {
        let longest = Duration::from_secs(5);
        Self {
            connect_timeout: longest,
            read_timeout: longest,
            total_time: longest,
            retry_count: 0,
            retry_policy: Vec::new(),
        }
    }

    /// Reads the fragment of `url`. A value out of range counts as the nearest allowed value.
    pub(crate) fn of(url: &str) -> Self {
        let fragment = url.split_once('#').map_or("", |(_, fragment)| fragment);
        let mut overrides = Self::default();
        for (name, value) in form_urlencoded::parse(fragment.as_bytes()) {
            match name.as_ref() {
                "ct" => set_millis(&mut overrides.connect_timeout, &value, 100..=10_000),
                "rt" => set_millis(&mut overrides.read_timeout, &value, 100..=15_000),
                "tt" => set_millis(&mut overrides.total_time, &value, 100..=15_000),
                "rc" => overrides.retry_count = within(&value, 0..=5).unwrap_or(overrides.retry_count),
                "rp" => overrides.retry_policy = value.split(',').map(str::to_owned).collect(),
                _ => {}
            }
        }
        overrides
    }

    /// Whether Twilio retries after a failure of this kind: `4xx`, `5xx`, `ct` or `rt`.
    pub(crate) fn retries(&self, failure: &str) -> bool {
        self.retry_policy.iter().any(|kind| kind == failure || kind == "all")
    }
}

fn set_millis(time: &mut Duration, value: &str, range: RangeInclusive<u64>) {
    if let Some(millis) = within(value, range) {
        *time = Duration::from_millis(millis);
    }
}

fn within(value: &str, range: RangeInclusive<u64>) -> Option<u64> {
    value
        .parse()
        .ok()
        .map(|number: u64| number.clamp(*range.start(), *range.end()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Overrides;

    #[test]
    fn url_without_a_fragment_has_twilios_defaults() {
        assert_eq!(Overrides::of("https://example.com/task-events"), Overrides::default());
    }

    #[test]
    fn fragment_overrides_within_twilios_ranges() {
        let overrides = Overrides::of("https://example.com/#rc=9&rp=5xx,ct,rt&rt=3000&ct=1&tt=nonsense");

        let expected = Overrides {
            connect_timeout: Duration::from_millis(100),
            read_timeout: Duration::from_millis(3_000),
            retry_count: 5,
            retry_policy: vec!["5xx".to_owned(), "ct".to_owned(), "rt".to_owned()],
            ..Overrides::default()
        };
        assert_eq!(overrides, expected);
        assert!(overrides.retries("5xx"));
        assert!(!overrides.retries("4xx"));
    }
}
