//! TaskRouter: the account's workspaces and their changes, without HTTP.

pub(crate) mod model;
pub(crate) mod workspace;

use time::OffsetDateTime;

use crate::clock::Clock;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::WORKSPACE_SID;
use model::{Assignment, Collection, Event, Routed};
use workspace::file::{self, WorkspaceFile, WorkspaceFileError};
use workspace::{Behaviour, NewWorkspace, Routing, Workspace, WorkspaceChange, seed};

pub(crate) struct TaskRouter {
    clock: Clock,
    /// The behaviour of the world's own workspace.
    behaviour: Behaviour,
    workspaces: Collection<Workspace>,
    /// The SID of the world's own workspace.
    own: String,
    /// Events of deleted workspaces.
    events: Vec<Event>,
}

impl TaskRouter {
    /// A TaskRouter with a single workspace, [`WORKSPACE_SID`].
    pub(crate) fn new(clock: Clock, behaviour: Behaviour) -> Self {
        let mut workspaces = Collection::new("/v1/Workspaces".to_owned());
        workspaces.add(seed::workspace(behaviour, clock.now()));
        Self {
            clock,
            behaviour,
            workspaces,
            own: WORKSPACE_SID.to_owned(),
            events: Vec::new(),
        }
    }

    /// The SID of the world's own workspace. The workspace may have been deleted.
    pub(crate) fn own_sid(&self) -> &str {
        &self.own
    }

    /// Replaces the world's own workspace and all its tasks with the workspace of a file.
    pub(crate) fn replace_own(&mut self, file: &WorkspaceFile) -> Result<(), WorkspaceFileError> {
        let workspace = file::workspace(file, self.behaviour, self.clock.now())?;
        // The old workspace may have been deleted.
        let _ = self.workspaces.remove(&self.own);
        self.own.clone_from(&workspace.sid);
        self.workspaces.add(workspace);
        Ok(())
    }

    pub(crate) fn own_workspace(&mut self) -> Result<&mut Workspace, Refusal> {
        self.workspaces.get_mut(&self.own)
    }

    pub(crate) fn workspaces(&self) -> &Collection<Workspace> {
        &self.workspaces
    }

    pub(crate) fn workspace(&mut self, sid: &str) -> Result<&mut Workspace, Refusal> {
        self.workspaces.get_mut(sid)
    }

    /// Creates a workspace that routes by its workflows.
    pub(crate) fn create_workspace(&mut self, new: NewWorkspace) -> Result<&mut Workspace, Refusal> {
        self.workspaces.check_name("Workspace", &new.friendly_name, None)?;
        let behaviour = Behaviour {
            routing: Routing::ByWorkflow,
            ..Behaviour::default()
        };
        let workspace = Workspace::new(new, behaviour, self.clock.now())?;
        let sid = workspace.sid.clone();
        self.workspaces.add(workspace);
        self.workspaces.get_mut(&sid)
    }

    pub(crate) fn update_workspace(&mut self, sid: &str, change: WorkspaceChange) -> Result<&mut Workspace, Refusal> {
        if let Some(name) = &change.friendly_name {
            self.workspaces.check_name("Workspace", name, Some(sid))?;
        }
        let workspace = self.workspace(sid)?;
        workspace.update(change)?;
        Ok(workspace)
    }

    /// Deletes a workspace with all its resources.
    pub(crate) fn delete_workspace(&mut self, sid: &str) -> Result<(), Refusal> {
        let mut workspace = self.workspaces.remove(sid)?;
        workspace.add_workspace_event("workspace.deleted");
        self.events.append(&mut workspace.events);
        Ok(())
    }

    /// The events of the changes since the last call.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        let mut events = std::mem::take(&mut self.events);
        for workspace in self.workspaces.iter_mut() {
            events.append(&mut workspace.events);
        }
        events
    }

    /// The assignment callbacks of the reservations since the last call.
    pub(crate) fn take_assignments(&mut self) -> Vec<Assignment> {
        let workspaces = self.workspaces.iter_mut();
        workspaces
            .flat_map(|workspace| std::mem::take(&mut workspace.assignments))
            .collect()
    }

    /// The routes of tasks since the last call.
    pub(crate) fn take_routes(&mut self) -> Vec<Routed> {
        let workspaces = self.workspaces.iter_mut();
        workspaces
            .flat_map(|workspace| std::mem::take(&mut workspace.routes))
            .collect()
    }

    /// The event callbacks that changed since the last call: the workspace's SID, the URL and the filter. URL and
    /// filter are empty if the callback was removed.
    pub(crate) fn take_callbacks(&mut self) -> Vec<(String, String, String)> {
        let mut callbacks = Vec::new();
        for workspace in self.workspaces.iter_mut() {
            if std::mem::take(&mut workspace.has_new_callback) {
                let url = workspace.event_callback_url.clone().unwrap_or_default();
                let filter = workspace.events_filter.clone().unwrap_or_default();
                callbacks.push((workspace.sid.clone(), url, filter));
            }
        }
        callbacks
    }

    /// Offers waiting tasks to workers after a change. Without an event, nothing has changed for waiting tasks.
    pub(crate) fn settle(&mut self) {
        let changed = self
            .workspaces
            .iter_mut()
            .filter(|workspace| !workspace.events.is_empty());
        changed.for_each(Workspace::settle);
    }

    /// The time of the next timer. None if no timer is running.
    pub(crate) fn next_due(&self) -> Option<OffsetDateTime> {
        self.workspaces.iter().filter_map(Workspace::next_due).min()
    }

    /// Processes everything that is due by now.
    pub(crate) fn catch_up(&mut self) {
        let now = self.clock.now();
        for workspace in self.workspaces.iter_mut() {
            workspace.catch_up(now);
        }
    }
}
