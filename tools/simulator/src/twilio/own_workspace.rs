//! Changes by a person in Flex or another program to the world's own workspace.

use super::account::Twilio;
use super::refusal::Refusal;
use super::sids::WORKFLOW_SID;
use super::taskrouter::TaskRouter;
use super::taskrouter::model::{
    Activity, NewTask, NewTaskQueue, NewWorker, Reservation, ReservationStatus, Task, TaskChange, TaskChannel,
    TaskQueue, TaskQueueChange, TaskStatus, Worker, WorkerChange, WorkerChannel, WorkerChannelChange, Workflow,
    WorkflowChange,
};
use super::taskrouter::workspace::Workspace;
use super::taskrouter::workspace::file::{WorkspaceFile, WorkspaceFileError};

/// Tasks and reservations of the world's own workspace.
impl Twilio {
    /// Creates a web chat task. `attributes` is the text of a JSON object.
    ///
    /// # Errors
    /// If the attributes are too long or not a JSON object.
    pub fn create_task(&self, attributes: &str) -> Result<Task, Refusal> {
        let new = NewTask {
            attributes: Some(attributes.to_owned()),
            task_channel: Some("chat".to_owned()),
            workflow_sid: Some(WORKFLOW_SID.to_owned()),
            ..NewTask::default()
        };
        self.create(new)
    }

    /// Creates a task.
    ///
    /// # Errors
    /// If a parameter is not allowed or names an unknown resource.
    pub fn create(&self, new: NewTask) -> Result<Task, Refusal> {
        let task = self.own(|workspace| workspace.create_task(new))?;
        // The task may have been offered to a worker by now.
        Ok(self.task(&task.sid).unwrap_or(task))
    }

    /// All tasks in the order of their creation.
    pub fn tasks(&self) -> Vec<Task> {
        self.look(|workspace| workspace.tasks.iter().cloned().collect())
    }

    /// The present state of a task. None once the task is gone.
    pub fn task(&self, sid: &str) -> Option<Task> {
        self.look(|workspace| workspace.tasks.find(sid).cloned())
    }

    /// Changes a task, whatever its version.
    ///
    /// # Errors
    /// If the change is not allowed or the task is gone.
    pub fn update_task(&self, sid: &str, change: TaskChange) -> Result<Task, Refusal> {
        self.own(|workspace| workspace.update_task(sid, None, change))
    }

    /// Replaces a task's attributes.
    ///
    /// # Errors
    /// If the attributes are too long or not a JSON object, or if the task is gone.
    pub fn set_attributes(&self, task_sid: &str, attributes: &str) -> Result<Task, Refusal> {
        let change = TaskChange {
            attributes: Some(attributes.to_owned()),
            ..TaskChange::default()
        };
        self.update_task(task_sid, change)
    }

    /// Edits a task's attributes. No other change can come in between.
    ///
    /// # Errors
    /// If the new attributes are too long or not a JSON object, or if the task is gone.
    pub fn edit_attributes(&self, task_sid: &str, edit: impl FnOnce(&str) -> String) -> Result<Task, Refusal> {
        self.own(|workspace| {
            let change = TaskChange {
                attributes: Some(edit(&workspace.tasks.get(task_sid)?.attributes)),
                ..TaskChange::default()
            };
            workspace.update_task(task_sid, None, change)
        })
    }

    /// Changes a task's priority.
    ///
    /// # Errors
    /// If the task is gone.
    pub fn set_priority(&self, task_sid: &str, priority: i64) -> Result<Task, Refusal> {
        let change = TaskChange {
            priority: Some(priority),
            ..TaskChange::default()
        };
        self.update_task(task_sid, change)
    }

    /// Wraps up, completes or cancels a task and its open reservations.
    ///
    /// # Errors
    /// If the task's status does not allow the change or the task is gone.
    pub fn end_task(&self, task_sid: &str, status: TaskStatus, reason: &str) -> Result<Task, Refusal> {
        let change = TaskChange {
            status: Some(status),
            reason: Some(reason.to_owned()),
            ..TaskChange::default()
        };
        self.update_task(task_sid, change)
    }

