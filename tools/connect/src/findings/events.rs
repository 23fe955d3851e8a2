//! The route of the events: the workspace's callback or an Event Streams sink.

use super::{Finding, Id};
use crate::account::{Account, Sink, Workspace};
use crate::events::{NEEDED, NEEDED_FOR_REJECTIONS, is_retried, same_place, with_retries};
use crate::options::Options;

pub(super) fn findings(account: &Account, options: &Options) -> Vec<Finding> {
    let (Some(workspace), Some(url)) = (&account.workspace, &options.target.url) else {
        return Vec::new();
    };
    let place = format!("workspace {} ({})", workspace.friendly_name, workspace.sid);
    let is_ours = |other: &str| same_place(other, url);
    let callback = workspace.callback().filter(|callback| is_ours(callback));
    let sinks = account.sinks.as_deref();
    let sinks: Vec<&Sink> = sinks
        .unwrap_or_default()
        .iter()
        .filter(|sink| leads_to(sink, url))
        .collect();
    let findings = match (callback, sinks.as_slice()) {
        (None, []) if account.sinks.is_none() => Vec::new(),
        (None, []) => vec![absent(workspace, url)],
        (callback, sinks) => delivery(workspace, callback, sinks, options),
    };
    findings.into_iter().map(|finding| finding.at(place.clone())).collect()
}

/// Whether a sink sends TaskRouter's events to the URL.
pub(crate) fn leads_to(sink: &Sink, url: &str) -> bool {
    let destination = sink.destination.as_deref();
    let is_ours = destination.is_some_and(|destination| same_place(destination, url));
    is_ours && sink.works() && sink.types().next().is_some()
}

/// The needed types that neither the callback nor a sink sends.
pub(crate) fn unsent<'n>(
    workspace: &Workspace,
    callback: Option<&str>,
    sinks: &[&Sink],
    options: &Options,
) -> Vec<&'n str> {
    let rejections = options.functions.closes_rejected().then_some(NEEDED_FOR_REJECTIONS);
    let filtered = workspace.filtered_types();
    let by_callback = |name: &str| callback.is_some() && filtered.as_ref().is_none_or(|types| types.contains(&name));
    let by_sink = |name: &str| sinks.iter().any(|sink| sink.types().any(|own| own == name));
    let needed = NEEDED.into_iter().chain(rejections);
    needed.filter(|name| !by_callback(name) && !by_sink(name)).collect()
}

fn absent(workspace: &Workspace, url: &str) -> Finding {
    match workspace.callback() {
        None => Finding::new(
            Id::CallbackMissing,
            "TaskRouter sends its events to nobody: the workspace has no event callback URL, and no Event Streams sink \
             leads to task-events. So the AI's sessions never learn what is on the task, and no task is ever closed.",
            format!(
                "Run connect apply with the same options: it sets the event callback to {url}. By hand: Console, \
                 TaskRouter, your workspace, Settings, Event callback URL.",
                url = with_retries(url)
            ),
        ),
        Some(foreign) => Finding::new(
            Id::CallbackForeign,
            format!(
                "The workspace's event callback belongs to somebody else: it is {}. A workspace has only one, and no \
                 Event Streams sink leads to task-events either, so flex-handoff gets no events.",
                without_secrets(foreign)
            ),
            format!(
                "Leave that URL alone if you don't know what it is for. Run connect apply with the same options: it \
                 adds an Event Streams sink that sends the same events to {url} as well. If the URL is an old one of \
                 your own, clear it in the Console (TaskRouter, your workspace, Settings) and check again.",
            ),
        ),
    }
}

fn delivery(workspace: &Workspace, callback: Option<&str>, sinks: &[&Sink], options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A sink has its own retries for four hours. Only a callback has overrides.
    let by_callback_only = callback.filter(|_| sinks.is_empty());
    if by_callback_only.is_some_and(|callback| !is_retried(callback)) {
        findings.push(Finding::new(
            Id::CallbackOverrides,
            "The event callback URL doesn't tell Twilio to try again. Unless it does, Twilio sends an event once, and \
             one that meets a 429, a 403 during a token's rotation or a 5xx is lost: a session stays out of date, or a \
             task stays open.",
            "Run connect apply with the same options, or add #rc=5&rp=4xx,5xx,ct,rt to the end of the URL in the Console \
             (TaskRouter, your workspace, Settings). Twilio then tries up to five times, after refusals, server errors \
             and failed connections.",
        ));
    }
    let unsent = unsent(workspace, callback, sinks, options);
    if !unsent.is_empty() {
        let fix = match callback {
            Some(_) => {
                "Run connect apply with the same options, which adds the missing types to the workspace's events filter, \
                 or clear the filter, so that every event is sent."
            }
            None => {
                "Run connect apply with the same options, which subscribes the sink to the missing types. By hand: \
                 Console, Event Streams, Subscriptions."
            }
        };
        findings.push(Finding::new(
            Id::EventsFilter,
            format!(
                "TaskRouter doesn't send every event that flex-handoff acts on. Missing: {}. Without them a session misses \
                 changes of its task, or a task that the AI has ended stays open.",
                unsent.join(", ")
            ),
            fix,
        ));
    }
    findings
}

