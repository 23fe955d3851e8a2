//! A workspace from a file, such as an export of a real account by `connect export`.

mod error;
mod format;

use std::collections::HashSet;

use time::OffsetDateTime;

use super::{Behaviour, Workspace};
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::WORKSPACE_SID;
use crate::twilio::taskrouter::model::{
    NewTaskQueue, NewWorker, NewWorkflow, STANDARD, TaskChannel, WorkerChannelChange,
};
use format::{ActivityEntry, TaskChannelEntry, TaskQueueEntry, WorkerEntry, WorkflowEntry};

pub use error::WorkspaceFileError;
pub use format::WorkspaceFile;

type Filled = Result<(), WorkspaceFileError>;

/// Creates the workspace that a file describes.
pub(crate) fn workspace(
    file: &WorkspaceFile,
    behaviour: Behaviour,
    now: OffsetDateTime,
) -> Result<Workspace, WorkspaceFileError> {
    let mut sids = Sids::default();
    let sid = match &file.sid {
        Some(_) => sids
            .next("WS", file.sid.as_ref())
            .map_err(WorkspaceFileError::at("sid"))?,
        None => WORKSPACE_SID.to_owned(),
    };
    let name = file.friendly_name.clone().unwrap_or_else(|| "Workspace".to_owned());
    let mut filler = Filler {
        workspace: Workspace::empty(sid, name, behaviour, now),
        sids,
    };
    filler.add_activities(file)?;
    filler.add_task_channels(&file.task_channels)?;
    each("task_queues", &file.task_queues, |queue| filler.add_task_queue(queue))?;
    each("workers", &file.workers, |worker| filler.add_worker(worker))?;
    each("workflows", &file.workflows, |workflow| filler.add_workflow(workflow))?;
    let mut workspace = filler.workspace;
    workspace.prioritize_queue_order = file.prioritize_queue_order;
    // The workspace existed before any callback.
    workspace.events.clear();
    Ok(workspace)
}

/// Adds each entry of a list. An error names the entry by its index.
fn each<T>(list: &str, entries: &[T], mut add: impl FnMut(&T) -> Result<(), Refusal>) -> Filled {
    for (place, entry) in entries.iter().enumerate() {
        add(entry).map_err(WorkspaceFileError::at(format!("{list}[{place}]")))?;
    }
    Ok(())
}

struct Filler {
    workspace: Workspace,
    sids: Sids,
}

impl Filler {
    fn add_activities(&mut self, file: &WorkspaceFile) -> Filled {
        each(
            "activities",
            &file.activities,
            |ActivityEntry {
                 sid,
                 friendly_name,
                 available,
             }| {
                let sid = self.sids.next("WA", sid.as_ref())?;
                self.workspace.add_activity(sid, friendly_name, *available).map(drop)
            },
        )?;
        let mut activities = self.workspace.activities.iter();
        let first = activities.find(|activity| !activity.available);
        let first = first.or_else(|| self.workspace.activities.iter().next());
        let first = first
            .map(|activity| activity.sid.clone())
            .ok_or_else(|| WorkspaceFileError::at("activities")(Refusal::invalid("a workspace needs an activity")))?;
        for (path, activity) in [
            ("default_activity_sid", &file.default_activity_sid),
            ("timeout_activity_sid", &file.timeout_activity_sid),
        ] {
            if let Some(sid) = activity {
                self.workspace
                    .check_activity(sid)
                    .map_err(WorkspaceFileError::at(path))?;
            }
        }
        let default = file.default_activity_sid.clone().unwrap_or(first);
        self.workspace.timeout_activity_sid = file.timeout_activity_sid.clone().unwrap_or_else(|| default.clone());
        self.workspace.default_activity_sid = default;
        Ok(())
    }

