//! The parts that all three conversations share: a customer's arrival, messages and the human agent's work.

use std::collections::BTreeMap;

use serde_json::Value;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{NewMessage, ReservationStatus, TaskStatus};
use simulator::world::REPLY;

use super::Play;
use super::case::Case;
use super::invoking::values;
use super::script::{Part, SIX};
use super::speaker::Speaker;
use super::stopped::{Stopped, broken};
use super::tables;
use crate::members::Members;

/// The author that `reply` gives to the AI's messages.
const AI_AUTHOR: &str = "AI Support Agent";

impl Play {
    /// Lets a customer write. The attributes of the task then reach the AI.
    pub(super) async fn arrive(&mut self, part: &Part) -> Result<Case, Stopped> {
        let dialogue = &part.dialogue;
        self.stage.heading(dialogue.title)?;
        let twilio = self.world.twilio.clone();
        let conversation_sid = twilio.create_conversation().sid;
        twilio.add_chat_participant(&conversation_sid, dialogue.customer.name())?;
        self.write(&conversation_sid, dialogue.customer, dialogue.question)?;
        self.narrate("Flex makes a task of it. Its workflow leads to the AI's worker first:")?;
        self.world.session_api.create_session(&part.session_id);
        let interaction = twilio.create_interaction(&part.attributes.text(), Some(&conversation_sid))?;
        let task_sid = interaction.task_sid().unwrap_or_default().to_owned();
        let case = Case {
            customer: dialogue.customer,
            session_id: part.session_id.clone(),
            interaction_sid: interaction.sid,
            conversation_sid,
            reservation_sid: self.offer(&task_sid, AI_WORKER_SID)?.sid,
            attributes: self.attributes(&task_sid)?,
            new_task_sid: None,
            task_sid,
        };
        self.show_route(&case.task_sid)?;
        self.narrate("TaskRouter sends its events to task-events:")?;
        self.settle().await?;
        let copied = self.custom_data(&case);
        self.table(&tables::changes(&BTreeMap::new(), &copied))?;
        self.check_custom_data(&case)?;
        Ok(case)
    }

    /// Writes a message of a person.
    pub(super) fn write(&mut self, conversation_sid: &str, speaker: Speaker, text: &str) -> Result<(), Stopped> {
        let message = NewMessage {
            author: Some(speaker.name().to_owned()),
            body: text.to_owned(),
            attributes: None,
        };
        self.world.twilio.post_message(conversation_sid, message)?;
        Ok(self.stage.say(speaker, text)?)
    }

    /// Lets the function `reply` post a message of the AI.
    pub(super) async fn reply(&mut self, case: &Case, text: &str) -> Result<(), Stopped> {
        self.narrate("The AI platform invokes reply:")?;
        let answer = self.succeed(REPLY, &reply_request(case, "1", text)).await?;
        self.check("reply posts the AI's message", "posted", values(&answer, ["message"]))?;
        let conversation = self.world.twilio.conversation(&case.conversation_sid);
        let message = conversation.and_then(|conversation| conversation.messages.into_iter().next_back());
        let message = message.ok_or_else(|| broken("the conversation has a message", text, "none"))?;
        self.check("its author is the AI", AI_AUTHOR, message.author)?;
        Ok(self.stage.say(Speaker::Ai, &message.body)?)
    }

    /// Lets the AI accept its reservation, which makes the AI a participant of the interaction.
    pub(super) async fn accept_as_ai(&mut self, case: &Case) -> Result<(), Stopped> {
        self.narrate("The AI accepts its reservation:")?;
        let twilio = &self.world.twilio;
        twilio.move_reservation(&case.reservation_sid, ReservationStatus::Accepted)?;
        self.settle().await
    }

    /// Lets the human agent accept, talk, wrap up and complete the task.
    pub(super) async fn human_agent(&mut self, case: &Case, greeting: &str) -> Result<(), Stopped> {
        let task_sid = case.present_task_sid();
        let reservation = self.offer(task_sid, REP_WORKER_SID)?;
        self.show_route(task_sid)?;
        let attributes = self.attributes(task_sid)?;
        self.stage.effect(&format!(
            "TaskRouter offers the task to {}, who sees why: {}",
            reservation.worker_name,
            reasons(&attributes)
        ))?;
        self.table(&tables::members(&attributes.only(&SIX)))?;
        self.show_notes(case)?;
        self.world.twilio.accept_in_flex(&reservation.sid)?;
        self.narrate("Sam accepts:")?;
        self.settle().await?;
        self.write(&case.conversation_sid, Speaker::Sam, greeting)?;

        self.narrate("Sam ends the chat, and still has to write something down:")?;
        let twilio = self.world.twilio.clone();
        twilio.move_reservation(&reservation.sid, ReservationStatus::Wrapping)?;
        self.settle().await?;
        let step = "auto-close leaves the task to the human agent";
        self.check(step, TaskStatus::Wrapping, self.task(task_sid)?.status)?;
        self.narrate("Sam completes the task:")?;
        twilio.leave_interaction(&reservation.sid)?;
        self.settle().await?;
        let step = "the human agent has completed the task";
        self.check(step, TaskStatus::Completed, self.task(task_sid)?.status)?;
        self.check_custom_data(case)
    }

    /// Shows how the task was routed with names in place of SIDs, but only with `--wires`.
    fn show_route(&mut self, task_sid: &str) -> Result<(), Stopped> {
        let mut text = self
            .task(task_sid)?
            .last_route
            .map(|route| route.to_string())
            .unwrap_or_default();
        let twilio = &self.world.twilio;
        let queues = twilio.queues().into_iter().map(|queue| queue.sid);
        let workers = twilio.workers().into_iter().map(|worker| worker.sid);
        for sid in queues.chain(workers) {
            text = text.replace(&format!(" ({sid})"), "");
        }
        if self.shows_wires {
            self.stage.outline(&tables::without_failure_signs(&text))?;
        }
        Ok(())
    }

    /// Shows the handoff's note in the conversation, but only with `--wires`.
    fn show_notes(&mut self, case: &Case) -> Result<(), Stopped> {
        let conversation = self.world.twilio.conversation(&case.conversation_sid);
        if let (true, Some(conversation)) = (self.shows_wires, conversation) {
            for note in tables::notes(&conversation) {
                self.stage.say(Speaker::Note, &note.body)?;
            }
        }
        Ok(())
    }
}

/// A request to post a message of the AI.
pub(super) fn reply_request(case: &Case, number: &str, text: &str) -> Members {
    let mut request = Members::default();
    let message_id = format!("{}-{number}", case.customer.name());
    for (name, value) in [("taskSid", &*case.task_sid), ("messageId", &message_id), ("text", text)] {
        request.set(name, Value::from(value).to_string());
    }
    request
}

/// The reason on a handed-off task with sentiment and language.
fn reasons(attributes: &Members) -> String {
    let text = |name: &str| {
        let value = attributes
            .get(name)
            .and_then(|value| serde_json::from_str::<String>(value).ok());
        value.unwrap_or_default()
    };
    format!(
        "\u{201c}{}\u{201d} ({}, {})",
        text("handoffReason"),
        text("handoffSentiment"),
        text("handoffLanguage")
    )
}