    /// Deletes a task as a person would (`task.deleted`).
    ///
    /// # Errors
    /// If the task is already gone.
    pub fn delete_task(&self, task_sid: &str) -> Result<(), Refusal> {
        self.own(|workspace| workspace.delete_task(task_sid, None, "task.deleted"))
    }

    /// Deletes a task as TaskRouter does five minutes after the task's end (`task.system-deleted`).
    ///
    /// # Errors
    /// If the task is already gone.
    pub fn expire_task(&self, task_sid: &str) -> Result<(), Refusal> {
        self.own(|workspace| workspace.delete_task(task_sid, None, "task.system-deleted"))
    }

    /// Offers a task to a worker of any queue. The reservation doesn't time out.
    ///
    /// # Errors
    /// If the task has ended or is gone, or if the worker is unknown.
    pub fn reserve(&self, task_sid: &str, worker_sid: &str) -> Result<Reservation, Refusal> {
        self.own(|workspace| workspace.reserve(task_sid, worker_sid))
    }

    /// Changes a reservation's status. The worker accepts or rejects; TaskRouter times out, cancels or rescinds;
    /// wrapping and completed follow the conversation. The task's status changes too.
    ///
    /// # Errors
    /// If the reservation's present status does not allow the change or the reservation is unknown.
    pub fn move_reservation(&self, sid: &str, status: ReservationStatus) -> Result<Reservation, Refusal> {
        self.own(|workspace| {
            let task_sid = workspace.task_of(sid)?.sid.clone();
            workspace.move_reservation(&task_sid, sid, None, status.into())
        })
    }

    /// The present state of a reservation. None once its task is gone.
    pub fn reservation(&self, sid: &str) -> Option<Reservation> {
        self.look(|workspace| {
            let task = workspace.task_of(sid).ok()?;
            workspace.reservation(&task.sid, sid).cloned().ok()
        })
    }
}

/// Activities, queues, workers and workflows of the world's own workspace.
impl Twilio {
    /// The SID of the world's own workspace, even if it was deleted.
    pub fn workspace_sid(&self) -> String {
        self.look_into_taskrouter(|taskrouter| taskrouter.own_sid().to_owned())
    }

    /// Replaces the world's own workspace and all its tasks with the workspace of a file.
    ///
    /// # Errors
    /// If TaskRouter would refuse a part of the file.
    pub fn replace_workspace(&self, file: &WorkspaceFile) -> Result<(), WorkspaceFileError> {
        self.in_taskrouter(|taskrouter| taskrouter.replace_own(file))
    }

    /// The task channels in the order of their creation.
    pub fn task_channels(&self) -> Vec<TaskChannel> {
        self.look(|workspace| workspace.task_channels.iter().cloned().collect())
    }

    /// The workflows in the order of their creation.
    pub fn workflows(&self) -> Vec<Workflow> {
        self.look(|workspace| workspace.workflows.iter().cloned().collect())
    }

    /// The activities in the order of their creation.
    pub fn activities(&self) -> Vec<Activity> {
        self.look(|workspace| workspace.activities.iter().cloned().collect())
    }

    /// The queues in the order of their creation.
    pub fn queues(&self) -> Vec<TaskQueue> {
        self.look(|workspace| workspace.task_queues.iter().cloned().collect())
    }

    /// Creates a queue with a given SID. A user's own workflow may name the SID.
    ///
    /// # Errors
    /// If a parameter is not allowed or another queue has the name.
    pub fn create_queue(&self, sid: &str, new: NewTaskQueue) -> Result<TaskQueue, Refusal> {
        self.own(|workspace| workspace.add_task_queue(sid.to_owned(), new))
    }

    /// The workers in the order of their creation.
    pub fn workers(&self) -> Vec<Worker> {
        self.look(|workspace| workspace.workers.iter().cloned().collect())
    }

