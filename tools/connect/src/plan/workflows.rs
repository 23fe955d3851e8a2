//! The workflows' filters for handed-off tasks.

use workflow::Workflow as Read;

use super::Change;
use super::configuration::{insert_filter, move_filter, replace_expression};
use crate::account::{Account, Workflow};
use crate::options::Options;
use crate::routing::{Desk, Fault, Study, filter_in_words, meant};

/// The expression that handoff's attribute fulfils.
const EXPRESSION: &str = "handedOff == true";
const FILTER_NAME: &str = "Handed off by the AI";

/// Each edit fixes at least one fault. There are fewer faults than this.
const MAX_EDITS: usize = 20;

pub(super) fn changes(account: &Account, options: &Options, desk: &Desk) -> Vec<Change> {
    let named = options.target.workflow.as_deref();
    let read = account.chosen_workflows(named).filter_map(|workflow| {
        let read: Read = workflow.configuration.parse().ok()?;
        Some((workflow, read))
    });
    let read: Vec<(&Workflow, Read)> = read.collect();
    let studies = read.iter().map(|(workflow, read)| (*workflow, Study::new(read, desk)));
    let meant = meant(studies.collect(), named.is_some()).into_iter();
    meant
        .filter_map(|(workflow, _)| change(workflow, desk, account))
        .collect()
}

/// The edits of a workflow in sequence. Each edit is checked to have fixed the fault.
fn change(workflow: &Workflow, desk: &Desk, account: &Account) -> Option<Change> {
    let mut configuration = workflow.configuration.clone();
    let mut edits = Vec::new();
    while edits.len() < MAX_EDITS {
        let read: Read = configuration.parse().ok()?;
        let study = Study::new(&read, desk);
        let faults = study.faults();
        let mended = faults.iter().find_map(|fault| {
            let (edited, words) = edit(&configuration, &study, fault, account)?;
            let after: Read = edited.parse().ok()?;
            let after = Study::new(&after, desk).faults();
            (after.len() < faults.len()).then_some((edited, words))
        });
        let Some((edited, words)) = mended else {
            break;
        };
        configuration = edited;
        edits.push(words);
    }
    (!edits.is_empty()).then(|| Change::Workflow {
        sid: workflow.sid.clone(),
        name: workflow.friendly_name.clone(),
        edits,
        before: workflow.configuration.clone(),
        after: configuration,
    })
}

/// The configuration with the fault fixed, and the edit in words.
fn edit(configuration: &str, study: &Study<'_>, fault: &Fault, account: &Account) -> Option<(String, String)> {
    let name = |filter| filter_in_words(study.workflow, filter);
    let new_filter = |before: Option<usize>| {
        let queue = study.human_queue().ok()?;
        let before = before.unwrap_or(study.workflow.filters.len());
        let edited = insert_filter(configuration, before, FILTER_NAME, EXPRESSION, queue)?;
        let queue = account.queue(queue).map_or(queue, |queue| &queue.friendly_name);
        let words = format!(
            "+ filter {} \"{FILTER_NAME}\": {EXPRESSION} → queue \"{queue}\"",
            before + 1
        );
        Some((edited, words))
    };
    match fault {
        Fault::Missing { ai } => new_filter(*ai),
        Fault::Order { handoff, ai } => Some((
            move_filter(configuration, *handoff, *ai)?,
            format!("{} moves up, above {}", name(*handoff), name(*ai)),
        )),
        Fault::Type { filter, ai, .. } => {
            let expression = study.workflow.filters.get(*filter)?.expression.as_ref()?;
            let is_all = expression.comparisons() == 1;
            if !is_all {
                return new_filter(*ai);
            }
            let words = format!("{}:\n    - {expression}\n    + {EXPRESSION}", name(*filter));
            Some((replace_expression(configuration, *filter, EXPRESSION)?, words))
        }
        Fault::Queue { .. } => None,
    }
}
