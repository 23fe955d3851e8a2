//! An event whose session cannot be written during the delivery. The queue redelivers the event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use simulator::session_api::Settings;

use super::{Case, Ran, by_plan};
use crate::functions::webhook::Webhook;
use crate::network::{Manners, Network, Start};
use crate::scene::{self, SESSION_ID};
use crate::twilio_callback::deliver;
use crate::{queue, verdict};

/// The session API's `Retry-After`, which is too long for a webhook.
const AWAY: Duration = Duration::from_secs(60);

/// Delivers the event of the AI's reservation during an outage of the session API, then runs `deferred` on the queue.
/// Meanwhile another writer changes the task and the event of that change is lost. These faults happen during all of
/// this.
pub(crate) async fn run(start: Start, plan: Case) -> Ran {
    let (upstreams, scene) = scene::set();
    let (sessions, task_sid) = (upstreams.session_api.clone(), scene.task_sid.clone());
    let usual = sessions.settings();
    sessions.set(Settings {
        requests_per_minute: 0,
        retry_after: Some(AWAY),
        ..usual.clone()
    });
    let network = Network::starting(start, upstreams, Manners::Strict, by_plan(plan), {
        let is_changed = Arc::new(AtomicBool::default());
        Box::new(move |upstreams, _| {
            if upstreams.session_api.patches(SESSION_ID).len() == 1 && !is_changed.swap(true, Ordering::Relaxed) {
                let task = upstreams.twilio.task(&task_sid).expect("nobody deletes the task");
                let set = upstreams
                    .twilio
                    .set_attributes(&task_sid, &scene::changed(&task.attributes));
                set.expect("the attributes are a short object");
            }
        })
    });
    let event = network
        .upstreams
        .twilio
        .events()
        .pop()
        .expect("the reservation has been told of");
    let delivered = deliver(network.clone(), Webhook::TaskEvents, event).await;
    sessions.set(usual);
    let attended = queue::drain(&network).await;
    // Wait for the requests that are still under way.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let mut wrong = verdict::of_flattening(&network, &scene, 1);
    for ends in [&delivered, &attended] {
        wrong.extend(verdict::of_ends(&network, ends));
    }
    Ran::new(&network, wrong, &format!("{delivered:?} {attended:?}"))
}
