//! Workers and their channels.

use time::OffsetDateTime;

use super::collection::Resource;
use super::task_channel::TaskChannel;
use super::version::etag;
use crate::twilio::sids;

/// A person or the AI.
#[derive(Clone, Debug)]
pub struct Worker {
    pub sid: String,
    pub friendly_name: String,
    /// The text of a JSON object.
    pub attributes: String,
    pub activity_sid: String,
    /// A channel for each task channel of the workspace.
    pub channels: Vec<WorkerChannel>,
    /// Grows with every change. The ETag is this number in quotes.
    pub version: u64,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    /// The time of entering the activity.
    pub date_status_changed: OffsetDateTime,
    /// The time of the last assignment, for the order of idle workers.
    pub(crate) idle_since: OffsetDateTime,
}

/// A worker's channel, with the number of tasks that the worker can have at once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WorkerChannel {
    pub sid: String,
    pub task_channel_sid: String,
    /// The task channel's unique name.
    pub unique_name: String,
    pub capacity: u32,
    pub available: bool,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
}

/// A worker to be created.
#[derive(Clone, Debug, Default)]
pub struct NewWorker {
    pub friendly_name: String,
    /// The default is `{}`.
    pub attributes: Option<String>,
    /// The default is the workspace's default activity.
    pub activity_sid: Option<String>,
}

/// The change of a worker.
#[derive(Clone, Debug, Default)]
pub struct WorkerChange {
    pub friendly_name: Option<String>,
    pub attributes: Option<String>,
    pub activity_sid: Option<String>,
    /// Rejects the pending reservations. Only allowed with an unavailable activity.
    pub reject_pending_reservations: bool,
}

/// The change of a worker's channel.
#[derive(Clone, Debug, Default)]
pub struct WorkerChannelChange {
    pub capacity: Option<u32>,
    pub available: Option<bool>,
}

impl Resource for Worker {
    fn sid(&self) -> &str {
        &self.sid
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.friendly_name)
    }
}

impl Worker {
    pub fn etag(&self) -> String {
        etag(self.version)
    }

    /// The channel with this SID, or the channel of the task channel with this SID or unique name.
    pub(crate) fn channel(&self, name: &str) -> Option<&WorkerChannel> {
        self.channels.iter().find(|channel| channel.answers_to(name))
    }

    /// Twilio's default is a single task at once.
    pub(crate) fn add_channel(&mut self, task_channel: &TaskChannel, now: OffsetDateTime) {
        self.channels.push(WorkerChannel {
            sid: sids::new("WC"),
            task_channel_sid: task_channel.sid.clone(),
            unique_name: task_channel.unique_name.clone(),
            capacity: 1,
            available: true,
            date_created: now,
            date_updated: now,
        });
    }

    pub(crate) fn touch(&mut self, now: OffsetDateTime) {
        self.version += 1;
        self.date_updated = now;
    }
}

impl WorkerChannel {
    pub(crate) fn answers_to(&self, name: &str) -> bool {
        [&self.sid, &self.task_channel_sid, &self.unique_name]
            .iter()
            .any(|own| *own == name)
    }
}
