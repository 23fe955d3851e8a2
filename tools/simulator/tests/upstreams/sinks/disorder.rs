use simulator::twilio::{Disorder, Order, Twilio};

use super::scene;
use crate::receiver::Receiver;

/// Changes the task `times` times. The priority numbers the changes from 1.
fn change(twilio: &Twilio, task_sid: &str, times: i64) {
    for number in 1..=times {
        twilio.set_priority(task_sid, number).unwrap();
    }
}

/// The numbers of the changes in the order of their deliveries.
fn heard(receiver: &Receiver) -> Vec<i64> {
    let events = receiver.received().into_iter().flat_map(|received| received.events());
    let priorities = events.map(|event| event["data"]["payload"]["task_priority"].as_i64().unwrap());
    priorities.collect()
}

#[tokio::test]
async fn copies_of_an_event_have_its_id() {
    let (world, receiver, _) = scene("task.updated").await;
    let task = world.twilio.create_task("{}").unwrap();
    world.twilio.set_disorder(Disorder {
        copies: 2,
        reorder: None,
    });

    change(&world.twilio, &task.sid, 1);
    world.twilio.events_settled().await;

    assert_eq!(heard(&receiver), [1, 1, 1]);
    let received = receiver.received();
    assert!(received.iter().all(|copy| copy.body == received[0].body));
    let deliveries = world.twilio.sink_deliveries();
    assert!(deliveries.iter().all(|copy| copy.event_ids == deliveries[0].event_ids));
}

#[tokio::test]
async fn held_events_arrive_in_the_order_of_the_fault() {
    for (order, expected) in [
        (Order::Reversed, vec![3, 2, 1]),
        (Order::Shuffled { seed: 1 }, vec![1, 3, 2]),
    ] {
        let (world, receiver, _) = scene("task.updated").await;
        let task = world.twilio.create_task("{}").unwrap();
        world.twilio.set_disorder(Disorder {
            copies: 0,
            reorder: Some((3, order)),
        });

        change(&world.twilio, &task.sid, 2);
        world.twilio.events_settled().await;
        assert_eq!(heard(&receiver), Vec::<i64>::new());
        world.twilio.set_priority(&task.sid, 3).unwrap();
        world.twilio.events_settled().await;

        assert_eq!(heard(&receiver), expected, "{order:?}");
    }
}

#[tokio::test]
async fn held_events_are_sent_when_order_returns() {
    let (world, receiver, _) = scene("task.updated").await;
    let task = world.twilio.create_task("{}").unwrap();
    world.twilio.set_disorder(Disorder {
        copies: 0,
        reorder: Some((3, Order::Reversed)),
    });
    change(&world.twilio, &task.sid, 2);

    world.twilio.set_disorder(Disorder::default());
    world.twilio.events_settled().await;

    assert_eq!(heard(&receiver), [1, 2]);
}
