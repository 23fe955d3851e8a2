//! Queues and their members.

use super::{Finding, Id};
use crate::account::{Account, TaskQueue};
use crate::routing::{Desk, Members};

pub(super) fn findings(account: &Account, desk: &Desk) -> Vec<Finding> {
    let queues = account.queues.iter().flatten();
    queues
        .filter_map(|queue| finding(queue, desk.members(&queue.sid)))
        .collect()
}

fn finding(queue: &TaskQueue, members: Option<&Members>) -> Option<Finding> {
    let place = format!("queue {} ({})", queue.friendly_name, queue.sid);
    let expression = queue.target_workers.as_deref().unwrap_or_default();
    let Some(members) = members else {
        let error = workflow::TaskQueue::read_target_workers(expression).err()?;
        let finding = Finding::new(
            Id::WorkflowUnreadable,
            format!("It can't be told who is in the queue: its expression can't be read.\n{error}"),
            "Correct the expression in the Console under TaskRouter, your workspace, Task Queues. A hyphen in a name is the \
             usual cause: TaskRouter's expressions don't allow it.",
        );
        return Some(finding.at(place));
    };
    if members.ai.is_empty() || members.humans == 0 {
        return None;
    }
    let humans = match members.humans {
        1 => "1 human agent".to_owned(),
        count => format!("{count} human agents"),
    };
    let finding = Finding::new(
        Id::QueueMixed,
        format!(
            "The queue \"{}\" has the AI worker {} and {humans} in it. TaskRouter offers each of its tasks to whichever of \
             them has been idle longest: a customer who asked for a human agent can get the AI again, and a new one can miss \
             the AI.",
            queue.friendly_name,
            members.ai.join(" and ")
        ),
        format!(
            "Give the AI and your human agents a queue each. In the Console under TaskRouter, your workspace, Task Queues, \
             change the queue's expression (now {expression}) so that it names an attribute that only one kind of worker \
             has, such as roles HAS 'agent' for human agents and roles HAS 'ai' for the AI. If you don't use the queue, \
             change it all the same: agents can still transfer tasks to it."
        ),
    );
    Some(finding.at(place))
}
