//! What can be done to reservations.

use super::lifecycle::{check_move, event_type, implied_status};
use super::reservation::{Reservation, ReservationChange, ReservationStatus};
use super::task::TaskStatus;
use super::version::check_version;
use super::workspace::Workspace;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;

impl Workspace {
    /// Offers a task that has not ended to a worker, whoever would be next by the workflow.
    pub(crate) fn reserve(&mut self, task_sid: &str, worker_sid: &str) -> Result<Reservation, Refusal> {
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
            deadline: None,
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
        Ok(reservation)
    }

    /// Moves a reservation to another status, and its task along with it.
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
        if let Some(activity) = &change.worker_activity_sid {
            self.set_activity(&reservation.worker_sid, activity)?;
        }
        Ok(reservation)
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

    /// Gives the task the status that its reservations imply, and tells of the one that has changed and of the task.
    fn follow_reservations(&mut self, task_sid: &str, changed: &Reservation) -> Result<(), Refusal> {
        let now = self.now;
        let task = self.tasks.get_mut(task_sid)?;
        let status = implied_status(&task.reservations);
        let moved = status != task.status;
        if moved {
            task.status = status;
            task.ended = status.is_terminal().then_some(now);
            task.touch(now);
        }
        let task = task.clone();
        self.tell_of_reservation(event_type(changed.status), &task, changed);
        match status {
            TaskStatus::Wrapping if moved => self.tell_of_task("task.wrapup", &task),
            TaskStatus::Completed if moved => self.tell_of_task("task.completed", &task),
            _ => {}
        }
        Ok(())
    }

    /// A worker's reservations with a status of this kind: the SIDs of each one's task and of itself.
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
