//! The AI workers and workflows that no sample task covers.

use workflow::Workflow as Read;

use super::desk::Desk;
use super::study::Study;
use crate::account::{Account, Workflow};
use crate::options::Target;

/// A line for each AI worker that no workflow leads to and for each workflow whose sample tasks never reach the AI.
pub(crate) fn unseen(account: &Account, target: &Target, desk: &Desk) -> Vec<String> {
    if account.workflows.is_none() {
        return Vec::new();
    }
    let chosen = account.chosen_workflows(target.workflow.as_deref());
    let read: Vec<(&Workflow, Read)> = chosen
        .filter_map(|workflow| Some((workflow, workflow.configuration.parse().ok()?)))
        .collect();
    let leads_to = |worker: &String| {
        let mut queues = read.iter().flat_map(|(_, read)| read.queues());
        queues.any(|queue| desk.is_in(queue, worker))
    };
    let workers = target.ai_workers.iter().filter(|worker| !leads_to(worker));
    let workers = workers.map(|sid| {
        let name = account.worker(sid).map(|worker| &worker.friendly_name);
        let worker = name.map_or_else(|| sid.clone(), |name| format!("{name} ({sid})"));
        format!("the handoffs of worker {worker}; no workflow leads to a queue with this worker")
    });
    let without_sample = read.iter().filter(|(_, read)| {
        let study = Study::new(read, desk);
        study.concerns_ai() && study.fresh.is_empty()
    });
    let workflows = without_sample.map(|(workflow, _)| {
        format!(
            "the handoffs in {}; no sample task that was tried there reaches the AI",
            workflow.place()
        )
    });
    workers.chain(workflows).collect()
}
