//! Changes of task channels.

use super::Workspace;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids;
use crate::twilio::taskrouter::model::{STANDARD, TaskChannel, TaskChannelChange};

impl Workspace {
    /// Creates a task channel. Every worker gets a channel for it.
    pub(crate) fn create_task_channel(
        &mut self,
        unique_name: &str,
        friendly_name: &str,
        channel_optimized_routing: bool,
    ) -> Result<TaskChannel, Refusal> {
        self.task_channels.check_name("TaskChannel", unique_name, None)?;
        let channel = TaskChannel {
            sid: sids::new("TC"),
            unique_name: unique_name.to_owned(),
            friendly_name: friendly_name.to_owned(),
            channel_optimized_routing,
            date_created: self.now,
            date_updated: self.now,
        };
        self.add_task_channel(channel.clone());
        Ok(channel)
    }

    pub(super) fn add_task_channel(&mut self, channel: TaskChannel) {
        for worker in self.workers.iter_mut() {
            worker.add_channel(&channel, self.now);
        }
        self.task_channels.add(channel.clone());
        self.add_task_channel_event("task-channel.created", &channel);
    }

    pub(crate) fn update_task_channel(&mut self, sid: &str, change: TaskChannelChange) -> Result<TaskChannel, Refusal> {
        let channel = self.task_channels.get_mut(sid)?;
        if let Some(friendly_name) = change.friendly_name {
            channel.friendly_name = friendly_name;
        }
        if let Some(optimized) = change.channel_optimized_routing {
            channel.channel_optimized_routing = optimized;
        }
        channel.date_updated = self.now;
        let channel = channel.clone();
        self.add_task_channel_event("task-channel.updated", &channel);
        Ok(channel)
    }

    /// Deletes a task channel unless it is standard or has tasks.
    pub(crate) fn delete_task_channel(&mut self, sid: &str) -> Result<(), Refusal> {
        let channel = self.task_channels.get(sid)?.clone();
        let name = &channel.unique_name;
        if STANDARD.iter().any(|(standard, _)| standard == name) {
            return Err(Refusal::invalid(format!(
                "TaskChannel {name} is a default one and cannot be deleted"
            )));
        }
        if self.tasks.iter().any(|task| task.channel_sid == sid) {
            return Err(Refusal::invalid(format!(
                "TaskChannel {name} has tasks and cannot be deleted"
            )));
        }
        self.task_channels.remove(sid)?;
        for worker in self.workers.iter_mut() {
            worker.channels.retain(|own| own.task_channel_sid != sid);
        }
        self.add_task_channel_event("task-channel.deleted", &channel);
        Ok(())
    }

    /// The task channel with this SID or unique name.
    pub(super) fn task_channel(&self, name: &str) -> Result<&TaskChannel, Refusal> {
        let mut channels = self.task_channels.iter();
        let channel = channels.find(|channel| channel.sid == name || channel.unique_name == name);
        channel.ok_or_else(|| Refusal::invalid(format!("TaskChannel {name} does not exist")))
    }
}
