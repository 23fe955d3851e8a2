//! Workers and their channels.

use time::OffsetDateTime;

use super::collection::Resource;
use super::task_channel::TaskChannel;
use super::version::etag;
use crate::twilio::sids;

/// A worker: a person, or the AI.
#[derive(Clone, Debug)]
pub struct Worker {
    pub sid: String,
    pub friendly_name: String,
    /// The text of a JSON object.
    pub attributes: String,
    pub activity_sid: String,
    /// One for each task channel of the workspace.
    pub channels: Vec<WorkerChannel>,
    /// Moves with every change; the ETag is this number in quotes.
    pub version: u64,
    pub date_created: OffsetDateTime,
    pub date_updated: OffsetDateTime,
    /// When the worker came into the activity.
    pub date_status_changed: OffsetDateTime,
    /// Since when no task has been assigned to the worker, as routing counts it.
    pub(crate) idle_since: OffsetDateTime,
}

/// How many tasks of a channel a worker takes at once.
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

/// A worker to be made.
#[derive(Clone, Debug, Default)]
pub struct NewWorker {
    pub friendly_name: String,
    /// `{}` if there are none.
    pub attributes: Option<String>,
    /// The workspace's default activity if there is none.
    pub activity_sid: Option<String>,
}

/// What to change on a worker.
#[derive(Clone, Debug, Default)]
pub struct WorkerChange {
    pub friendly_name: Option<String>,
    pub attributes: Option<String>,
    pub activity_sid: Option<String>,
    /// Reject what is pending; only with an activity that is not available.
    pub reject_pending_reservations: bool,
}

/// What to change on a worker's channel.
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

    /// The channel of this SID, or of the task channel of this SID or unique name.
    pub(crate) fn channel(&self, name: &str) -> Option<&WorkerChannel> {
        self.channels.iter().find(|channel| channel.answers_to(name))
    }

    /// Twilio's default is one task at once.
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
