//! Simultaneous events of a task in separate runs, while another writer changes the task.

use std::time::Duration;

use simulator::options::QUEUE;
use tokio::task::JoinSet;

use super::Ran;
use super::schedule::Schedule;
use super::scheduler::{Budget, Queue};
use crate::functions::webhook::Webhook;
use crate::network::{Manners, Network};
use crate::queue::drain;
use crate::twilio_callback::deliver;
use crate::{other_writer, scene, verdict};

/// The other writer of the session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Besides {
    /// The webhook run for the AI's reservation writes.
    Webhook,
    /// `deferred` writes for the message of a webhook run.
    Deferred,
}

/// Delivers the event of the AI's reservation by webhook or queue. The events of two changes are delivered as soon as
/// each change happens.
pub(crate) async fn run(besides: Besides, mut schedule: Schedule, budget: Budget) -> Ran {
    let (upstreams, scene) = scene::set();
    let queue = Queue::default();
    let network = Network::new(upstreams, Manners::Strict, queue.steering(), Box::new(|_, _| {}));
    let last_event = || {
        network
            .upstreams
            .twilio
            .events()
            .pop()
            .expect("something has been told of")
    };
    let work = async {
        let mut deliveries = JoinSet::new();
        match besides {
            Besides::Webhook => drop(deliveries.spawn(deliver(network.clone(), Webhook::TaskEvents, last_event()))),
            Besides::Deferred => {
                let message = format!(r#"{{"sync":{{"taskSid":"{}"}}}}"#, scene.task_sid);
                network.upstreams.sqs.send(QUEUE, &message);
                let network = network.clone();
                deliveries.spawn(async move { drain(&network).await });
            }
        }
        for _ in 0..2 {
            other_writer::change_once(&network, &scene).await;
            deliveries.spawn(deliver(network.clone(), Webhook::TaskEvents, last_event()));
        }
        deliveries.join_all().await
    };
    queue.drive(&mut schedule, budget, work).await;
    let afterwards = async {
        drain(&network).await;
        // Wait for the requests that are still under way. They may send a message.
        tokio::time::sleep(Duration::from_secs(60)).await;
        drain(&network).await;
    };
    queue.drive(&mut schedule, Budget::NONE, afterwards).await;
    Ran {
        schedule,
        wrong: verdict::of_flattening(&network, &scene, 2),
        story: network.story(),
        two_notes: false,
    }
}
