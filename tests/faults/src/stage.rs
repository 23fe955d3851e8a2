//! The stage of a handoff: the AI was offered the task or has accepted it.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use simulator::twilio::Task;
use simulator::upstreams::Upstreams;

use crate::functions::Ended;
use crate::network::{Afterwards, Network};
use crate::scene::{self, Scene, World};
use crate::watch::Watch;
use crate::{ai_platform, verdict};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    /// The AI is offered the task.
    Offered,
    /// The AI has accepted the task. The task belongs to an interaction.
    Accepted(World),
}

impl Stage {
    pub(crate) fn set(self) -> (Upstreams, Scene) {
        match self {
            Self::Offered => scene::set(),
            Self::Accepted(world) => scene::set_in_interaction(world),
        }
    }

    /// The AI platform's pause between two tries.
    pub(crate) fn pause(self) -> Duration {
        match self {
            Self::Offered => ai_platform::PAUSE,
            Self::Accepted(_) => ai_platform::LONG_PAUSE,
        }
    }

    /// Whether a handoff makes a new task. For that, the AI must be in the interaction.
    fn makes_new_task(self) -> bool {
        matches!(self, Self::Accepted(world) if world.assumptions.rest_acceptance_brings_participant)
    }

    /// Whether there can be no handoff, since the AI has no participant and the reservation can't be rejected.
    pub(crate) fn is_refused(self) -> bool {
        matches!(self, Self::Accepted(world) if !self.makes_new_task() && !world.accepted_can_be_rejected)
    }

    /// Checks the conditions of a handoff after each applied request. A human agent then takes the task.
    pub(crate) fn afterwards(self, scene: &Scene, watch: &Arc<Watch>) -> Box<Afterwards> {
        let (scene, watch) = (scene.clone(), watch.clone());
        Box::new(move |upstreams, call| {
            // Flex may apply an earlier request during a read.
            match self.makes_new_task() {
                true => watch.look_at_transfer(upstreams),
                false if call.method == Method::GET => return,
                false => watch.look(&upstreams.twilio),
            }
            self.route(upstreams, &scene);
        })
    }

    /// Lets a human agent take a task that the AI has handed off.
    pub(crate) fn route(self, upstreams: &Upstreams, scene: &Scene) {
        match self.makes_new_task() {
            true => scene::route_new_tasks(&upstreams.twilio, scene),
            false => scene::route_to_a_person(&upstreams.twilio, &scene.task_sid),
        }
    }

    /// The violations after a handoff by the end of each try and the number of another writer's changes. TaskRouter
    /// deletes a task five minutes after its end, so `task` is the task's state before the deletion.
    pub(crate) fn verdict(
        self,
        network: &Network,
        scene: &Scene,
        task: &Task,
        request: &Value,
        ends: &[Ended],
        changes: u32,
    ) -> Vec<String> {
        match self.makes_new_task() {
            true => verdict::of_transfer(network, scene, task, request, ends, changes),
            false => verdict::of_handoff(network, scene, request, ends, changes),
        }
    }
}
