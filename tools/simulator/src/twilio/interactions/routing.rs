//! The parameter `Routing`: the task of an invite, or the end of a channel's tasks.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::channel::InteractionChannel;
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::TaskRouter;
use crate::twilio::taskrouter::model::NewTask;

/// The member `properties` of an invite's `Routing`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TaskProperties {
    /// The default is the account's workspace. Flex has only this workspace.
    pub(super) workspace_sid: Option<String>,
    workflow_sid: Option<String>,
    task_channel_unique_name: Option<String>,
    task_channel_sid: Option<String>,
    priority: Option<i64>,
    timeout: Option<u32>,
    worker_sid: Option<String>,
    queue_sid: Option<String>,
    routing_target: Option<String>,
    /// The text as sent, so that numbers keep their digits.
    attributes: Option<Box<RawValue>>,
}

#[derive(Deserialize)]
struct Properties {
    properties: Option<TaskProperties>,
}

impl TaskProperties {
    /// Reads a `Routing` parameter. None if it has no properties, as in `{}`.
    pub(crate) fn of(routing: &str) -> Result<Option<Self>, Refusal> {
        let parsed: Result<Properties, _> = serde_json::from_str(routing);
        let parsed = parsed.map_err(|error| Refusal::invalid(format!("Routing: {error}")))?;
        Ok(parsed.properties)
    }

    /// The properties of a chat for a workflow.
    ///
    /// # Errors
    /// If the attributes are not JSON.
    pub(crate) fn chat(workflow_sid: &str, attributes: &str) -> Result<Self, Refusal> {
        let attributes = RawValue::from_string(attributes.to_owned());
        Ok(Self {
            workflow_sid: Some(workflow_sid.to_owned()),
            task_channel_unique_name: Some("chat".to_owned()),
            attributes: Some(attributes.map_err(|error| Refusal::invalid(format!("attributes: {error}")))?),
            ..Self::default()
        })
    }

    pub(super) fn workspace_sid(&self, taskrouter: &TaskRouter) -> String {
        self.workspace_sid
            .clone()
            .unwrap_or_else(|| taskrouter.own_sid().to_owned())
    }

    /// The task of an invite to a channel. "All attributes in the Routing object are added as is", and Flex adds its
    /// own.
    pub(super) fn task(self, channel: &InteractionChannel, invite_sid: &str) -> Result<NewTask, Refusal> {
        let given = self.attributes.as_deref().map_or("{}", RawValue::get);
        let attributes = attributes(given, channel, invite_sid)?;
        let (routing_target, task_queue_sid) = match (self.routing_target, self.worker_sid, self.queue_sid) {
            (Some(target), _, queue) | (None, Some(target), queue) => (Some(target), queue),
            (None, None, queue) => (queue, None),
        };
        Ok(NewTask {
            attributes: Some(attributes),
            workflow_sid: self.workflow_sid,
            task_channel: self.task_channel_unique_name.or(self.task_channel_sid),
            priority: self.priority,
            timeout: self.timeout,
            routing_target,
            task_queue_sid,
            ..NewTask::default()
        })
    }
}

fn attributes(given: &str, channel: &InteractionChannel, invite_sid: &str) -> Result<String, Refusal> {
    let mut attributes: BTreeMap<String, Box<RawValue>> = serde_json::from_str(given)
        .map_err(|error| Refusal::invalid(format!("Routing: attributes is not an object: {error}")))?;
    let raw = |value: Value| RawValue::from_string(value.to_string()).expect("a value's text is JSON");
    for (name, value) in [
        ("conversationSid", &channel.conversation_sid),
        ("flexChannelInviteSid", &invite_sid.to_owned()),
        ("flexInteractionChannelSid", &channel.sid),
        ("flexInteractionSid", &channel.interaction_sid),
    ] {
        attributes.insert(name.to_owned(), raw(json!(value)));
    }
    for (name, value) in [
        ("channelType", json!(channel.channel_type)),
        ("conversations", json!({ "conversation_id": channel.interaction_sid })),
    ] {
        attributes.entry(name.to_owned()).or_insert_with(|| raw(value));
    }
    Ok(serde_json::to_string(&attributes).expect("names and JSON texts are an object"))
}
