//! Puts a check together: reads, probes, and says what was found.

use crate::account::{Account, Refusal, read};
use crate::client::{Client, ReadError};
use crate::findings;
use crate::options::Options;
use crate::report::Report;
use crate::routing::{Desk, Story, Study, stories};
use crate::session_probe::ProbeResult;

/// A report on the account as it is, which is also given, unless nothing of it can be read.
pub(crate) async fn check(
    client: &Client,
    options: &Options,
    probe: Option<ProbeResult>,
) -> Result<(Report, Option<Account>), ReadError> {
    match read(client, &options.target).await? {
        Ok(account) => {
            let report = report(&account, options, probe.as_ref());
            Ok((report, Some(account)))
        }
        Err(refusal) => Ok((of_refusal(refusal, options), None)),
    }
}

fn of_refusal(refusal: Refusal, options: &Options) -> Report {
    Report {
        findings: vec![findings::of_refusal(refusal, options)],
        routes: Vec::new(),
        unchecked: vec!["everything else, since nothing can be read".to_owned()],
    }
}

fn report(account: &Account, options: &Options, probe: Option<&ProbeResult>) -> Report {
    Report {
        findings: findings::of_account(account, options, probe),
        routes: routes(account, options),
        unchecked: unchecked(account, options, probe),
    }
}

fn routes(account: &Account, options: &Options) -> Vec<Story> {
    let Some(desk) = Desk::new(account, &options.target.ai_workers) else {
        return Vec::new();
    };
    let mut told = Vec::new();
    for workflow in account.chosen_workflows(options.target.workflow.as_deref()) {
        let Ok(read) = workflow.configuration.parse() else {
            continue;
        };
        let study = Study::new(&read, &desk);
        if study.concerns_ai() || options.target.workflow.is_some() {
            told.extend(stories(account, workflow, &study, &desk, &options.functions));
        }
    }
    told
}

fn unchecked(account: &Account, options: &Options, probe: Option<&ProbeResult>) -> Vec<String> {
    let mut unchecked = Vec::new();
    if options.target.url.is_none() {
        unchecked.push("where the events go; give the stack's output TaskEventsUrl as --url".to_owned());
    } else if account.sinks.is_none() {
        unchecked.push("whether an Event Streams sink leads to the URL; the key may not list sinks".to_owned());
    }
    match probe {
        None => unchecked.push(
            "the session API; name a session that may be written to with --probe-session, and give --session-url"
                .to_owned(),
        ),
        Some(ProbeResult::NotRead { status }) => unchecked.push(format!(
            "whether the session API stores what it is given: it took the key, but doesn't let the session be read \
             (status {status})"
        )),
        Some(_) => {}
    }
    if account.workers.is_none() || account.queues.is_none() {
        unchecked.push("where tasks go; that needs the workers and the queues".to_owned());
    }
    unchecked
}
