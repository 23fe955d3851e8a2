//! Reads an account, probes the session API and reports the findings.

use thiserror::Error;

use crate::account::{Account, Refusal, Workspace, read};
use crate::client::{Client, ReadError};
use crate::events::same_place;
use crate::findings;
use crate::options::Options;
use crate::report::Report;
use crate::routing::{Desk, Story, Study, stories, unseen};
use crate::session_probe::{ProbeError, ProbeResult};

/// A probe's result, or `None` without a probe.
type Probe = Result<Option<ProbeResult>, ProbeError>;

/// The reason why there is no report.
#[derive(Debug, Error)]
pub(crate) enum CheckError {
    #[error(transparent)]
    Twilio(#[from] ReadError),
    /// `--workflow` names a workflow that the workspace's list lacks.
    #[error("this workspace has no workflow {sid}; it has: {has}")]
    NoWorkflow { sid: String, has: String },
}

/// A report on the account. An account of which anything can be read is returned too.
pub(crate) async fn check(
    client: &Client,
    options: &Options,
    probe: &Probe,
) -> Result<(Report, Option<Account>), CheckError> {
    match read(client, &options.target).await? {
        Ok(account) => {
            if let Some(error) = sinks_needed(&account, options) {
                return Err(error.into());
            }
            workflow_exists(&account, options.target.workflow.as_deref())?;
            let report = report(&account, options, probe);
            Ok((report, Some(account)))
        }
        Err(refusal) => Ok((of_refusal(refusal, options), None)),
    }
}

/// Fails if the workspace's workflows are known and lack the named workflow.
fn workflow_exists(account: &Account, named: Option<&str>) -> Result<(), CheckError> {
    let (Some(sid), Some(workflows)) = (named, &account.workflows) else {
        return Ok(());
    };
    if workflows.iter().any(|workflow| workflow.sid == sid) {
        return Ok(());
    }
    let names: Vec<String> = workflows
        .iter()
        .map(|workflow| format!("{} ({})", workflow.friendly_name, workflow.sid))
        .collect();
    Err(CheckError::NoWorkflow {
        sid: sid.to_owned(),
        has: if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        },
    })
}

/// The error in reading the sinks, if the sinks decide whether events arrive at all.
fn sinks_needed(account: &Account, options: &Options) -> Option<ReadError> {
    let callback = account.workspace.as_ref().and_then(Workspace::callback);
    let url = options.target.url.as_deref()?;
    let is_ours = callback.is_some_and(|callback| same_place(callback, url));
    account.sinks_unavailable.clone().filter(|_| !is_ours)
}

fn of_refusal(refusal: Refusal, options: &Options) -> Report {
    Report {
        findings: vec![findings::of_refusal(refusal, options)],
        routes: Vec::new(),
        unchecked: vec!["everything else, since nothing can be read".to_owned()],
        shows_handoffs: false,
    }
}

fn report(account: &Account, options: &Options, probe: &Probe) -> Report {
    let desk = Desk::new(account, &options.target.ai_workers, &options.session.id_attribute);
    let unseen = desk.as_ref().map(|desk| unseen(account, &options.target, desk));
    let unseen = unseen.unwrap_or_default();
    Report {
        findings: findings::of_account(account, options, probe.as_ref().ok().and_then(Option::as_ref)),
        routes: desk.map(|desk| routes(account, options, &desk)).unwrap_or_default(),
        shows_handoffs: unseen.is_empty(),
        unchecked: unchecked(account, options, probe).into_iter().chain(unseen).collect(),
    }
}

fn routes(account: &Account, options: &Options, desk: &Desk) -> Vec<Story> {
    let mut told = Vec::new();
    for workflow in account.chosen_workflows(options.target.workflow.as_deref()) {
        let Ok(read) = workflow.configuration.parse() else {
            continue;
        };
        let study = Study::new(&read, desk);
        if study.concerns_ai() || options.target.workflow.is_some() {
            told.extend(stories(account, workflow, &study, desk, &options.functions));
        }
    }
    told
}

fn unchecked(account: &Account, options: &Options, probe: &Probe) -> Vec<String> {
    let mut unchecked = Vec::new();
    if options.target.url.is_none() {
        unchecked.push("where the events go; give the stack's output TaskEventsUrl as --url".to_owned());
    } else if let Some(error) = &account.sinks_unavailable {
        unchecked.push(format!(
            "Event Streams' sinks ({error}); the event callback leads to the URL by itself"
        ));
    } else if account.sinks.is_none() {
        unchecked.push("whether an Event Streams sink leads to the URL; the key may not list sinks".to_owned());
    }
    match probe {
        Err(error) => unchecked.push(format!("the session API, since {error}")),
        Ok(None) => unchecked.push(
            "the session API; give --session-url, and name a session for a test write with --probe-session".to_owned(),
        ),
        Ok(Some(ProbeResult::NotRead { status })) => unchecked.push(format!(
            "whether the session API stores what it is given: it took the key, but doesn't let the session be read \
             (status {status})"
        )),
        Ok(Some(_)) => {}
    }
    if account.workers.is_none() || account.queues.is_none() || account.workflows.is_none() {
        unchecked.push("where tasks go; that needs the workers, the queues and the workflows".to_owned());
    }
    unchecked
}