/// The URL without the user, password and query, which may hold secrets.
fn without_secrets(url: &str) -> String {
    let Ok(mut parsed) = url::Url::parse(url) else {
        return "no URL that can be read".to_owned();
    };
    parsed.set_query(None);
    parsed.set_fragment(None);
    // Neither call fails for a URL with a host.
    let _ = parsed.set_username("");
    let _ = parsed.set_password(None);
    parsed.to_string()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::account::{Subscription, TYPE_PREFIX};

    const URL: &str = "https://a.example/task-events";

    fn sink(destination: &str, status: &str, types: &[&str]) -> Sink {
        Sink {
            sid: "DG1".to_owned(),
            status: status.to_owned(),
            destination: Some(destination.to_owned()),
            subscriptions: vec![Subscription {
                sid: "DF1".to_owned(),
                types: types.iter().map(|name| format!("{TYPE_PREFIX}{name}")).collect(),
            }],
        }
    }

    fn found(callback: Option<&str>, filter: Option<&str>, sinks: Vec<Sink>, arguments: &[&str]) -> Vec<&'static str> {
        let options = Options::try_parse_from([&["connect", "check", "--url", URL], arguments].concat()).unwrap();
        let workspace = Workspace {
            sid: "WS1".to_owned(),
            friendly_name: "Desk".to_owned(),
            event_callback_url: callback.map(str::to_owned),
            events_filter: filter.map(str::to_owned),
            default_activity_sid: None,
            timeout_activity_sid: None,
        };
        let account = Account {
            workspace: Some(workspace),
            sinks: Some(sinks),
            ..Account::default()
        };
        findings(&account, &options)
            .into_iter()
            .map(|finding| finding.id.name())
            .collect()
    }

    #[test]
    fn events_come_by_a_callback_or_a_sink() {
        let ours = "https://a.example/task-events#rc=5&rp=4xx,5xx,ct,rt";
        let all = NEEDED.join(",");
        let rejections = ["--auto-close-on", "wrapup,rejection"];
        let with_rejections = format!("{all},reservation.rejected");
        let foreign = Some("https://b.example/");
        for (callback, filter, sinks, arguments, expected) in [
            (None, None, vec![], &[][..], vec!["callback-missing"]),
            (Some(" "), None, vec![], &[], vec!["callback-missing"]),
            (foreign, None, vec![], &[], vec!["callback-foreign"]),
            (Some(ours), None, vec![], &[], vec![]),
            (Some(ours), Some(&*all), vec![], &[], vec![]),
            (Some(ours), Some(&*all), vec![], &rejections, vec!["events-filter"]),
            (Some(ours), Some(&*with_rejections), vec![], &rejections, vec![]),
            (
                Some(URL),
                Some("task.created"),
                vec![],
                &[],
                vec!["callback-overrides", "events-filter"],
            ),
            (foreign, None, vec![sink(URL, "active", &NEEDED)], &[], vec![]),
            (
                foreign,
                None,
                vec![sink(URL, "active", &NEEDED[1..])],
                &[],
                vec!["events-filter"],
            ),
            (
                foreign,
                None,
                vec![sink(URL, "failed", &NEEDED)],
                &[],
                vec!["callback-foreign"],
            ),
            (
                foreign,
                None,
                vec![sink(URL, "active", &[])],
                &[],
                vec!["callback-foreign"],
            ),
            (
                foreign,
                None,
                vec![sink("https://c.example/", "active", &NEEDED)],
                &[],
                vec!["callback-foreign"],
            ),
            (None, None, vec![sink(URL, "active", &NEEDED)], &[], vec![]),
            // The sink has retries of its own.
            (Some(URL), None, vec![sink(URL, "active", &NEEDED)], &[], vec![]),
        ] {
            assert_eq!(
                found(callback, filter, sinks.clone(), arguments),
                expected,
                "{callback:?} {filter:?} {sinks:?}"
            );
        }
    }

    #[test]
    fn nobody_sees_the_secrets_in_a_foreign_url() {
        let shown = without_secrets("https://user:hunter2@b.example/x?key=hunter2#hunter2");
        assert_eq!(shown, "https://b.example/x");
    }
}
