//! Changes of activities.

use super::Workspace;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::Activity;

impl Workspace {
    pub(crate) fn create_activity(&mut self, friendly_name: &str, available: bool) -> Result<Activity, Refusal> {
        self.add_activity(sids::new("WA"), friendly_name, available)
    }

    pub(super) fn add_activity(
        &mut self,
        sid: String,
        friendly_name: &str,
        available: bool,
    ) -> Result<Activity, Refusal> {
        self.activities.check_name("Activity", friendly_name, None)?;
        let activity = Activity {
            sid,
            friendly_name: friendly_name.to_owned(),
            available,
            date_created: self.now,
            date_updated: self.now,
        };
        self.activities.add(activity.clone());
        self.add_activity_event("activity.created", &activity);
        Ok(activity)
    }

    pub(crate) fn rename_activity(&mut self, sid: &str, friendly_name: &str) -> Result<Activity, Refusal> {
        self.activities.get(sid)?;
        self.activities.check_name("Activity", friendly_name, Some(sid))?;
        let activity = self.activities.get_mut(sid)?;
        activity.friendly_name = friendly_name.to_owned();
        activity.date_updated = self.now;
        let activity = activity.clone();
        self.add_activity_event("activity.updated", &activity);
        Ok(activity)
    }

    /// Deletes an activity unless the workspace, a queue or a worker needs it.
    pub(crate) fn delete_activity(&mut self, sid: &str) -> Result<(), Refusal> {
        let activity = self.activities.get(sid)?.clone();
        let of_workspace = [&self.default_activity_sid, &self.timeout_activity_sid];
        let of_queue = self.task_queues.iter().any(|queue| {
            let activities = [&queue.reservation_activity_sid, &queue.assignment_activity_sid];
            activities.contains(&&Some(sid.to_owned()))
        });
        let of_worker = self.workers.iter().any(|worker| worker.activity_sid == sid);
        if of_workspace.iter().any(|own| *own == sid) || of_queue || of_worker {
            let name = &activity.friendly_name;
            return Err(Refusal::invalid(format!(
                "Activity {name} ({sid}) is in use and cannot be deleted"
            )));
        }
        self.activities.remove(sid)?;
        self.add_activity_event("activity.deleted", &activity);
        Ok(())
    }
}
