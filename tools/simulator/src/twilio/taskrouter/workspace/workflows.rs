//! Changes of workflows.

use std::sync::Arc;

use super::Workspace;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::{NewWorkflow, Task, TaskStatus, Workflow, WorkflowChange};

/// The default timeout of reservations in seconds.
const DEFAULT_RESERVATION_TIMEOUT: u32 = 120;
const MAX_RESERVATION_TIMEOUT: u32 = 86_400;

impl Workspace {
    pub(crate) fn create_workflow(&mut self, new: NewWorkflow) -> Result<Workflow, Refusal> {
        self.add_workflow(sids::new("WW"), new)
    }

    pub(super) fn add_workflow(&mut self, sid: String, new: NewWorkflow) -> Result<Workflow, Refusal> {
        self.workflows.check_name("Workflow", &new.friendly_name, None)?;
        let parsed = self.read_configuration(&new.configuration)?;
        let timeout = new.task_reservation_timeout.unwrap_or(DEFAULT_RESERVATION_TIMEOUT);
        check_reservation_timeout(timeout)?;
        let workflow = Workflow {
            sid,
            friendly_name: new.friendly_name,
            configuration: new.configuration,
            task_reservation_timeout: timeout,
            assignment_callback_url: new.assignment_callback_url,
            fallback_assignment_callback_url: new.fallback_assignment_callback_url,
            date_created: self.now,
            date_updated: self.now,
            parsed: Arc::new(parsed),
        };
        self.workflows.add(workflow.clone());
        self.add_workflow_event("workflow.created", &workflow);
        Ok(workflow)
    }

    pub(crate) fn update_workflow(&mut self, sid: &str, change: WorkflowChange) -> Result<Workflow, Refusal> {
        let mut workflow = self.workflows.get(sid)?.clone();
        if let Some(name) = change.friendly_name {
            self.workflows.check_name("Workflow", &name, Some(sid))?;
            workflow.friendly_name = name;
        }
        if let Some(configuration) = change.configuration {
            workflow.parsed = Arc::new(self.read_configuration(&configuration)?);
            workflow.configuration = configuration;
        }
        if let Some(timeout) = change.task_reservation_timeout {
            check_reservation_timeout(timeout)?;
            workflow.task_reservation_timeout = timeout;
        }
        workflow.assignment_callback_url = change.assignment_callback_url.or(workflow.assignment_callback_url);
        workflow.fallback_assignment_callback_url = change
            .fallback_assignment_callback_url
            .or(workflow.fallback_assignment_callback_url);
        workflow.date_updated = self.now;
        *self.workflows.get_mut(sid)? = workflow.clone();
        self.add_workflow_event("workflow.updated", &workflow);
        if change.re_evaluate_tasks && self.routes() {
            self.enter_again(sid);
        }
        Ok(workflow)
    }

    /// "The default is `false`, which means Tasks in the Workflow will not be processed through the assignment loop
    /// again." With `true`, waiting tasks are evaluated with their present attributes. Twilio mentions no evaluation
    /// after a later change of attributes.
    fn enter_again(&mut self, sid: &str) {
        let waits = |task: &&Task| task.workflow_sid == sid && task.status == TaskStatus::Pending;
        let waiting: Vec<String> = self.tasks.iter().filter(waits).map(|task| task.sid.clone()).collect();
        for task in waiting {
            self.enter(&task);
        }
    }

    /// Deletes a workflow without open tasks.
    pub(crate) fn delete_workflow(&mut self, sid: &str) -> Result<(), Refusal> {
        self.workflows.get(sid)?;
        let is_in = |task: &Task| !task.status.is_terminal() && task.workflow_sid == sid;
        if self.tasks.iter().any(is_in) {
            return Err(Refusal::invalid(format!(
                "Workflow {sid} has tasks and cannot be deleted"
            )));
        }
        let workflow = self.workflows.remove(sid)?;
        self.add_workflow_event("workflow.deleted", &workflow);
        Ok(())
    }

    fn read_configuration(&self, configuration: &str) -> Result<workflow::Workflow, Refusal> {
        let parsed: workflow::Workflow = configuration
            .parse()
            .map_err(|error| Refusal::invalid(format!("Configuration: {error}")))?;
        let unknown = parsed.queues().find(|queue| self.task_queues.find(queue).is_none());
        if let Some(queue) = unknown {
            return Err(Refusal::invalid(format!(
                "Configuration: TaskQueue {queue} does not exist"
            )));
        }
        Ok(parsed)
    }
}

/// Twilio's maximum is 86,400. A reservation of 0 seconds would be repeated for ever.
fn check_reservation_timeout(seconds: u32) -> Result<(), Refusal> {
    match seconds {
        1..=MAX_RESERVATION_TIMEOUT => Ok(()),
        _ => Err(Refusal::invalid("TaskReservationTimeout is not from 1 to 86400")),
    }
}
