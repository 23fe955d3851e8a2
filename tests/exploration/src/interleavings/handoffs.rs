//! Several handoffs of one task at once, and another writer of its attributes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use super::Ran;
use super::schedule::Schedule;
use super::scheduler::{Budget, Queue};
use crate::network::{Manners, Network};
use crate::{ai_platform, other_writer, scene, verdict};

/// Hands over so many times at once.
pub(crate) async fn run(count: usize, manners: Manners, mut schedule: Schedule, budget: Budget) -> Ran {
    let (upstreams, scene) = scene::set();
    let two_notes = Arc::new(AtomicBool::default());
    let queue = Queue::default();
    let network = Network::new(upstreams, manners, queue.steering(), {
        let (scene, two_notes) = (scene.clone(), two_notes.clone());
        Box::new(move |upstreams| {
            scene::route_to_a_person(&upstreams.twilio, &scene.task_sid);
            two_notes.fetch_or(scene.notes(&upstreams.twilio).len() > 1, Ordering::Relaxed);
        })
    });
    let request = scene.request();
    let work = async {
        let mut callers = JoinSet::new();
        for _ in 0..count {
            let (network, request) = (network.clone(), request.clone());
            callers.spawn(async move { ai_platform::ask(&network, &request).await });
        }
        other_writer::change_once(&network, &scene).await;
        callers.join_all().await
    };
    let ends = queue.drive(&mut schedule, budget, work).await;
    // Whatever is still on its way arrives.
    queue
        .drive(&mut schedule, Budget::NONE, tokio::time::sleep(Duration::from_secs(30)))
        .await;
    let wrong = ends
        .iter()
        .flat_map(|ends| verdict::of_handoff(&network, &scene, &request, ends, 1));
    Ran {
        wrong: wrong.collect(),
        schedule,
        story: network.story(),
        two_notes: two_notes.load(Ordering::Relaxed),
    }
}