    fn add_task_channels(&mut self, entries: &[TaskChannelEntry]) -> Filled {
        let standard = STANDARD.map(|(unique_name, friendly_name)| TaskChannelEntry {
            sid: None,
            unique_name: unique_name.to_owned(),
            friendly_name: Some(friendly_name.to_owned()),
            channel_optimized_routing: false,
        });
        let entries = if entries.is_empty() { &standard } else { entries };
        each("task_channels", entries, |entry| {
            let name = &entry.unique_name;
            self.workspace.task_channels.check_name("TaskChannel", name, None)?;
            let channel = TaskChannel {
                sid: self.sids.next("TC", entry.sid.as_ref())?,
                unique_name: name.clone(),
                friendly_name: entry.friendly_name.clone().unwrap_or_else(|| name.clone()),
                channel_optimized_routing: entry.channel_optimized_routing,
                date_created: self.workspace.now(),
                date_updated: self.workspace.now(),
            };
            self.workspace.add_task_channel(channel);
            Ok(())
        })
    }

    fn add_task_queue(&mut self, entry: &TaskQueueEntry) -> Result<(), Refusal> {
        let queue = NewTaskQueue {
            friendly_name: entry.friendly_name.clone(),
            target_workers: entry.target_workers.clone(),
            max_reserved_workers: entry.max_reserved_workers,
            task_order: entry.task_order,
            reservation_activity_sid: entry.reservation_activity_sid.clone(),
            assignment_activity_sid: entry.assignment_activity_sid.clone(),
        };
        let sid = self.sids.next("WQ", entry.sid.as_ref())?;
        self.workspace.add_task_queue(sid, queue).map(drop)
    }

    fn add_worker(&mut self, entry: &WorkerEntry) -> Result<(), Refusal> {
        let worker = NewWorker {
            friendly_name: entry.friendly_name.clone(),
            attributes: entry.attributes.as_ref().map(|attributes| attributes.0.clone()),
            activity_sid: self.activity(entry)?,
        };
        let sid = self.sids.next("WK", entry.sid.as_ref())?;
        self.workspace.add_worker(sid.clone(), worker)?;
        for channel in &entry.channels {
            let name = &channel.task_channel_unique_name;
            // Refuses an unknown channel and names the channel.
            self.workspace.task_channel(name)?;
            let change = WorkerChannelChange {
                capacity: channel.configured_capacity,
                available: channel.available,
            };
            self.workspace.update_worker_channel(&sid, name, change)?;
        }
        Ok(())
    }

    /// The SID of a worker's activity. None stands for the default activity.
    fn activity(&self, entry: &WorkerEntry) -> Result<Option<String>, Refusal> {
        match (&entry.activity_sid, &entry.activity_name) {
            (Some(sid), _) => Ok(Some(sid.clone())),
            (None, Some(name)) => {
                let mut activities = self.workspace.activities.iter();
                let activity = activities.find(|activity| activity.friendly_name == *name);
                let activity = activity.ok_or_else(|| Refusal::invalid(format!("Activity {name} does not exist")))?;
                Ok(Some(activity.sid.clone()))
            }
            (None, None) => Ok(None),
        }
    }

    fn add_workflow(&mut self, entry: &WorkflowEntry) -> Result<(), Refusal> {
        let workflow = NewWorkflow {
            friendly_name: entry.friendly_name.clone(),
            configuration: entry.configuration.0.clone(),
            task_reservation_timeout: entry.task_reservation_timeout,
            assignment_callback_url: entry.assignment_callback_url.clone(),
            fallback_assignment_callback_url: entry.fallback_assignment_callback_url.clone(),
        };
        let sid = self.sids.next("WW", entry.sid.as_ref())?;
        self.workspace.add_workflow(sid, workflow).map(drop)
    }
}

/// The SIDs of a file. A SID may be used only once.
#[derive(Default)]
struct Sids {
    used: HashSet<String>,
    made: usize,
}

impl Sids {
    /// The given SID, or a SID that is the same at every start.
    fn next(&mut self, prefix: &str, given: Option<&String>) -> Result<String, Refusal> {
        let sid = match given {
            Some(sid) => sid.clone(),
            None => {
                self.made += 1;
                format!("{prefix}f1e0{:028x}", self.made)
            }
        };
        let digits = sid.strip_prefix(prefix).unwrap_or_default();
        if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Refusal::invalid(format!(
                "{sid} is no SID: expected {prefix} and 32 hexadecimal digits"
            )));
        }
        match self.used.insert(sid.clone()) {
            true => Ok(sid),
            false => Err(Refusal::invalid(format!("{sid} is there twice"))),
        }
    }
}
