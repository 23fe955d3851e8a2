//! The world as the page shows it: its state as JSON, the timeline, and the details of a timeline entry.

pub(crate) mod attributes;
pub(crate) mod details;
pub(crate) mod entry;
pub(crate) mod filters;
pub(crate) mod people;
mod purpose;
mod queued;
pub(crate) mod state;
mod task_view;
pub(crate) mod timeline;
