//! Changes of reservations.

use time::{Duration, OffsetDateTime};

use super::Workspace;
use super::lifecycle::{check_move, implied_status};
use super::routing_target::declined;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::{
    Reservation, ReservationChange, ReservationStatus, Task, TaskQueue, TaskStatus, check_version,
};

/// "A Task is canceled after 1,000 rejections."
const MAX_REJECTIONS: usize = 1_000;

/// TaskRouter's reason for a task that was completed by its reservations.
const BY_RESERVATIONS: &str = "All reservations were completed";

impl Workspace {
    /// Offers an open task to any worker.
    pub(crate) fn reserve(&mut self, task_sid: &str, worker_sid: &str) -> Result<Reservation, Refusal> {
        self.add_reservation(task_sid, worker_sid, None)
    }

    /// Offers a task to a worker chosen by its workflow.
    pub(super) fn offer(&mut self, task_sid: &str, worker_sid: &str) {
        let workflow = self.tasks.find(task_sid).map(|task| &task.workflow_sid);
        let workflow = workflow.and_then(|sid| self.workflows.find(sid));
        let timeout = workflow.map(|workflow| Duration::seconds(i64::from(workflow.task_reservation_timeout)));
        // The task and the worker exist and the task is open.
        let _ = self.add_reservation(task_sid, worker_sid, timeout.map(|timeout| self.now + timeout));
        let activity = self
            .queue_of(task_sid)
            .and_then(|queue| queue.reservation_activity_sid.clone());
        self.send_into(worker_sid, activity);
    }

    fn queue_of(&self, task_sid: &str) -> Option<&TaskQueue> {
        let queue = self.tasks.find(task_sid)?.queue_sid.as_ref()?;
        self.task_queues.find(queue)
    }

    fn send_into(&mut self, worker_sid: &str, activity: Option<String>) {
        if let Some(activity) = activity {
            // An activity in use can't be deleted, but the worker may be gone.
            let _ = self.set_activity(worker_sid, &activity);
        }
    }

    fn add_reservation(
        &mut self,
        task_sid: &str,
        worker_sid: &str,
        deadline: Option<OffsetDateTime>,
    ) -> Result<Reservation, Refusal> {
        let worker = self.workers.get(worker_sid)?;
        let reservation = Reservation {
            sid: sids::new("WR"),
            task_sid: task_sid.to_owned(),
            worker_sid: worker.sid.clone(),
            worker_name: worker.friendly_name.clone(),
            status: ReservationStatus::Pending,
            version: 0,
            date_created: self.now,
            date_updated: self.now,
            deadline,
        };
        let task = self.tasks.get_mut(task_sid)?;
        if task.status.is_terminal() {
            let status = task.status;
            return Err(Refusal::invalid(format!(
                "Cannot reserve task {task_sid} because it is {status}"
            )));
        }
        task.reservations.push(reservation.clone());
        self.follow_reservations(task_sid, &reservation)?;
        self.ask_for_instruction(&reservation);
        Ok(reservation)
    }

    /// Changes a reservation's status and the task's status with it.
    pub(crate) fn move_reservation(
        &mut self,
        task_sid: &str,
        sid: &str,
        if_match: Option<&str>,
        change: ReservationChange,
    ) -> Result<Reservation, Refusal> {
        let reservation = self.reservation(task_sid, sid)?;
        check_version(if_match, reservation.version)?;
        check_move(reservation, change.status, self.behaviour.accepted_can_be_rejected)?;
        if let Some(activity) = &change.worker_activity_sid {
            self.check_activity(activity)?;
        }
        let reservation = self.set_reservation_status(task_sid, sid, change.status)?;
        let by_rule = self.activity_after(&reservation);
        self.send_into(&reservation.worker_sid, change.worker_activity_sid.or(by_rule));
        match change.status {
            ReservationStatus::Accepted => self.after_acceptance(&reservation)?,
            ReservationStatus::Rejected => self.after_rejection(task_sid)?,
            ReservationStatus::Timeout => self.after_timeout(task_sid)?,
            ReservationStatus::Canceled => self.route_again(task_sid),
            _ => {}
        }
        self.reservation(task_sid, sid).cloned()
    }

    /// The worker's next activity if the request gives none: "a timeout moves the worker to the workspace's timeout
    /// activity". A rejection changes nothing.
    fn activity_after(&self, reservation: &Reservation) -> Option<String> {
        match reservation.status {
            ReservationStatus::Timeout if self.routes() => Some(self.timeout_activity_sid.clone()),
            ReservationStatus::Accepted => self.queue_of(&reservation.task_sid)?.assignment_activity_sid.clone(),
            _ => None,
        }
    }

