//! The routes of sample tasks and their reasons in words.

use serde::Serialize;
use serde_json::{Value, json};
use workflow::Step;

use super::desk::{Desk, Members, Shift};
use super::sample::{handed_off, with};
use super::study::Study;
use crate::account::{Account, Workflow};
use crate::options::FunctionOptions;

/// At most this many filters without a match are told of one by one.
const MAX_MISSES: usize = 5;

/// The route of a sample task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Story {
    pub(crate) workflow: String,
    /// `fresh`, `handed-off` or `resolved`.
    pub(crate) sample: &'static str,
    pub(crate) leads_to: String,
    pub(crate) because: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) warning: Option<String>,
}

/// The stories of a workflow's samples.
pub(crate) fn stories(
    account: &Account,
    workflow: &Workflow,
    study: &Study<'_>,
    desk: &Desk,
    functions: &FunctionOptions,
) -> Vec<Story> {
    let fresh = study.fresh.first().unwrap_or(desk.new_task()).clone();
    let resolved = match &functions.resolved_attribute {
        Some(name) => with(fresh.clone(), name, json!(true)),
        None => fresh.clone(),
    };
    let tell = |sample, attributes: &Value| {
        let route = desk.route(study.workflow, attributes);
        let place = route.place.as_ref();
        Story {
            workflow: format!("{} ({})", workflow.friendly_name, workflow.sid),
            sample,
            leads_to: match place {
                Some(place) => queue_in_words(account, desk, &place.queue),
                None => "nowhere: TaskRouter cancels the task".to_owned(),
            },
            because: because(&route.steps),
            warning: None,
        }
    };
    let mut stories = vec![tell("fresh", &fresh), tell("handed-off", &handed_off(&fresh))];
    let mut released = tell("resolved", &resolved);
    let comes_back = desk
        .trail(study.workflow, &resolved, Shift::Day)
        .iter()
        .any(|stop| stop.reaches_ai);
    if comes_back && functions.close_queue_url.is_none() && !study.fresh.is_empty() {
        released.warning = Some(
            "After the AI has resolved and released a task, the task comes back to the AI. Deploy auto-close and give \
             check --close-queue-url, or set RESOLVED_ATTRIBUTE, give check --resolved-attribute, and put a filter for \
             that attribute above the AI's."
                .to_owned(),
        );
    }
    stories.push(released);
    stories
}

/// The queue's name and members in words.
fn queue_in_words(account: &Account, desk: &Desk, sid: &str) -> String {
    let name = account
        .queue(sid)
        .map(|queue| format!("queue \"{}\"", queue.friendly_name));
    let name = name.unwrap_or_else(|| format!("queue {sid}, which doesn't exist"));
    match desk.members(sid) {
        Some(members) => format!("{name}, with {}", in_words(members)),
        None => name,
    }
}

fn in_words(members: &Members) -> String {
    let humans = match members.humans {
        0 => None,
        1 => Some("1 human agent".to_owned()),
        count => Some(format!("{count} human agents")),
    };
    let ai = (!members.ai.is_empty()).then(|| format!("the AI worker {}", members.ai.join(" and ")));
    match (humans, ai) {
        (None, None) => "nobody".to_owned(),
        (Some(all), None) | (None, Some(all)) => all,
        (Some(humans), Some(ai)) => format!("{humans} and {ai}"),
    }
}

/// The filters that were asked and their answers.
fn because(steps: &[Step]) -> Vec<String> {
    let missed = |step: &&Step| matches!(step, Step::Filter { evaluation: Some(evaluation), .. } if !evaluation.holds);
    let misses = steps.iter().filter(missed).count();
    let mut lines = Vec::new();
    if misses > MAX_MISSES {
        lines.push(format!("{misses} filters don't match"));
    }
    for step in steps {
        match step {
            step if missed(&step) && misses > MAX_MISSES => {}
            Step::Filter { .. } | Step::SkipIf(_) | Step::Default | Step::NoDefault { .. } => {
                lines.push(step.to_string().trim().to_owned());
            }
            _ => {}
        }
    }
    lines
}
