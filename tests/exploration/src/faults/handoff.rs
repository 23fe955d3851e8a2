//! A handoff, its caller, and what there must be in the end.

use std::time::Duration;

use serde_json::Value;

use super::{Case, Ran};
use crate::network::{self, Manners, Network};
use crate::scene::{self, Scene};
use crate::{ai_platform, verdict};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Request {
    /// Everything that can be given.
    Whole,
    /// Nothing that may be left out.
    Brief,
}

/// Hands over, as often as it takes, while these faults happen.
pub(crate) async fn run(asked: Request, plan: Case) -> Ran {
    let (upstreams, scene) = scene::set();
    let task_sid = scene.task_sid.clone();
    let network = Network::new(
        upstreams,
        Manners::Strict,
        network::by_plan(plan),
        Box::new(move |upstreams| scene::route_to_a_person(&upstreams.twilio, &task_sid)),
    );
    let request = request(&scene, asked);
    let ends = ai_platform::ask(&network, &request).await;
    // Whatever is still on its way arrives.
    tokio::time::sleep(Duration::from_secs(30)).await;
    let wrong = verdict::of_handoff(&network, &scene, &request, &ends, 0);
    Ran::new(&network, wrong, &format!("{ends:?}"))
}

fn request(scene: &Scene, asked: Request) -> Value {
    let mut request = scene.request();
    match asked {
        Request::Whole => {
            request["conversationSid"] = scene.conversation_sid.clone().into();
            request["timestamp"] = "2026-11-22T10:00:00.5+01:00".into();
        }
        Request::Brief => drop(request["reservationSid"].take()),
    }
    request
}
