//! The AI workers, which must exist and be able to take tasks.

use super::{Finding, Id};
use crate::account::{Account, Worker};
use crate::options::Options;

pub(super) fn findings(account: &Account, options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    if account.workers.is_some() {
        let missing = options
            .target
            .ai_workers
            .iter()
            .filter(|sid| account.worker(sid).is_none());
        findings.extend(missing.map(|sid| missing_worker(sid)));
    }
    for worker in account.ai_workers(&options.target.ai_workers) {
        let place = format!("worker {} ({})", worker.friendly_name, worker.sid);
        let of_worker = [unavailable(worker), capacity(account, worker)];
        findings.extend(of_worker.into_iter().flatten().map(|finding| finding.at(place.clone())));
    }
    findings.extend(timeout_activity(account));
    findings
}

fn missing_worker(sid: &str) -> Finding {
    Finding::new(
        Id::WorkerMissing,
        format!(
            "The workspace has no worker {sid}. The AI takes its tasks as a worker, as human agents do, so without the \
             worker no task can be the AI's.",
        ),
        "Look up the SID in the Console under TaskRouter, your workspace, Workers. If there is no worker for the AI yet, \
         create one there, with attributes that put it into the AI's queue and into no other one, such as \
         {\"roles\":[\"ai\"]}, and give its SID as --ai-worker.",
    )
    .at(format!("worker {sid}"))
}

fn unavailable(worker: &Worker) -> Option<Finding> {
    let finding = Finding::new(
        Id::WorkerUnavailable,
        format!(
            "The AI's worker {} is in the activity \"{}\", in which TaskRouter offers no tasks. Every new task waits in the \
             AI's queue.",
            worker.friendly_name, worker.activity_name
        ),
        "Set the worker to an activity that is available, in the Console under TaskRouter, your workspace, Workers. If it \
         changes back by itself, a reservation has timed out: TaskRouter then moves the worker to the workspace's timeout \
         activity.",
    );
    (!worker.available).then_some(finding)
}

fn capacity(account: &Account, worker: &Worker) -> Option<Finding> {
    let channels = account.channels.get(&worker.sid)?;
    let narrow = channels
        .iter()
        .filter(|channel| channel.available && channel.configured_capacity == 1);
    let narrow: Vec<&str> = narrow
        .map(|channel| channel.task_channel_unique_name.as_str())
        .collect();
    let finding = Finding::new(
        Id::WorkerCapacity,
        format!(
            "The AI's worker {} takes one task at a time on these channels: {}. While the AI talks to one customer, the \
             next one waits.",
            worker.friendly_name,
            narrow.join(", ")
        ),
        "Raise the capacity of the channels that the AI serves, to as many conversations as it may have at once: Console, \
         TaskRouter, your workspace, Workers, the worker, Channels. Leave the others as they are.",
    );
    (!narrow.is_empty()).then_some(finding)
}

fn timeout_activity(account: &Account) -> Option<Finding> {
    let workspace = account.workspace.as_ref()?;
    let sid = workspace.timeout_activity_sid.as_deref()?;
    let activity = account
        .activities
        .iter()
        .flatten()
        .find(|activity| activity.sid == sid)?;
    let finding = Finding::new(
        Id::TimeoutActivity,
        format!(
            "If the AI doesn't answer an offer in time, TaskRouter moves its worker to the activity \"{}\", in which it gets \
             no more tasks until somebody sets it back.",
            activity.friendly_name
        ),
        "The timeout activity is the workspace's, so it holds for human agents too. Either choose an available one (Console, \
         TaskRouter, your workspace, Settings, Timeout activity), or keep it, give the AI's workflow a long reservation \
         timeout, and watch for the AI's worker going unavailable.",
    );
    (!activity.available).then(|| finding.at(format!("workspace {} ({})", workspace.friendly_name, workspace.sid)))
}
