//! Assignment callbacks of new reservations.

use super::Workspace;
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::model::{Assignment, Reservation};

impl Workspace {
    /// Asks the workflow's assignment callback, if any, for an instruction about a new reservation.
    pub(super) fn ask_for_instruction(&mut self, reservation: &Reservation) {
        self.assignments.extend(self.assignment(reservation));
    }

    fn assignment(&self, reservation: &Reservation) -> Option<Assignment> {
        let task = self.tasks.find(&reservation.task_sid)?;
        let workflow = self.workflows.find(&task.workflow_sid)?;
        let own = workflow
            .assignment_callback_url
            .as_ref()
            .filter(|url| !url.is_empty())?;
        let fallback = workflow.fallback_assignment_callback_url.as_ref();
        let worker = self.workers.find(&reservation.worker_sid)?;
        let fields = [
            ("AccountSid", ACCOUNT_SID.to_owned()),
            ("ReservationSid", reservation.sid.clone()),
            ("TaskAge", task.age(self.now).whole_seconds().to_string()),
            ("TaskAttributes", task.attributes.clone()),
            ("TaskPriority", task.priority.to_string()),
            ("TaskQueueSid", task.queue_sid.clone().unwrap_or_default()),
            ("TaskSid", task.sid.clone()),
            ("Timestamp", self.now.unix_timestamp().to_string()),
            ("WorkerAttributes", worker.attributes.clone()),
            ("WorkerSid", worker.sid.clone()),
            ("WorkflowSid", workflow.sid.clone()),
            ("WorkspaceSid", self.sid.clone()),
        ];
        Some(Assignment {
            workspace_sid: self.sid.clone(),
            task_sid: task.sid.clone(),
            reservation_sid: reservation.sid.clone(),
            urls: [own]
                .into_iter()
                .chain(fallback.filter(|url| !url.is_empty()))
                .cloned()
                .collect(),
            fields: fields.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        })
    }
}
