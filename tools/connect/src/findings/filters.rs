//! The filter for handed-off tasks.

use super::{Finding, Id};
use crate::account::{Account, Workflow};
use crate::routing::{Fault, QueueFault, Study, filter_in_words};

/// The finding for a fault of a workflow.
pub(super) fn of_fault(account: &Account, own: &Workflow, study: &Study<'_>, fault: &Fault) -> Finding {
    let read = study.workflow;
    let name = |filter: usize| filter_in_words(read, filter);
    let at = |filter: usize| format!("{}, {}", own.place(), name(filter));
    let ai_name = |ai: Option<usize>| ai.map_or("the default filter".to_owned(), name);
    match fault {
        Fault::Missing { ai } => missing(account, study, ai.map(name).as_deref()).at(own.place()),
        Fault::Order { handoff, ai } => Finding::new(
            Id::FilterOrder,
            format!(
                "{} is for handed-off tasks, but it stands below {}, which matches them first and leads to the AI. \
                 TaskRouter tries filters from top to bottom, so every task that the AI hands over comes straight back to \
                 it.",
                capitalised(&name(*handoff)),
                name(*ai)
            ),
            format!(
                "Run connect apply with the same options, or drag {} above {} in the Console (TaskRouter, your workspace, \
                 Workflows).",
                name(*handoff),
                name(*ai)
            ),
        )
        .at(at(*handoff)),
        Fault::Type { filter, value, ai } => Finding::new(
            Id::FilterType,
            format!(
                "{} wants handedOff to be {}, but handoff sets it to the boolean true, and TaskRouter never takes values of \
                 different types for equal. So it matches no handed-off task, and {} leads it back to the AI.",
                capitalised(&name(*filter)),
                match value {
                    serde_json::Value::String(text) => format!("the text '{text}'"),
                    other => other.to_string(),
                },
                ai_name(*ai)
            ),
            match unclear_queue(account, study) {
                // If the expression has more than this comparison, apply adds a filter of its own. A filter needs a
                // queue.
                Some(reason) if has_more_comparisons(read, *filter) => format!(
                    "Write handedOff == true, without quotes, in the Console (TaskRouter, your workspace, Workflows). connect \
                     apply leaves this to you, since {reason}."
                ),
                _ => "Run connect apply with the same options, or write handedOff == true, without quotes, in the Console \
                      (TaskRouter, your workspace, Workflows)."
                    .to_owned(),
            },
        )
        .at(at(*filter)),
        Fault::Queue { filter, fault } => queue_fault(account, &name(*filter), fault, &ai_name).at(at(*filter)),
    }
}

/// The finding for a workflow without a filter for handed-off tasks. `ai` is the filter that leads to the AI.
fn missing(account: &Account, study: &Study<'_>, ai: Option<&str>) -> Finding {
    let consequence = match (ai, &study.workflow.default) {
        (Some(ai), _) => {
            format!("When the AI hands a task over, {ai} matches it again, so it goes straight back to the AI, over and over.")
        }
        (None, Some(_)) if study.default_leads_to_ai() => {
            "When the AI hands a task over, no other filter matches it, and the default filter leads it straight back to the \
             AI, over and over."
                .to_owned()
        }
        (None, Some(_)) => {
            "When the AI hands a task over, only the default filter is left to say where it goes.".to_owned()
        }
        (None, None) => {
            "When the AI hands a task over, no filter matches it, and TaskRouter cancels it: the customer is left alone."
                .to_owned()
        }
    };
    Finding::new(
        Id::FilterMissing,
        format!("No filter tells a handed-off task from a new one. {consequence}"),
        new_filter(account, study),
    )
}

/// The remedy for a missing filter.
fn new_filter(account: &Account, study: &Study<'_>) -> String {
    let by_hand = "add a filter above all that lead to the AI, with the expression handedOff == true and the human agents' \
                   queue: Console, TaskRouter, your workspace, Workflows.";
    match unclear_queue(account, study) {
        None => format!("Run connect apply with the same options, or {by_hand}"),
        Some(reason) => format!(
            "{} connect apply leaves this to you, since {reason}.",
            capitalised(by_hand)
        ),
    }
}

