//! Changes of task queues.

use super::Workspace;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::{NewTaskQueue, Task, TaskQueue, TaskQueueChange, Workflow};

impl Workspace {
    pub(crate) fn create_task_queue(&mut self, new: NewTaskQueue) -> Result<TaskQueue, Refusal> {
        self.add_task_queue(sids::new("WQ"), new)
    }

    pub(crate) fn add_task_queue(&mut self, sid: String, new: NewTaskQueue) -> Result<TaskQueue, Refusal> {
        self.task_queues.check_name("Queue", &new.friendly_name, None)?;
        let target_workers = new.target_workers.unwrap_or_else(|| "1==1".to_owned());
        let expression = read_target_workers(&target_workers)?;
        let max_reserved_workers = new.max_reserved_workers.unwrap_or(1);
        check_max_reserved_workers(max_reserved_workers)?;
        for activity in [&new.reservation_activity_sid, &new.assignment_activity_sid]
            .into_iter()
            .flatten()
        {
            self.check_activity(activity)?;
        }
        let queue = TaskQueue {
            sid,
            friendly_name: new.friendly_name,
            target_workers,
            max_reserved_workers,
            task_order: new.task_order,
            reservation_activity_sid: new.reservation_activity_sid,
            assignment_activity_sid: new.assignment_activity_sid,
            date_created: self.now,
            date_updated: self.now,
            expression,
        };
        self.task_queues.add(queue.clone());
        self.add_task_queue_event("task-queue.created", &queue);
        Ok(queue)
    }

    pub(crate) fn update_task_queue(&mut self, sid: &str, change: TaskQueueChange) -> Result<TaskQueue, Refusal> {
        let mut queue = self.task_queues.get(sid)?.clone();
        if let Some(name) = change.friendly_name {
            self.task_queues.check_name("Queue", &name, Some(sid))?;
            queue.friendly_name = name;
        }
        let targets = change.target_workers.filter(|targets| *targets != queue.target_workers);
        let retargeted = targets.is_some();
        if let Some(targets) = targets {
            queue.expression = read_target_workers(&targets)?;
            queue.target_workers = targets;
        }
        if let Some(count) = change.max_reserved_workers {
            check_max_reserved_workers(count)?;
            queue.max_reserved_workers = count;
        }
        for activity in [&change.reservation_activity_sid, &change.assignment_activity_sid]
            .into_iter()
            .flatten()
        {
            self.check_activity(activity)?;
        }
        queue.reservation_activity_sid = change.reservation_activity_sid.or(queue.reservation_activity_sid);
        queue.assignment_activity_sid = change.assignment_activity_sid.or(queue.assignment_activity_sid);
        queue.task_order = change.task_order.unwrap_or(queue.task_order);
        queue.date_updated = self.now;
        *self.task_queues.get_mut(sid)? = queue.clone();
        // Twilio documents no event for other changes.
        if retargeted {
            self.add_task_queue_event("task-queue.expression.updated", &queue);
        }
        Ok(queue)
    }

    /// Deletes a queue unless a workflow names the queue or a task waits there.
    pub(crate) fn delete_task_queue(&mut self, sid: &str) -> Result<(), Refusal> {
        self.task_queues.get(sid)?;
        let names_it = |workflow: &&Workflow| workflow.parsed.queues().any(|queue| queue == sid);
        if let Some(workflow) = self.workflows.iter().find(names_it) {
            let name = &workflow.friendly_name;
            return Err(Refusal::invalid(format!(
                "Queue {sid} is in the workflow {name} and cannot be deleted"
            )));
        }
        let waits = |task: &Task| !task.status.is_terminal() && task.queue_sid.as_deref() == Some(sid);
        if self.tasks.iter().any(waits) {
            return Err(Refusal::invalid(format!("Queue {sid} has tasks and cannot be deleted")));
        }
        let queue = self.task_queues.remove(sid)?;
        self.add_task_queue_event("task-queue.deleted", &queue);
        Ok(())
    }
}

fn read_target_workers(text: &str) -> Result<Option<workflow::Expression>, Refusal> {
    let expression = workflow::TaskQueue::read_target_workers(text);
    expression.map_err(|error| Refusal::invalid(format!("TargetWorkers: {error}")))
}

fn check_max_reserved_workers(count: usize) -> Result<(), Refusal> {
    match count {
        1..=50 => Ok(()),
        _ => Err(Refusal::invalid("MaxReservedWorkers is not from 1 to 50")),
    }
}
