//! A workspace and the rules by which its resources change.

mod activities;
mod assignments;
mod due;
mod events;
pub(crate) mod file;
mod lifecycle;
mod reservations;
pub(crate) mod resources;
mod routing;
mod routing_target;
pub(super) mod seed;
mod snapshot;
mod task_channels;
mod task_queues;
mod tasks;
mod workers;
mod workflows;

use std::collections::BTreeSet;

use serde_json::json;
use time::OffsetDateTime;
use url::Url;

use crate::twilio::assumptions::Assumptions;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::{
    Activity, Assignment, Collection, Event, NewTaskQueue, NewWorkflow, Resource, Routed, STANDARD, Task, TaskChannel,
    TaskOrder, TaskQueue, Worker, Workflow,
};

/// The source of offers to workers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Routing {
    /// The caller's own reservations. No task is routed, and reservations, targets and tasks never time out.
    #[default]
    ByHand,
    /// The task's workflow.
    ByWorkflow,
}

/// Behaviour that Twilio's documentation leaves open or that a test has to change.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Behaviour {
    pub(crate) routing: Routing,
    /// Whether a worker can reject an accepted reservation. Twilio doesn't say.
    pub(crate) accepted_can_be_rejected: bool,
    pub(crate) assumptions: Assumptions,
    pub(crate) evaluations_per_second: usize,
}

/// A workspace with all its resources.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) sid: String,
    pub(crate) friendly_name: String,
    pub(crate) event_callback_url: Option<String>,
    /// The event types that are sent, as a comma-separated list. None for all types.
    pub(crate) events_filter: Option<String>,
    /// Stored, but has no effect: every workspace here is multi-tasking, like all new workspaces at Twilio.
    pub(crate) multi_task_enabled: bool,
    pub(crate) prioritize_queue_order: TaskOrder,
    pub(crate) default_activity_sid: String,
    pub(crate) timeout_activity_sid: String,
    pub(crate) date_created: OffsetDateTime,
    pub(crate) date_updated: OffsetDateTime,
    pub(crate) activities: Collection<Activity>,
    pub(crate) task_channels: Collection<TaskChannel>,
    pub(crate) workers: Collection<Worker>,
    pub(crate) task_queues: Collection<TaskQueue>,
    pub(crate) workflows: Collection<Workflow>,
    pub(crate) tasks: Collection<Task>,
    pub(super) behaviour: Behaviour,
    /// Whether the event callback or its filter changed since the last call of `take_callbacks`.
    pub(super) has_new_callback: bool,
    /// The time of the present step. This may be in the past, since each timer is processed at its own time.
    pub(super) now: OffsetDateTime,
    /// The events since the last call of `take_events`.
    pub(super) events: Vec<Event>,
    /// The assignment callbacks since the last call of `take_assignments`.
    pub(super) assignments: Vec<Assignment>,
    /// The routes since the last call of `take_routes`.
    pub(super) routes: Vec<Routed>,
    /// The tasks whose workflow was evaluated and whose route is not yet among `routes`.
    pub(super) evaluated: BTreeSet<String>,
}

/// The contents of a new workspace.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Template {
    /// Activities and task channels.
    #[default]
    None,
    /// Activities, task channels, a queue for all workers and a workflow that leads there.
    Fifo,
}

/// A workspace to be created.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewWorkspace {
    pub(crate) friendly_name: String,
    pub(crate) event_callback_url: Option<String>,
    pub(crate) events_filter: Option<String>,
    /// The default is true.
    pub(crate) multi_task_enabled: Option<bool>,
    pub(crate) template: Template,
    pub(crate) prioritize_queue_order: TaskOrder,
}

/// The change of a workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorkspaceChange {
    pub(crate) friendly_name: Option<String>,
    pub(crate) event_callback_url: Option<String>,
    pub(crate) events_filter: Option<String>,
    pub(crate) multi_task_enabled: Option<bool>,
    pub(crate) default_activity_sid: Option<String>,
    pub(crate) timeout_activity_sid: Option<String>,
    pub(crate) prioritize_queue_order: Option<TaskOrder>,
}

impl Resource for Workspace {
    fn sid(&self) -> &str {
        &self.sid
    }

    fn unique_name(&self) -> Option<&str> {
        Some(&self.friendly_name)
    }
}

