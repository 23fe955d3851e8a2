//! The events that flex-handoff needs and the URL that they are sent to.

use url::Url;

/// Types that the functions act on. If one is missing, a session misses a change or a task stays open.
pub(crate) const NEEDED: [&str; 9] = [
    "task.created",
    "task.updated",
    "task.canceled",
    "task.wrapup",
    "task.completed",
    "task.deleted",
    "task.system-deleted",
    "reservation.created",
    "reservation.wrapup",
];

/// Also needed if tasks are closed after the AI rejected them.
pub(crate) const NEEDED_FOR_REJECTIONS: &str = "reservation.rejected";

/// The events that can change a session or end a task. Each event costs a session write, so others are left out.
pub(crate) const RECOMMENDED: [&str; 10] = [
    "task.created",
    "task.updated",
    "task.canceled",
    "task.wrapup",
    "task.completed",
    "task.deleted",
    "task.system-deleted",
    "reservation.created",
    "reservation.rejected",
    "reservation.wrapup",
];

/// The overrides that make Twilio retry as long as possible after any answer but 2xx.
const RETRIES: &str = "5";
const RETRIED: [&str; 4] = ["4xx", "5xx", "ct", "rt"];

/// Whether two URLs differ only in connection overrides. The overrides are in the fragment.
pub(crate) fn same_place(left: &str, right: &str) -> bool {
    let place = |url: &str| {
        let mut url = Url::parse(url.trim()).ok()?;
        url.set_fragment(None);
        Some(url)
    };
    place(left).is_some_and(|left| Some(left) == place(right))
}

/// Whether the overrides in a callback's URL make Twilio retry after both 4xx and 5xx.
///
/// <https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides>
pub(crate) fn is_retried(callback: &str) -> bool {
    let overrides = overrides(callback);
    let value = |name: &str| {
        overrides
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.as_str())
    };
    // Without a count, Twilio retries once.
    let retries = value("rc").is_none_or(|count| count.parse::<u32>().is_ok_and(|count| count > 0));
    let policies: Vec<&str> = value("rp").unwrap_or_default().split(',').map(str::trim).collect();
    let has = |policy: &str| policies.contains(&"all") || policies.contains(&policy);
    retries && has("4xx") && has("5xx")
}

/// The callback's URL with overrides that make Twilio retry. The URL's other overrides are kept.
pub(crate) fn with_retries(callback: &str) -> String {
    let place = callback.split('#').next().unwrap_or_default();
    let mut overrides = overrides(callback);
    let policies = overrides.iter().find(|(name, _)| name == "rp");
    let mut policies: Vec<String> = policies
        .map(|(_, value)| value.split(',').map(|policy| policy.trim().to_owned()).collect())
        .unwrap_or_default();
    policies.retain(|policy| !policy.is_empty());
    if !policies.iter().any(|policy| policy == "all") {
        for policy in RETRIED {
            if !policies.iter().any(|own| own == policy) {
                policies.push(policy.to_owned());
            }
        }
    }
    overrides.retain(|(name, _)| !matches!(name.as_str(), "rc" | "rp"));
    let others = overrides.iter().map(|(name, value)| format!("&{name}={value}"));
    let others: String = others.collect();
    format!("{place}#rc={RETRIES}&rp={}{others}", policies.join(","))
}

fn overrides(callback: &str) -> Vec<(String, String)> {
    let fragment = callback.split_once('#').map_or("", |(_, fragment)| fragment);
    let pairs = fragment.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_differ_by_more_than_their_overrides() {
        for (left, right, same) in [
            ("https://a.example/e#rc=5", "https://A.example:443/e", true),
            ("https://a.example/e", " https://a.example/e ", true),
            ("https://a.example/e", "https://a.example/f", false),
            ("https://a.example/e", "https://a.example/e?x=1", false),
            ("https://a.example/e", "http://a.example/e", false),
            ("not a URL", "not a URL", false),
        ] {
            assert_eq!(same_place(left, right), same, "{left} {right}");
        }
    }

    #[test]
    fn an_event_is_retried_after_both_kinds_of_refusal_or_not() {
        for (overrides, retried) in [
            ("", false),
            ("#", false),
            ("#rc=5", false),
            ("#rc=5&rp=5xx,ct", false),
            ("#rc=5&rp=4xx", false),
            ("#rc=0&rp=all", false),
            ("#rc=5&rp=4xx,5xx,ct", true),
            ("#rp=5xx,4xx", true),
            ("#rp=all&rc=1", true),
        ] {
            assert_eq!(
                is_retried(&format!("https://a.example/e{overrides}")),
                retried,
                "{overrides}"
            );
        }
    }

    #[test]
    fn retries_are_added_to_the_overrides_that_there_are() {
        for (overrides, expected) in [
            ("", "#rc=5&rp=4xx,5xx,ct,rt"),
            ("#rc=2&rp=rt&ct=2000", "#rc=5&rp=rt,4xx,5xx,ct&ct=2000"),
            ("#rp=all", "#rc=5&rp=all"),
        ] {
            let url = format!("https://a.example/e{overrides}");
            assert_eq!(with_retries(&url), format!("https://a.example/e{expected}"));
            assert!(is_retried(&with_retries(&url)));
        }
    }

    #[test]
    fn every_needed_type_is_recommended() {
        let mut recommended = RECOMMENDED.to_vec();
        recommended.sort_unstable();
        recommended.dedup();
        assert_eq!(recommended.len(), RECOMMENDED.len());
        assert!(
            NEEDED
                .iter()
                .chain([&NEEDED_FOR_REJECTIONS])
                .all(|name| RECOMMENDED.contains(name))
        );
    }
}
