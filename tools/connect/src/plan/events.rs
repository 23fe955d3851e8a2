//! The route of the events.

use super::{Callback, Change};
use crate::account::{Account, Sink, TYPE_PREFIX};
use crate::events::{RECOMMENDED, is_retried, same_place, with_retries};
use crate::findings::{leads_to, unsent};
use crate::options::Options;

pub(super) fn changes(account: &Account, options: &Options) -> Vec<Change> {
    let (Some(workspace), Some(url)) = (&account.workspace, &options.target.url) else {
        return Vec::new();
    };
    let before = Callback {
        event_callback_url: workspace.event_callback_url.clone().unwrap_or_default(),
        events_filter: workspace.events_filter.clone().unwrap_or_default(),
    };
    let ours: Vec<&Sink> = account.sinks.iter().flatten().filter(|sink| is_to(sink, url)).collect();
    let working: Vec<&Sink> = ours.iter().copied().filter(|sink| leads_to(sink, url)).collect();
    let callback = workspace.callback().filter(|callback| same_place(callback, url));
    let unsent = unsent(workspace, callback, &working, options);
    let change = match (callback, workspace.callback(), working.as_slice()) {
        (Some(callback), _, working) => {
            let is_enough = !working.is_empty() || is_retried(callback);
            let after = Callback {
                event_callback_url: match is_enough {
                    true => before.event_callback_url.clone(),
                    false => with_retries(callback),
                },
                events_filter: with_types(&before.events_filter, &unsent),
            };
            (before != after).then_some(Change::Callback { before, after })
        }
        (None, _, [sink, ..]) => {
            let subscription = sink.subscriptions.first();
            subscription
                .filter(|_| !unsent.is_empty())
                .map(|subscription| Change::Types {
                    subscription: subscription.sid.clone(),
                    types: prefixed(&unsent),
                })
        }
        (None, None, []) => {
            let after = Callback {
                event_callback_url: with_retries(url),
                events_filter: RECOMMENDED.join(","),
            };
            Some(Change::Callback { before, after })
        }
        // It isn't known whether we have a sink.
        (None, Some(_), []) if account.sinks.is_none() => None,
        (None, Some(_), []) => Some(beside_foreign(&ours, url)),
    };
    change.into_iter().collect()
}

fn is_to(sink: &Sink, url: &str) -> bool {
    let destination = sink.destination.as_deref();
    sink.works() && destination.is_some_and(|destination| same_place(destination, url))
}

/// Adds our sink beside somebody else's callback. An existing sink gets the TaskRouter events that it lacks.
fn beside_foreign(ours: &[&Sink], url: &str) -> Change {
    let types = prefixed(&RECOMMENDED);
    let Some(sink) = ours.first() else {
        let destination = url.to_owned();
        return Change::Sink { destination, types };
    };
    match sink.subscriptions.first() {
        Some(subscription) => Change::Types {
            subscription: subscription.sid.clone(),
            types,
        },
        None => Change::Subscription {
            sink: sink.sid.clone(),
            types,
        },
    }
}

/// The filter with further types. An empty filter lets all types through.
fn with_types(filter: &str, types: &[&str]) -> String {
    match (filter.trim(), types) {
        ("", _) | (_, []) => filter.to_owned(),
        (filter, types) => format!("{},{}", filter.trim_end_matches(','), types.join(",")),
    }
}

fn prefixed(types: &[&str]) -> Vec<String> {
    types.iter().map(|name| format!("{TYPE_PREFIX}{name}")).collect()
}