    /// Creates a worker.
    ///
    /// # Errors
    /// If the attributes are not a JSON object, the activity is unknown, or another worker has the name.
    pub fn create_worker(&self, new: NewWorker) -> Result<Worker, Refusal> {
        self.own(|workspace| workspace.create_worker(new))
    }

    /// Changes a worker, whatever its version.
    ///
    /// # Errors
    /// If the change is not allowed or the worker is unknown.
    pub fn update_worker(&self, sid: &str, change: WorkerChange) -> Result<Worker, Refusal> {
        self.own(|workspace| workspace.update_worker(sid, None, change))
    }

    /// Moves a worker into an activity. The worker's pending reservations stay.
    ///
    /// # Errors
    /// If the worker or the activity is unknown.
    pub fn set_activity(&self, worker_sid: &str, activity_sid: &str) -> Result<Worker, Refusal> {
        let change = WorkerChange {
            activity_sid: Some(activity_sid.to_owned()),
            ..WorkerChange::default()
        };
        self.update_worker(worker_sid, change)
    }

    /// Sets a worker's capacity on a channel. `channel` is the channel's SID, or the task channel's SID or unique name.
    ///
    /// # Errors
    /// If the worker or the channel is unknown.
    pub fn set_capacity(&self, worker_sid: &str, channel: &str, capacity: u32) -> Result<WorkerChannel, Refusal> {
        let change = WorkerChannelChange {
            capacity: Some(capacity),
            available: None,
        };
        self.own(|workspace| workspace.update_worker_channel(worker_sid, channel, change))
    }

    /// Changes a task queue.
    ///
    /// # Errors
    /// If the change is not allowed or the queue is unknown.
    pub fn update_task_queue(&self, sid: &str, change: TaskQueueChange) -> Result<TaskQueue, Refusal> {
        self.own(|workspace| workspace.update_task_queue(sid, change))
    }

    /// Changes a workflow.
    ///
    /// # Errors
    /// If the change is not allowed or the workflow is unknown.
    pub fn update_workflow(&self, sid: &str, change: WorkflowChange) -> Result<Workflow, Refusal> {
        self.own(|workspace| workspace.update_workflow(sid, change))
    }

    /// The JSON text of the workflow that routes from the AI to people.
    pub fn workflow_configuration(&self) -> String {
        self.look(|workspace| {
            workspace
                .workflows
                .find(WORKFLOW_SID)
                .map(|workflow| workflow.configuration.clone())
        })
        .unwrap_or_default()
    }

    /// Replaces the text of the AI-to-people workflow. `re_evaluate_tasks` sends pending tasks through the workflow
    /// again.
    ///
    /// # Errors
    /// If the text is not a workflow's configuration or names an unknown queue.
    pub fn set_workflow_configuration(&self, text: &str, re_evaluate_tasks: bool) -> Result<Workflow, Refusal> {
        let change = WorkflowChange {
            configuration: Some(text.to_owned()),
            re_evaluate_tasks,
            ..WorkflowChange::default()
        };
        self.update_workflow(WORKFLOW_SID, change)
    }

    /// The route of a task in a workflow with this configuration, as if the task were new. Nothing changes.
    ///
    /// # Errors
    /// If the task is gone.
    pub fn would_route(&self, workflow: &workflow::Workflow, task_sid: &str) -> Result<workflow::Route, Refusal> {
        self.look_into_taskrouter(|taskrouter| taskrouter.own_workspace()?.would_route(workflow, task_sid))
    }
}

impl Twilio {
    fn own<T>(&self, change: impl FnOnce(&mut Workspace) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.in_taskrouter(|taskrouter| change(taskrouter.own_workspace()?))
    }

    /// Reads the workspace. The default value if the workspace was deleted.
    fn look<T: Default>(&self, look: impl FnOnce(&Workspace) -> T) -> T {
        let workspace = |taskrouter: &mut TaskRouter| taskrouter.own_workspace().ok().map(|own| look(own));
        self.look_into_taskrouter(workspace).unwrap_or_default()
    }
}
