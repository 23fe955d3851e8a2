//! A Twilio account as read: plain data for findings and plans.

mod event_streams;
mod read;
mod taskrouter;

use std::collections::BTreeMap;

use crate::client::ReadError;

pub(crate) use event_streams::{Sink, Subscription, TYPE_PREFIX};
#[cfg(test)]
pub(crate) use read::READ_PERMISSIONS;
pub(crate) use read::{Refusal, read};
pub(crate) use taskrouter::{Activity, TaskQueue, Worker, WorkerChannel, Workflow, Workspace};

/// The workspace and the account's Event Streams. A list that may not be read is `None`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Account {
    pub(crate) workspace: Option<Workspace>,
    pub(crate) activities: Option<Vec<Activity>>,
    pub(crate) workers: Option<Vec<Worker>>,
    /// The channels of each existing AI worker by the worker's SID.
    pub(crate) channels: BTreeMap<String, Vec<WorkerChannel>>,
    pub(crate) queues: Option<Vec<TaskQueue>>,
    pub(crate) workflows: Option<Vec<Workflow>>,
    pub(crate) sinks: Option<Vec<Sink>>,
    /// The error in reading the sinks, unless a permission is lacking.
    pub(crate) sinks_unavailable: Option<ReadError>,
    /// The permissions that the API key lacks, as Twilio names them.
    pub(crate) denied: Vec<&'static str>,
}

impl Account {
    pub(crate) fn worker(&self, sid: &str) -> Option<&Worker> {
        self.workers.iter().flatten().find(|worker| worker.sid == sid)
    }

    pub(crate) fn queue(&self, sid: &str) -> Option<&TaskQueue> {
        self.queues.iter().flatten().find(|queue| queue.sid == sid)
    }

    /// The workflows to look at: the named workflow or all of them.
    pub(crate) fn chosen_workflows<'a>(&'a self, named: Option<&'a str>) -> impl Iterator<Item = &'a Workflow> {
        let workflows = self.workflows.iter().flatten();
        workflows.filter(move |workflow| named.is_none_or(|sid| sid == workflow.sid))
    }
}
