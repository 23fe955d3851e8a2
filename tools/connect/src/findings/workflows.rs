//! Each workflow as a whole.

use super::filters::of_fault;
use super::{Finding, Id};
use crate::account::{Account, Workflow};
use crate::options::Options;
use crate::routing::{Desk, Study, filter_in_words, meant, unreachable_filters};

/// A reservation timeout below this may end the AI's conversation. With a longer timeout, a human agent may hold an
/// offer for long.
const TIMEOUT: u32 = 600;

pub(super) fn findings(account: &Account, options: &Options, desk: Option<&Desk>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut parsed = Vec::new();
    for workflow in account.chosen_workflows(options.target.workflow.as_deref()) {
        match workflow.configuration.parse::<workflow::Workflow>() {
            Ok(read) => parsed.push((workflow, read)),
            Err(error) => findings.push(unreadable(workflow, &error)),
        }
    }
    for (workflow, read) in &parsed {
        findings.extend(
            unreachable_filters(read)
                .into_iter()
                .map(|filter| unreachable(workflow, read, filter)),
        );
        findings.extend(read.default.is_none().then(|| no_default(workflow)));
    }
    let Some(desk) = desk else {
        return findings;
    };
    let studies = parsed
        .iter()
        .map(|(workflow, read)| (*workflow, Study::new(read, desk)));
    for (workflow, study) in meant(studies.collect(), options.target.workflow.is_some()) {
        findings.extend(
            study
                .faults()
                .iter()
                .map(|fault| of_fault(account, workflow, &study, fault)),
        );
        let has_humans = study.workflow.queues().any(|queue| desk.is_human(queue));
        if study.concerns_ai() && has_humans {
            findings.extend(reservation_timeout(workflow));
        }
    }
    findings
}

fn unreadable(workflow: &Workflow, error: &workflow::ConfigurationError) -> Finding {
    Finding::new(
        Id::WorkflowUnreadable,
        format!("The workflow's configuration can't be read, so nobody can tell where its tasks go.\n{error}"),
        "Correct the place in the Console under TaskRouter, your workspace, Workflows. A hyphen in an attribute's name is \
         the usual cause: TaskRouter's expressions don't allow it, so rename the attribute (order_id, not order-id).",
    )
    .at(workflow.place())
}

fn unreachable(workflow: &Workflow, read: &workflow::Workflow, filter: usize) -> Finding {
    let filter = filter_in_words(read, filter);
    Finding::new(
        Id::FilterUnreachable,
        format!(
            "No task can reach {filter}: every task that it matches is kept by a filter above it, or there is no such task. \
             TaskRouter tries filters from top to bottom, and the first that matches decides.",
        ),
        "Move the filter up, narrow the ones above it, or delete it if it isn't needed any more: Console, TaskRouter, your \
         workspace, Workflows.",
    )
    .at(format!("{}, {filter}", workflow.place()))
}

fn no_default(workflow: &Workflow) -> Finding {
    Finding::new(
        Id::NoDefault,
        "The workflow has no default filter. TaskRouter cancels a task that no filter matches, and the customer waits for an \
         answer that never comes.",
        "Choose a default queue with human agents in it, at the bottom of the workflow in the Console (TaskRouter, your \
         workspace, Workflows).",
    )
    .at(workflow.place())
}

fn reservation_timeout(workflow: &Workflow) -> Option<Finding> {
    let seconds = workflow.task_reservation_timeout;
    let minutes = |seconds: u32| match seconds {
        0..120 => format!("{seconds} seconds"),
        _ if seconds.is_multiple_of(3600) && seconds >= 7200 => format!("{} hours", seconds / 3600),
        _ if seconds.is_multiple_of(60) => format!("{} minutes", seconds / 60),
        _ => format!("about {} minutes", seconds.div_ceil(60)),
    };
    let finding = match seconds {
        0..TIMEOUT => Finding::new(
            Id::ReservationTimeout,
            format!(
                "A reservation of this workflow times out after {}. If the AI keeps its reservation pending while it talks, \
                 TaskRouter takes the task away from it then, in the middle of the conversation.",
                minutes(seconds)
            ),
            "Set the reservation timeout to ten minutes or more, as long as the AI's longest conversation (Console, \
             TaskRouter, your workspace, Workflows), or let the AI accept its reservations. The timeout holds for human \
             agents as well, who can then leave an offer unanswered for that long.",
        ),
        TIMEOUT => return None,
        _ => Finding::new(
            Id::ReservationTimeout,
            format!(
                "A reservation of this workflow times out after {}. That suits an AI that keeps its reservation pending while \
                 it talks, but it holds for human agents too: an agent who doesn't react to an offer keeps the customer \
                 waiting that long.",
                minutes(seconds)
            ),
            "Let Flex accept tasks for human agents by itself (Flex UI, auto-accept), or let the AI accept its reservations, \
             and then shorten the timeout: Console, TaskRouter, your workspace, Workflows. If your agents answer at once \
             anyway, leave it.",
        ),
    };
    Some(finding.at(workflow.place()))
}
