//! Simultaneous handoffs of a task, beside another writer of its attributes.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::Ran;
use super::schedule::Schedule;
use super::scheduler::{Budget, Queue};
use crate::functions::handoff::Deferral;
use crate::network::{Manners, Network};
use crate::queue as deferred;
use crate::stage::Stage;
use crate::watch::Watch;
use crate::{ai_platform, other_writer};

/// Requests this many simultaneous handoffs.
pub(crate) async fn run(
    stage: Stage,
    count: usize,
    manners: Manners,
    deferral: Deferral,
    mut schedule: Schedule,
    budget: Budget,
) -> Ran {
    let (upstreams, scene) = stage.set();
    let watch = Arc::new(Watch::new(&scene));
    let queue = Queue::default();
    let afterwards = stage.afterwards(&scene, &watch);
    let network = Network::new(upstreams, manners, queue.steering(), afterwards);
    // Twilio's dates are whole seconds. The handoffs must be in a later second than the reservation's creation.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let request = scene.request();
    let work = async {
        let mut callers = JoinSet::new();
        for _ in 0..count {
            let (network, request) = (network.clone(), request.clone());
            callers.spawn(async move { ai_platform::ask(&network, deferral, stage.pause(), &request).await });
        }
        other_writer::change_once(&network, &scene).await;
        callers.join_all().await
    };
    let ends = queue.drive(&mut schedule, budget, work).await;
    // Wait for the requests that are still under way.
    queue
        .drive(&mut schedule, Budget::NONE, tokio::time::sleep(Duration::from_secs(30)))
        .await;
    let task = scene.task(&network.upstreams.twilio);
    queue
        .drive(&mut schedule, Budget::NONE, deferred::drain(&network))
        .await;
    let mut wrong = watch.wrong();
    for ends in &ends {
        wrong.extend(stage.verdict(&network, &scene, &task, &request, ends, 1));
    }
    Ran {
        wrong,
        schedule,
        story: format!("{}    {ends:?}\n", network.story()),
        two_notes: watch.two_notes(),
    }
}
