//! Changes of workers and their channels.

use super::Workspace;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::{
    NewWorker, ReservationStatus, Worker, WorkerChange, WorkerChannel, WorkerChannelChange, check_object, check_version,
};

impl Workspace {
    pub(crate) fn create_worker(&mut self, new: NewWorker) -> Result<Worker, Refusal> {
        self.add_worker(sids::new("WK"), new)
    }

    pub(super) fn add_worker(&mut self, sid: String, new: NewWorker) -> Result<Worker, Refusal> {
        self.workers.check_name("Worker", &new.friendly_name, None)?;
        let attributes = new.attributes.unwrap_or_else(|| "{}".to_owned());
        check_object("Attributes", &attributes)?;
        let activity_sid = new.activity_sid.unwrap_or_else(|| self.default_activity_sid.clone());
        self.check_activity(&activity_sid)?;
        let mut worker = Worker {
            sid,
            friendly_name: new.friendly_name,
            attributes,
            activity_sid,
            channels: Vec::new(),
            version: 0,
            date_created: self.now,
            date_updated: self.now,
            date_status_changed: self.now,
            idle_since: self.now,
        };
        for channel in self.task_channels.iter() {
            worker.add_channel(channel, self.now);
        }
        self.workers.add(worker.clone());
        self.add_worker_event("worker.created", &worker);
        Ok(worker)
    }

    /// Changes a worker if `if_match` is absent or the worker's ETag.
    pub(crate) fn update_worker(
        &mut self,
        sid: &str,
        if_match: Option<&str>,
        change: WorkerChange,
    ) -> Result<Worker, Refusal> {
        check_version(if_match, self.workers.get(sid)?.version)?;
        self.check_worker_change(sid, &change)?;
        let worker = self.workers.get_mut(sid)?;
        let renamed = change.friendly_name.filter(|name| *name != worker.friendly_name);
        let attributes = change.attributes.filter(|attributes| *attributes != worker.attributes);
        if renamed.is_some() || attributes.is_some() {
            worker.friendly_name = renamed.unwrap_or_else(|| worker.friendly_name.clone());
            worker.attributes = attributes.unwrap_or_else(|| worker.attributes.clone());
            worker.touch(self.now);
            let worker = worker.clone();
            self.add_worker_event("worker.attributes.update", &worker);
        }
        if let Some(activity_sid) = change.activity_sid {
            self.set_activity(sid, &activity_sid)?;
        }
        if change.reject_pending_reservations {
            self.reject_all_pending(sid)?;
        }
        self.workers.get(sid).cloned()
    }

    fn check_worker_change(&self, sid: &str, change: &WorkerChange) -> Result<(), Refusal> {
        if let Some(name) = &change.friendly_name {
            self.workers.check_name("Worker", name, Some(sid))?;
        }
        if let Some(attributes) = &change.attributes {
            check_object("Attributes", attributes)?;
        }
        if let Some(activity) = &change.activity_sid {
            self.check_activity(activity)?;
        }
        let activity = change.activity_sid.as_ref().and_then(|sid| self.activities.find(sid));
        if change.reject_pending_reservations && activity.is_none_or(|activity| activity.available) {
            return Err(Refusal::invalid(
                "RejectPendingReservations needs an ActivitySid of an activity that is not available",
            ));
        }
        Ok(())
    }

    /// Moves a worker into an activity. There is no event without a change.
    pub(super) fn set_activity(&mut self, sid: &str, activity_sid: &str) -> Result<(), Refusal> {
        let worker = self.workers.get_mut(sid)?;
        if worker.activity_sid == activity_sid {
            return Ok(());
        }
        let before = (
            std::mem::replace(&mut worker.activity_sid, activity_sid.to_owned()),
            worker.date_status_changed,
        );
        worker.date_status_changed = self.now;
        worker.touch(self.now);
        let worker = worker.clone();
        self.add_activity_update_event(&worker, before);
        Ok(())
    }

    fn reject_all_pending(&mut self, worker_sid: &str) -> Result<(), Refusal> {
        for (task_sid, sid) in self.open_reservations(worker_sid, |status| status == ReservationStatus::Pending) {
            self.move_reservation(&task_sid, &sid, None, ReservationStatus::Rejected.into())?;
        }
        Ok(())
    }

    /// Deletes a worker without open reservations.
    pub(crate) fn delete_worker(&mut self, sid: &str, if_match: Option<&str>) -> Result<(), Refusal> {
        check_version(if_match, self.workers.get(sid)?.version)?;
        if !self.open_reservations(sid, ReservationStatus::is_open).is_empty() {
            return Err(Refusal::invalid(format!(
                "Worker {sid} has open reservations and cannot be deleted"
            )));
        }
        let worker = self.workers.remove(sid)?;
        self.add_worker_event("worker.deleted", &worker);
        Ok(())
    }

    /// Changes a worker's channel. `name` is the channel's SID, or the task channel's SID or unique name.
    pub(crate) fn update_worker_channel(
        &mut self,
        worker_sid: &str,
        name: &str,
        change: WorkerChannelChange,
    ) -> Result<WorkerChannel, Refusal> {
        let now = self.now;
        let path = format!("{}/Workers/{worker_sid}/Channels/{name}", self.path());
        let worker = self.workers.get_mut(worker_sid)?;
        let mut channels = worker.channels.iter_mut();
        let channel = channels.find(|channel| channel.answers_to(name));
        let channel = channel.ok_or_else(|| Refusal::not_found(&path))?;
        let previous = channel.capacity;
        let capacity = change.capacity.filter(|capacity| *capacity != channel.capacity);
        let available = change.available.filter(|available| *available != channel.available);
        channel.capacity = capacity.unwrap_or(channel.capacity);
        channel.available = available.unwrap_or(channel.available);
        channel.date_updated = now;
        let channel = channel.clone();
        if capacity.is_some() || available.is_some() {
            worker.touch(now);
        }
        let worker = worker.clone();
        if capacity.is_some() {
            self.add_worker_channel_event("worker.capacity.update", &worker, &channel, previous);
        }
        if available.is_some() {
            self.add_worker_channel_event("worker.channel.availability.update", &worker, &channel, previous);
        }
        Ok(channel)
    }

    pub(super) fn check_activity(&self, sid: &str) -> Result<(), Refusal> {
        match self.activities.find(sid) {
            Some(_) => Ok(()),
            None => Err(Refusal::invalid(format!("Activity {sid} does not exist"))),
        }
    }
}
