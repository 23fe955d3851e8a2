//! The scene in an interaction of Flex. The AI has accepted the task and is in the conversation.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use simulator::clock::Clock;
use simulator::options::Options;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{Assumptions, InteractionParticipant, ReservationStatus, Task, TaskStatus, Twilio};
use simulator::upstreams::Upstreams;

use super::{SESSION_ID, Scene, attributes, conversation};
use crate::virtual_time;

/// Twilio's behaviour where its documentation leaves it open.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct World {
    pub(crate) accepted_can_be_rejected: bool,
    pub(crate) assumptions: Assumptions,
}

/// Sets the scene. The AI accepts the task through the REST API.
pub(crate) fn set_in_interaction(world: World) -> (Upstreams, Scene) {
    let options = Options {
        accepted_can_be_rejected: world.accepted_can_be_rejected,
        assumptions: world.assumptions,
        ..Options::default()
    };
    let upstreams = Upstreams::new(Clock::by(virtual_time::now), &options);
    let twilio = &upstreams.twilio;
    let conversation_sid = conversation(twilio);
    upstreams.session_api.create_session(SESSION_ID);
    let interaction = twilio
        .create_interaction("{}", Some(&conversation_sid))
        .expect("the conversation is there");
    let task_sid = interaction.task_sid().expect("it was created with a task").to_owned();
    let own = attributes(&conversation_sid);
    let attributes = format!(
        r#"{},"flexInteractionSid":"{}", "flexInteractionChannelSid":"{}"}}"#,
        own.strip_suffix('}').expect("the text of an object"),
        interaction.sid,
        interaction.channel.sid
    );
    let written = twilio.set_attributes(&task_sid, &attributes);
    written.expect("the attributes are a short object");
    let reservation = twilio.reserve(&task_sid, AI_WORKER_SID).expect("the task is pending");
    let accepted = match world.assumptions.rest_acceptance_brings_participant {
        // Flex applies this at once, even if it applies other requests later than it answers them.
        true => twilio.accept_in_flex(&reservation.sid),
        false => twilio.move_reservation(&reservation.sid, ReservationStatus::Accepted),
    };
    accepted.expect("the reservation is pending");
    let scene = Scene {
        task_sid,
        reservation_sid: reservation.sid,
        conversation_sid,
        held: ReservationStatus::Accepted,
        attributes,
    };
    (upstreams, scene)
}

impl Scene {
    /// The tasks that handoffs made.
    pub(crate) fn new_tasks(&self, twilio: &Twilio) -> Vec<Task> {
        let mut tasks = twilio.tasks();
        tasks.retain(|task| task.sid != self.task_sid);
        tasks
    }

    /// Whether the AI is in the conversation.
    pub(crate) fn has_ai(&self, twilio: &Twilio) -> bool {
        let is_ai = |participant: &InteractionParticipant| {
            let routing = participant.routing.as_ref();
            routing.is_some_and(|routing| routing.reservation_sid == self.reservation_sid)
                && participant.conversation_participant_sid.is_some()
        };
        let interaction = twilio.interactions().pop().expect("the scene is in an interaction");
        interaction.channel.participants.iter().any(is_ai)
    }

    /// Whether a new task names its origin and has all attributes of the task that was handed off, digit by digit.
    pub(crate) fn is_copy(&self, new: &str, handed_off: &str) -> bool {
        let members = |text: &str| -> BTreeMap<String, String> {
            let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).expect("an object");
            let texts = members.into_iter().map(|(name, value)| (name, value.get().to_owned()));
            texts.collect()
        };
        let mut expected = members(handed_off);
        let Self {
            task_sid,
            reservation_sid,
            ..
        } = self;
        let origin = format!(r#"{{"taskSid":"{task_sid}","reservationSid":"{reservation_sid}"}}"#);
        expected.insert("handoffOf".to_owned(), origin);
        let new = members(new);
        // Flex adds some attributes of its own.
        expected.iter().all(|(name, text)| new.get(name) == Some(text))
    }
}

/// Gives each new task to a human agent who accepts the task in Flex.
pub(crate) fn route_new_tasks(twilio: &Twilio, scene: &Scene) {
    for task in scene.new_tasks(twilio) {
        if task.status == TaskStatus::Pending && task.reservations.is_empty() {
            let reservation = twilio.reserve(&task.sid, REP_WORKER_SID).expect("the task is pending");
            let accepted = twilio.accept_in_flex(&reservation.sid);
            accepted.expect("the reservation is pending");
        }
    }
}

/// Whether `resolve` has marked the session.
pub(crate) fn is_resolved(upstreams: &Upstreams) -> bool {
    let session = upstreams.session_api.custom_data(SESSION_ID);
    let session = session.expect("nobody deletes the session");
    session.get("flex_resolved").is_some()
}
