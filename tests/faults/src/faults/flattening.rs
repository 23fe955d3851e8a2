//! Two events of a task, with another writer's change between them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::{Case, Ran, by_plan};
use crate::functions::webhook::Webhook;
use crate::network::{Manners, Network, Start};
use crate::scene::{self, SESSION_ID};
use crate::twilio_callback::deliver;
use crate::{queue, verdict};

/// By this time, Twilio has given up the delivery.
const SOON: Duration = Duration::from_secs(20);

/// Delivers the event of the AI's reservation while these faults happen. The event of a change follows after the first
/// write of the session.
pub(crate) async fn run(start: Start, plan: Case) -> Ran {
    let (upstreams, scene) = scene::set();
    let (task_sid, changed) = (scene.task_sid.clone(), Arc::new(Notify::new()));
    let network = Network::starting(start, upstreams, Manners::Strict, by_plan(plan), {
        let (changed, is_changed) = (changed.clone(), AtomicBool::default());
        Box::new(move |upstreams, _| {
            if upstreams.session_api.patches(SESSION_ID).len() == 1 && !is_changed.swap(true, Ordering::Relaxed) {
                let task = upstreams.twilio.task(&task_sid).expect("nobody deletes the task");
                let attributes = scene::changed(&task.attributes);
                let set = upstreams.twilio.set_attributes(&task_sid, &attributes);
                set.expect("the attributes are a short object");
                changed.notify_one();
            }
        })
    });
    let first = network
        .upstreams
        .twilio
        .events()
        .pop()
        .expect("the reservation has been told of");
    let second = async {
        // If the first write is deferred to the queue, the change comes later and its event is lost.
        if tokio::time::timeout(SOON, changed.notified()).await.is_err() {
            return Vec::new();
        }
        let event = network.upstreams.twilio.events().pop();
        deliver(
            network.clone(),
            Webhook::TaskEvents,
            event.expect("the change has been told of"),
        )
        .await
    };
    let (first, second) = tokio::join!(deliver(network.clone(), Webhook::TaskEvents, first), second);
    let attended = queue::drain(&network).await;
    // Wait for the requests that are still under way.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let mut wrong = verdict::of_flattening(&network, &scene, 1);
    for ends in [&first, &second, &attended] {
        wrong.extend(verdict::of_ends(&network, ends));
    }
    Ran::new(&network, wrong, &format!("{first:?} {second:?} {attended:?}"))
}