/// The reason, if any, why `apply` can't add a filter.
fn unclear_queue(account: &Account, study: &Study<'_>) -> Option<String> {
    let candidates = study.human_queue().err()?;
    if candidates.is_empty() {
        return Some("no queue has human agents in it and no AI worker".to_owned());
    }
    let names = candidates.into_iter();
    let names = names.map(|sid| account.queue(sid).map_or(sid, |queue| &queue.friendly_name));
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    Some(format!("several queues could be meant: {}", names.join(", ")))
}

fn has_more_comparisons(read: &workflow::Workflow, filter: usize) -> bool {
    let expression = read.filters.get(filter).and_then(|filter| filter.expression.as_ref());
    expression.is_some_and(|expression| expression.comparisons() > 1)
}

fn queue_fault(account: &Account, filter: &str, fault: &QueueFault, name: &dyn Fn(Option<usize>) -> String) -> Finding {
    let queue_name = |sid: &str| {
        account
            .queue(sid)
            .map(|queue| format!("the queue \"{}\"", queue.friendly_name))
    };
    let filter = capitalised(filter);
    let (message, fix) = match fault {
        QueueFault::NoTarget => (
            format!(
                "{filter} catches handed-off tasks, but has no target, so it leads to no queue: the task passes it by."
            ),
            "Give the filter a routing step to the queue of your human agents: Console, TaskRouter, your workspace, \
             Workflows. connect apply leaves this to you, since only you know which agents are meant.",
        ),
        QueueFault::HasAi { queue } => (
            format!(
                "{filter} catches handed-off tasks, but leads to {}, which has an AI worker in it. A task that the AI hands \
                 over can go straight back to it.",
                queue_name(queue).unwrap_or_else(|| format!("queue {queue}"))
            ),
            "Let the filter lead to a queue that has only human agents in it (Console, TaskRouter, your workspace, \
             Workflows), or take the AI worker out of this queue by its expression (Task Queues). connect apply leaves this \
             to you, since only you know which agents are meant.",
        ),
        QueueFault::HasNobody { queue } => (
            match queue_name(queue) {
                Some(queue) => format!(
                    "{filter} catches handed-off tasks, but leads to {queue}, which has no worker in it. The customer waits \
                     for a human agent who never comes.",
                ),
                None => format!(
                    "{filter} catches handed-off tasks, but leads to a queue {queue} that the workspace doesn't have. The \
                     customer waits for a human agent who never comes.",
                ),
            },
            "Let the filter lead to the queue of your human agents (Console, TaskRouter, your workspace, Workflows), or \
             change this queue's expression so that they are in it (Task Queues). connect apply leaves this to you, since \
             only you know which agents are meant.",
        ),
        QueueFault::ExcludesAll { queue, expression } => (
            format!(
                "{filter} catches handed-off tasks and leads to {}, but its target's expression ({expression}) holds for no \
                 human agent there. The customer waits for a human agent who never comes.",
                queue_name(queue).unwrap_or_else(|| format!("queue {queue}"))
            ),
            "Correct or remove the target's expression (Console, TaskRouter, your workspace, Workflows), or give your human \
             agents the attributes that it asks for (Workers).",
        ),
        QueueFault::PassesOn { to } => (
            format!(
                "{filter} catches handed-off tasks, but when nobody takes one before its last target's timeout, or when skip_if \
                 skips that target because no human agent is available, it goes on to {}, which leads back to the AI.",
                name(*to)
            ),
            "Remove the timeout and skip_if of the filter's last target, so that a handed-off task waits for a human agent, \
             or add a last target without them: Console, TaskRouter, your workspace, Workflows.",
        ),
    };
    Finding::new(Id::FilterQueue, message, fix)
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}
