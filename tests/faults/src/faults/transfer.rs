//! A handoff of an accepted reservation in an interaction, with the AI platform as its caller.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::handoff::{self, Request};
use super::{Case, Ran, by_plan};
use crate::functions::handoff::Deferral;
use crate::network::{Manners, Network, Start};
use crate::scene::World;
use crate::stage::Stage;
use crate::watch::Watch;
use crate::{ai_platform, other_writer, queue, verdict};

/// The most requests to Twilio by a handoff that meets one fault.
const MAX_REQUESTS: usize = 18;

/// The time of a handoff without a fault: six round trips. A pending reservation takes two fewer.
const TIME: Duration = Duration::from_millis(6 * 20);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Transfer {
    pub(crate) request: Request,
    pub(crate) start: Start,
    pub(crate) deferral: Deferral,
    pub(crate) world: World,
}

impl Default for Transfer {
    fn default() -> Self {
        Self {
            request: Request::Whole,
            start: Start::Warm,
            deferral: Deferral::Off,
            world: World::default(),
        }
    }
}

/// Requests a handoff with retries while these faults happen.
pub(crate) async fn run(transfer: Transfer, plan: Case) -> Ran {
    let Transfer {
        request,
        start,
        deferral,
        world,
    } = transfer;
    let stage = Stage::Accepted(world);
    let (upstreams, scene) = stage.set();
    // Twilio's dates are whole seconds. The handoff must be in a later second than the reservation's creation.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let request = handoff::request(&scene, request, &upstreams.twilio);
    let watch = Arc::new(Watch::new(&scene));
    let only = plan.first().map(|(_, fault)| *fault);
    let faults = plan.len();
    let afterwards = stage.afterwards(&scene, &watch);
    let network = Network::starting(start, upstreams, Manners::Strict, by_plan(plan), afterwards);
    let started = Instant::now();
    let ends = ai_platform::ask(&network, deferral, stage.pause(), &request).await;
    let took = started.elapsed();
    // Wait for the requests that are still under way.
    tokio::time::sleep(Duration::from_secs(30)).await;
    for _ in 0..world.assumptions.flex_delay {
        other_writer::look(&network, &scene).await;
    }
    let task = scene.task(&network.upstreams.twilio);
    queue::drain(&network).await;
    let mut wrong = Vec::new();
    match stage.is_refused() {
        true => wrong.extend(handoff::check_accepted(&network, &scene, &request, &ends)),
        false => {
            wrong.extend(watch.wrong());
            wrong.extend(stage.verdict(&network, &scene, &task, &request, &ends, 0));
            wrong.extend(verdict::of_ends(&network, &ends));
        }
    }
    if watch.two_notes() {
        wrong.push("there was a second note, although only one run posts notes".to_owned());
    }
    if faults <= 1 && start == Start::Warm {
        wrong.extend(handoff::check_effort(&network, &ends, only, took, MAX_REQUESTS));
    }
    if faults == 0 && start == Start::Warm && !stage.is_refused() && took > TIME {
        wrong.push(format!("the handoff took {took:?}"));
    }
    Ran::new(&network, wrong, &format!("{ends:?}"))
}
