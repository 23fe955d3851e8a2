//! Routes sample tasks through the account's own workflows.

mod coverage;
mod desk;
mod fault;
mod handoff_queue;
mod reach;
mod sample;
mod story;
mod study;

pub(crate) use coverage::unseen;
pub(crate) use desk::{Desk, Members};
pub(crate) use fault::{Fault, QueueFault};
pub(crate) use reach::unreachable_filters;
pub(crate) use story::{Story, stories};
pub(crate) use study::{Study, meant};

/// A filter by its name and its number in the Console.
pub(crate) fn filter_in_words(workflow: &workflow::Workflow, filter: usize) -> String {
    let name = workflow
        .filters
        .get(filter)
        .and_then(|filter| filter.friendly_name.as_deref());
    match name {
        Some(name) => format!("filter {} \"{name}\"", filter + 1),
        None => format!("filter {}", filter + 1),
    }
}