    /// Rescinds the task's other pending reservations.
    fn after_acceptance(&mut self, accepted: &Reservation) -> Result<(), Refusal> {
        if let Ok(worker) = self.workers.get_mut(&accepted.worker_sid) {
            worker.idle_since = self.now;
        }
        if !self.routes() {
            return Ok(());
        }
        let task = self.tasks.get(&accepted.task_sid)?;
        let others = task
            .reservations
            .iter()
            .filter(|one| one.status == ReservationStatus::Pending);
        let others: Vec<String> = others.map(|one| one.sid.clone()).collect();
        for sid in others {
            self.set_reservation_status(&accepted.task_sid, &sid, ReservationStatus::Rescinded)?;
        }
        Ok(())
    }

    /// Cancels the task if it was addressed to the worker, or after too many rejections. Twilio doesn't document the
    /// second reason.
    fn after_rejection(&mut self, task_sid: &str) -> Result<(), Refusal> {
        let task = self.tasks.get_mut(task_sid)?;
        task.rejections += 1;
        let too_many = task.rejections >= MAX_REJECTIONS;
        match (task.target_worker().map(declined), too_many) {
            (Some(reason), _) => self.cancel(task_sid, &reason),
            (None, true) => self.cancel(task_sid, "Task canceled on too many rejections"),
            (None, false) => self.route_again(task_sid),
        }
        Ok(())
    }

    /// Cancels the task if it was addressed to the worker and the world assumes cancelation. Otherwise routes the task
    /// again.
    fn after_timeout(&mut self, task_sid: &str) -> Result<(), Refusal> {
        let target = self.tasks.get(task_sid)?.target_worker();
        match target.map(declined) {
            Some(reason) if self.behaviour.assumptions.target_timeout_cancels => self.cancel(task_sid, &reason),
            _ => self.route_again(task_sid),
        }
        Ok(())
    }

    /// Routes the task again once no reservation is pending.
    fn route_again(&mut self, task_sid: &str) {
        let waits = |task: &Task| task.status == TaskStatus::Pending;
        if self.routes() && self.tasks.find(task_sid).is_some_and(waits) {
            self.evaluate_again(task_sid);
        }
    }

    fn set_reservation_status(
        &mut self,
        task_sid: &str,
        sid: &str,
        status: ReservationStatus,
    ) -> Result<Reservation, Refusal> {
        let now = self.now;
        let mut reservation = self.reservation(task_sid, sid)?.clone();
        reservation.set_status(status, now);
        let reservations = &mut self.tasks.get_mut(task_sid)?.reservations;
        if let Some(own) = reservations.iter_mut().find(|own| own.sid == sid) {
            *own = reservation.clone();
        }
        self.follow_reservations(task_sid, &reservation)?;
        Ok(reservation)
    }

    /// Gives the task the status implied by its reservations. Adds the events of the reservation and the task.
    fn follow_reservations(&mut self, task_sid: &str, changed: &Reservation) -> Result<(), Refusal> {
        let now = self.now;
        let task = self.tasks.get_mut(task_sid)?;
        let status = implied_status(&task.reservations);
        let moved = status != task.status;
        if moved {
            task.status = status;
            if status == TaskStatus::Completed {
                task.reason = Some(BY_RESERVATIONS.to_owned());
                task.ended = Some(now);
            }
            task.touch(now);
        }
        let event = match status {
            TaskStatus::Wrapping if moved => Some("task.wrapup"),
            TaskStatus::Completed if moved => Some("task.completed"),
            _ => None,
        };
        let told = event.map(|event| (event, task.clone()));
        self.add_reservation_event(changed);
        if let Some((event, task)) = told {
            self.add_task_event(event, &task);
        }
        Ok(())
    }

    /// A worker's reservations with a wanted status, as the SIDs of task and reservation.
    pub(super) fn open_reservations(
        &self,
        worker_sid: &str,
        is_wanted: impl Fn(ReservationStatus) -> bool,
    ) -> Vec<(String, String)> {
        let reservations = self.tasks.iter().flat_map(|task| &task.reservations);
        let wanted = reservations.filter(|one| one.worker_sid == worker_sid && is_wanted(one.status));
        wanted.map(|one| (one.task_sid.clone(), one.sid.clone())).collect()
    }
}