impl Workspace {
    /// A workspace with its template's contents. Activities and queues have Twilio's names.
    pub(super) fn new(new: NewWorkspace, behaviour: Behaviour, now: OffsetDateTime) -> Result<Self, Refusal> {
        let mut workspace = Self::empty(sids::new("WS"), new.friendly_name, behaviour, now);
        workspace.add_workspace_event("workspace.created");
        for (name, available) in [("Offline", false), ("Available", true), ("Unavailable", false)] {
            workspace.create_activity(name, available)?;
        }
        let offline = workspace.activities.iter().next().map(|activity| activity.sid.clone());
        workspace.default_activity_sid = offline.clone().unwrap_or_default();
        workspace.timeout_activity_sid = offline.unwrap_or_default();
        for (unique_name, friendly_name) in STANDARD {
            workspace.create_task_channel(unique_name, friendly_name, false)?;
        }
        if new.template == Template::Fifo {
            workspace.add_fifo()?;
        }
        let (url, filter) = (
            new.event_callback_url.unwrap_or_default(),
            new.events_filter.unwrap_or_default(),
        );
        workspace.set_event_callback(&url, &filter)?;
        workspace.multi_task_enabled = new.multi_task_enabled.unwrap_or(true);
        workspace.prioritize_queue_order = new.prioritize_queue_order;
        Ok(workspace)
    }

    /// A workspace without activities. Add an activity before the first worker.
    pub(super) fn empty(sid: String, friendly_name: String, behaviour: Behaviour, now: OffsetDateTime) -> Self {
        let path = path(&sid);
        Self {
            friendly_name,
            event_callback_url: None,
            events_filter: None,
            multi_task_enabled: true,
            prioritize_queue_order: TaskOrder::Fifo,
            default_activity_sid: String::new(),
            timeout_activity_sid: String::new(),
            date_created: now,
            date_updated: now,
            activities: Collection::new(format!("{path}/Activities")),
            task_channels: Collection::new(format!("{path}/TaskChannels")),
            workers: Collection::new(format!("{path}/Workers")),
            task_queues: Collection::new(format!("{path}/TaskQueues")),
            workflows: Collection::new(format!("{path}/Workflows")),
            tasks: Collection::new(format!("{path}/Tasks")),
            behaviour,
            has_new_callback: false,
            now,
            events: Vec::new(),
            assignments: Vec::new(),
            routes: Vec::new(),
            evaluated: BTreeSet::new(),
            sid,
        }
    }

    fn add_fifo(&mut self) -> Result<(), Refusal> {
        let queue = self.create_task_queue(NewTaskQueue {
            friendly_name: "Sample Queue".to_owned(),
            ..NewTaskQueue::default()
        })?;
        self.create_workflow(NewWorkflow {
            friendly_name: "Default Fifo Workflow".to_owned(),
            configuration: json!({ "task_routing": { "filters": [], "default_filter": { "queue": queue.sid } } })
                .to_string(),
            ..NewWorkflow::default()
        })
        .map(drop)
    }

    pub(crate) fn path(&self) -> String {
        path(&self.sid)
    }

    /// The time of the present step.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.now
    }

    /// Changes the given fields.
    pub(super) fn update(&mut self, change: WorkspaceChange) -> Result<(), Refusal> {
        for activity in [&change.default_activity_sid, &change.timeout_activity_sid]
            .into_iter()
            .flatten()
        {
            self.check_activity(activity)?;
        }
        let url = change
            .event_callback_url
            .or(self.event_callback_url.clone())
            .unwrap_or_default();
        let filter = change.events_filter.or(self.events_filter.clone()).unwrap_or_default();
        self.set_event_callback(&url, &filter)?;
        set(&mut self.friendly_name, change.friendly_name);
        set(&mut self.default_activity_sid, change.default_activity_sid);
        set(&mut self.timeout_activity_sid, change.timeout_activity_sid);
        set(&mut self.multi_task_enabled, change.multi_task_enabled);
        set(&mut self.prioritize_queue_order, change.prioritize_queue_order);
        self.date_updated = self.now;
        self.add_workspace_event("workspace.updated");
        Ok(())
    }

    /// Sets the event callback and its event types. An empty URL removes the callback. An empty filter admits all
    /// types.
    pub(crate) fn set_event_callback(&mut self, url: &str, events_filter: &str) -> Result<(), Refusal> {
        let is_http = |url: &Url| matches!(url.scheme(), "http" | "https");
        if !url.is_empty() && !Url::parse(url).is_ok_and(|url| is_http(&url)) {
            return Err(Refusal::invalid(format!("{url} is not an absolute HTTP URL")));
        }
        (self.event_callback_url, self.events_filter) = (present(url), present(events_filter));
        self.has_new_callback = true;
        Ok(())
    }
}

fn present(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn set<T>(value: &mut T, change: Option<T>) {
    if let Some(change) = change {
        *value = change;
    }
}

fn path(sid: &str) -> String {
    format!("/v1/Workspaces/{sid}")
}
