//! Routes sample tasks through the account's own workflows.

mod desk;
mod reach;
mod sample;
mod story;
mod study;

pub(crate) use desk::{Desk, Members};
pub(crate) use reach::unreachable_filters;
pub(crate) use story::{Story, stories};
pub(crate) use study::{Fault, QueueFault, Study};
