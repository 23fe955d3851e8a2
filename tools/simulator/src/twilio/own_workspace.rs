//! What a person in Flex or another program does in the world's own workspace.

use super::Twilio;
use super::refusal::Refusal;
use super::sids::{WORKFLOW_SID, WORKSPACE_SID};
use super::taskrouter::TaskRouter;
use super::taskrouter::model::{
    Activity, NewTask, NewTaskQueue, NewWorker, Reservation, ReservationStatus, Task, TaskChange, TaskQueue,
    TaskQueueChange, TaskStatus, Worker, WorkerChange, WorkerChannel, WorkerChannelChange, Workflow, WorkflowChange,
};
use super::taskrouter::workspace::Workspace;

/// Tasks and reservations of the world's own workspace.
impl Twilio {
    /// A new, pending task of the web chat. `attributes` is the text of a JSON object.
    ///
    /// # Errors
    /// If the attributes are too long, or no JSON object.
    pub fn create_task(&self, attributes: &str) -> Result<Task, Refusal> {
        let new = NewTask {
            attributes: Some(attributes.to_owned()),
            task_channel: Some("chat".to_owned()),
            workflow_sid: Some(WORKFLOW_SID.to_owned()),
            ..NewTask::default()
        };
        self.create(new)
    }

    /// A new, pending task.
    ///
    /// # Errors
    /// If a parameter is not allowed, or names something that there is not.
    pub fn create(&self, new: NewTask) -> Result<Task, Refusal> {
        let task = self.own(|workspace| workspace.create_task(new))?;
        // By now it may have been offered to somebody.
        Ok(self.task(&task.sid).unwrap_or(task))
    }

    /// The tasks that there are, in the order of their creation.
    pub fn tasks(&self) -> Vec<Task> {
        self.look(|workspace| workspace.tasks.iter().cloned().collect())
    }

    /// The task as it is now; none once it is gone.
    pub fn task(&self, sid: &str) -> Option<Task> {
        self.look(|workspace| workspace.tasks.find(sid).cloned())
    }

    /// Changes a task, whatever its version.
    ///
    /// # Errors
    /// If the change is not allowed, or the task is gone.
    pub fn update_task(&self, sid: &str, change: TaskChange) -> Result<Task, Refusal> {
        self.own(|workspace| workspace.update_task(sid, None, change))
    }

    /// Replaces a task's attributes.
    ///
    /// # Errors
    /// As [`create_task`](Self::create_task), or if the task is gone.
    pub fn set_attributes(&self, task_sid: &str, attributes: &str) -> Result<Task, Refusal> {
        let change = TaskChange {
            attributes: Some(attributes.to_owned()),
            ..TaskChange::default()
        };
        self.update_task(task_sid, change)
    }

    /// Replaces a task's attributes by what `edit` makes of them, with no other change in between.
    ///
    /// # Errors
    /// As [`set_attributes`](Self::set_attributes).
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

    /// Wraps up, completes or cancels a task, and its open reservations along with it.
    ///
    /// # Errors
    /// If the task's status does not allow it, or the task is gone.
    pub fn end_task(&self, task_sid: &str, status: TaskStatus, reason: &str) -> Result<Task, Refusal> {
        let change = TaskChange {
            status: Some(status),
            reason: Some(reason.to_owned()),
            ..TaskChange::default()
        };
        self.update_task(task_sid, change)
    }

    /// Deletes a task, as a person does (`task.deleted`).
    ///
    /// # Errors
    /// If the task is gone already.
    pub fn delete_task(&self, task_sid: &str) -> Result<(), Refusal> {
        self.own(|workspace| workspace.delete_task(task_sid, None, "task.deleted"))
    }

    /// Deletes a task, as TaskRouter does with one that ended five minutes ago (`task.system-deleted`).
    ///
    /// # Errors
    /// If the task is gone already.
    pub fn expire_task(&self, task_sid: &str) -> Result<(), Refusal> {
        self.own(|workspace| workspace.delete_task(task_sid, None, "task.system-deleted"))
    }

    /// Offers a task to a worker, whatever its workflow says. The reservation doesn't time out.
    ///
    /// # Errors
    /// If the task has ended or is gone, or there is no such worker.
    pub fn reserve(&self, task_sid: &str, worker_sid: &str) -> Result<Reservation, Refusal> {
        self.own(|workspace| workspace.reserve(task_sid, worker_sid))
    }

    /// Moves a reservation: accepted or rejected by its worker, timed out, canceled or rescinded by TaskRouter, wrapping
    /// or completed once the conversation is over. Its task follows.
    ///
    /// # Errors
    /// If the reservation's present status does not allow it, or there is no such reservation.
    pub fn move_reservation(&self, sid: &str, status: ReservationStatus) -> Result<Reservation, Refusal> {
        self.own(|workspace| {
            let task_sid = workspace.task_of(sid)?.sid.clone();
            workspace.move_reservation(&task_sid, sid, None, status.into())
        })
    }

