//! Faults of event deliveries.

use std::time::{Duration, Instant};

use simulator::fault::Gate;
use simulator::twilio::{DeliveryFault, Order, Twilio};
use simulator::world::World;

use crate::caller::world;
use crate::receiver::Receiver;

const SOON: Duration = Duration::from_secs(10);
const URL: &str = "https://callbacks.example.com/events";

/// A world with a callback and its receiver, plus a pending task. The task's creation was not delivered.
async fn scene() -> (World, Receiver, String) {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let task = world.twilio.create_task("{}").unwrap();
    world.twilio.register_callback(URL);
    (world, receiver, task.sid)
}

/// Changes the task `times` times. The priority numbers the changes from 1.
fn change(twilio: &Twilio, task_sid: &str, times: i64) {
    for number in 1..=times {
        twilio.set_priority(task_sid, number).unwrap();
    }
}

/// The numbers of the changes in the order of their deliveries.
fn heard(receiver: &Receiver) -> Vec<String> {
    let received = receiver.received();
    let numbers = received.iter().map(|one| one.field("TaskPriority").unwrap().to_owned());
    numbers.collect()
}

/// Waits until the receiver has heard of `count` changes.
async fn hears_of(receiver: &Receiver, count: usize) {
    let heard_of_them = async {
        while heard(receiver).len() < count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, heard_of_them).await.unwrap();
}

#[tokio::test]
async fn copies_of_an_event_have_its_sid_and_its_token() {
    let (world, receiver, task_sid) = scene().await;
    let fault = DeliveryFault::duplicate(2).event_type("task.updated").skip(1);
    let struck = world.twilio.add_delivery_fault(fault);

    change(&world.twilio, &task_sid, 3);
    world.twilio.events_settled().await;

    let mut heard = heard(&receiver);
    heard.sort();
    assert_eq!(heard, ["1", "2", "2", "2", "3"]);
    let event = &world.twilio.events()[2];
    let copies = receiver
        .received()
        .into_iter()
        .filter(|one| one.field("TaskPriority") == Some("2"));
    for copy in copies {
        assert_eq!(copy.field("Sid"), Some(&*event.sid));
        assert_eq!(copy.header("i-twilio-idempotency-token"), event.idempotency_token);
    }
    assert_eq!(struck.count(), 1);
}

#[tokio::test]
async fn an_event_waits_until_its_gate_opens() {
    let (world, receiver, task_sid) = scene().await;
    let gate = Gate::default();
    world.twilio.add_delivery_fault(DeliveryFault::wait(gate.clone()));
    let second = Gate::default();
    let behind = second.clone();
    world.twilio.add_delivery_fault(
        DeliveryFault::wait(behind)
            .matching(|event, url| url == URL && event.fields.contains(&("TaskPriority".to_owned(), "2".to_owned()))),
    );

    change(&world.twilio, &task_sid, 3);
    hears_of(&receiver, 1).await;
    second.open();
    hears_of(&receiver, 2).await;
    gate.open();
    world.twilio.events_settled().await;

    assert_eq!(heard(&receiver), ["3", "2", "1"]);
    let set_out: Vec<_> = world.twilio.deliveries().into_iter().map(|one| one.event_sid).collect();
    let mut events: Vec<_> = world.twilio.events().into_iter().map(|event| event.sid).collect();
    events.reverse();
    assert_eq!(set_out, events[..3]);
}

#[tokio::test]
async fn an_event_comes_late() {
    let (world, receiver, task_sid) = scene().await;
    let late = Duration::from_millis(40);
    world.twilio.add_delivery_fault(DeliveryFault::delay(late));

    let changed = Instant::now();
    change(&world.twilio, &task_sid, 2);
    world.twilio.events_settled().await;

    let first = &world.twilio.events()[1];
    let deliveries = world.twilio.deliveries();
    let delivery = deliveries.iter().find(|one| one.event_sid == first.sid).unwrap();
    assert!(delivery.set_out - changed >= late);
    assert_eq!(heard(&receiver).len(), 2);
}

#[tokio::test]
async fn events_arrive_in_another_order_and_each_after_the_one_before() {
    let shuffled = Order::Shuffled { seed: 7 };
    let mut orders = Vec::new();
    for order in [Order::Reversed, shuffled, shuffled] {
        let (world, receiver, task_sid) = scene().await;
        world.twilio.add_delivery_fault(DeliveryFault::reorder(6, order));

        change(&world.twilio, &task_sid, 5);
        world.twilio.events_settled().await;
        assert!(heard(&receiver).is_empty(), "five of six are held back");
        world.twilio.set_priority(&task_sid, 6).unwrap();
        world.twilio.events_settled().await;

        let deliveries = world.twilio.deliveries();
        for pair in deliveries.windows(2) {
            assert!(pair[0].set_out + pair[0].attempts[0].duration <= pair[1].set_out);
        }
        orders.push(heard(&receiver));
    }

    let [reversed, shuffled, again] = <[_; 3]>::try_from(orders).unwrap();
    assert_eq!(reversed, ["6", "5", "4", "3", "2", "1"]);
    assert_eq!(shuffled, again);
    let mut sorted = shuffled.clone();
    sorted.sort();
    assert_ne!(shuffled, sorted);
    assert_eq!(sorted, ["1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn what_is_held_back_sets_out_when_the_rules_are_removed() {
    let (world, receiver, task_sid) = scene().await;
    let pairs = DeliveryFault::reorder(2, Order::Reversed).always();
    let struck = world.twilio.add_delivery_fault(pairs);

    change(&world.twilio, &task_sid, 3);
    world.twilio.events_settled().await;
    assert_eq!(heard(&receiver), ["2", "1"]);
    world.twilio.clear_delivery_faults();
    world.twilio.events_settled().await;
    world.twilio.set_priority(&task_sid, 4).unwrap();
    world.twilio.events_settled().await;

    assert_eq!(heard(&receiver), ["2", "1", "3", "4"]);
    assert_eq!(struck.count(), 3);
}

#[tokio::test]
async fn an_event_is_lost_with_its_copies_and_is_still_on_record() {
    let (world, receiver, task_sid) = scene().await;
    world.twilio.add_delivery_fault(DeliveryFault::duplicate(1));
    world.twilio.add_delivery_fault(DeliveryFault::lose());

    change(&world.twilio, &task_sid, 2);
    world.twilio.events_settled().await;

    assert_eq!(heard(&receiver), ["2"]);
    assert_eq!(world.twilio.deliveries().len(), 1);
    assert_eq!(world.twilio.events().len(), 3);
}
