//! The delivery of events to webhook sinks.

mod attempts;
mod cloud_events;
mod disorder;
mod tests_of_sinks;

use simulator::twilio::Sink;
use simulator::world::World;

use crate::caller::world;
use crate::receiver::Receiver;

const URL: &str = "https://callbacks.example.com/events";

/// A world with a receiver, and a sink that sends these types to the receiver.
async fn scene(events_filter: &str) -> (World, Receiver, Sink) {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let sink = world.twilio.create_sink(URL, false, events_filter).unwrap();
    (world, receiver, sink)
}