    /// The reservation as it is now; none once its task is gone.
    pub fn reservation(&self, sid: &str) -> Option<Reservation> {
        self.look(|workspace| {
            let task = workspace.task_of(sid).ok()?;
            workspace.reservation(&task.sid, sid).cloned().ok()
        })
    }
}

/// Who and what the world's own workspace routes to.
impl Twilio {
    /// The activities, in the order of their creation.
    pub fn activities(&self) -> Vec<Activity> {
        self.look(|workspace| workspace.activities.iter().cloned().collect())
    }

    /// The queues, in the order of their creation.
    pub fn queues(&self) -> Vec<TaskQueue> {
        self.look(|workspace| workspace.task_queues.iter().cloned().collect())
    }

    /// Another queue, of a SID that somebody's own workflow names.
    ///
    /// # Errors
    /// If a parameter is not allowed, or another queue has the name.
    pub fn create_queue(&self, sid: &str, new: NewTaskQueue) -> Result<TaskQueue, Refusal> {
        self.own(|workspace| workspace.add_task_queue(sid.to_owned(), new))
    }

    /// The workers, in the order of their creation.
    pub fn workers(&self) -> Vec<Worker> {
        self.look(|workspace| workspace.workers.iter().cloned().collect())
    }

    /// Another worker.
    ///
    /// # Errors
    /// If the attributes are no JSON object, there is no such activity, or another worker has the name.
    pub fn create_worker(&self, new: NewWorker) -> Result<Worker, Refusal> {
        self.own(|workspace| workspace.create_worker(new))
    }

    /// Changes a worker, whatever its version.
    ///
    /// # Errors
    /// As [`create_worker`](Self::create_worker), or if there is no such worker.
    pub fn update_worker(&self, sid: &str, change: WorkerChange) -> Result<Worker, Refusal> {
        self.own(|workspace| workspace.update_worker(sid, None, change))
    }

    /// Moves a worker into an activity; what is offered to the worker stays so.
    ///
    /// # Errors
    /// If there is no such worker or activity.
    pub fn set_activity(&self, worker_sid: &str, activity_sid: &str) -> Result<Worker, Refusal> {
        let change = WorkerChange {
            activity_sid: Some(activity_sid.to_owned()),
            ..WorkerChange::default()
        };
        self.update_worker(worker_sid, change)
    }

    /// Says how many tasks of a channel a worker takes at once. The channel is named by its SID, or by its task channel's
    /// SID or unique name.
    ///
    /// # Errors
    /// If there is no such worker or channel.
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
    /// If the change is not allowed, or there is no such queue.
    pub fn update_task_queue(&self, sid: &str, change: TaskQueueChange) -> Result<TaskQueue, Refusal> {
        self.own(|workspace| workspace.update_task_queue(sid, change))
    }

    /// Changes a workflow.
    ///
    /// # Errors
    /// If the change is not allowed, or there is no such workflow.
    pub fn update_workflow(&self, sid: &str, change: WorkflowChange) -> Result<Workflow, Refusal> {
        self.own(|workspace| workspace.update_workflow(sid, change))
    }

    /// The JSON text of the workflow that leads from the AI to people.
    pub fn workflow_configuration(&self) -> String {
        self.look(|workspace| {
            workspace
                .workflows
                .find(WORKFLOW_SID)
                .map(|workflow| workflow.configuration.clone())
        })
        .unwrap_or_default()
    }

    /// Replaces it; `re_evaluate_tasks` says whether pending tasks go through it again.
    ///
    /// # Errors
    /// If the text is no workflow's configuration, or names a queue that there is not.
    pub fn set_workflow_configuration(&self, text: &str, re_evaluate_tasks: bool) -> Result<Workflow, Refusal> {
        let change = WorkflowChange {
            configuration: Some(text.to_owned()),
            re_evaluate_tasks,
            ..WorkflowChange::default()
        };
        self.update_workflow(WORKFLOW_SID, change)
    }

    /// Where a task would go if it were new to a workflow of this configuration, and why. Nothing changes.
    ///
    /// # Errors
    /// If the task is gone.
    pub fn would_route(&self, workflow: &workflow::Workflow, task_sid: &str) -> Result<workflow::Route, Refusal> {
        self.look_into_taskrouter(|taskrouter| taskrouter.workspace(WORKSPACE_SID)?.would_route(workflow, task_sid))
    }
}

impl Twilio {
    fn own<T>(&self, change: impl FnOnce(&mut Workspace) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.in_workspace(WORKSPACE_SID, change)
    }

    /// Nothing, where the workspace has been deleted.
    fn look<T: Default>(&self, look: impl FnOnce(&Workspace) -> T) -> T {
        let workspace = |taskrouter: &mut TaskRouter| taskrouter.workspace(WORKSPACE_SID).ok().map(|own| look(own));
        self.look_into_taskrouter(workspace).unwrap_or_default()
    }
}
