use std::time::Duration;

use simulator::twilio::{Credentials, Outcome, SinkDelivery, SinkDeliveryState, signature};
use simulator::world::World;
use tokio::net::{TcpListener, TcpSocket};

use super::scene;
use crate::caller::world;

const HOUR: Duration = Duration::from_secs(60 * 60);

fn only_delivery(world: &World) -> SinkDelivery {
    let [delivery] = <[_; 1]>::try_from(world.twilio.sink_deliveries()).unwrap();
    delivery
}

fn waits(delivery: &SinkDelivery) -> bool {
    matches!(delivery.state, SinkDeliveryState::Waiting(_))
}

#[tokio::test]
async fn status_decides_whether_events_are_delivered_dropped_or_sent_again() {
    for (status, expected) in [
        (200, Some(SinkDeliveryState::Delivered)),
        (204, Some(SinkDeliveryState::Delivered)),
        (302, None),
        (400, Some(SinkDeliveryState::Dropped)),
        (403, Some(SinkDeliveryState::Dropped)),
        (408, Some(SinkDeliveryState::Dropped)),
        (413, Some(SinkDeliveryState::Dropped)),
        (429, None),
        (500, None),
        (503, None),
    ] {
        let (world, receiver, _) = scene("task.created").await;
        *receiver.answers.lock().unwrap() = vec![status];

        world.twilio.create_task("{}").unwrap();
        world.twilio.events_settled().await;

        let delivery = only_delivery(&world);
        let answered = Outcome::Answered {
            status,
            body: String::new(),
        };
        assert_eq!(delivery.outcomes(), [answered]);
        match expected {
            Some(state) => assert_eq!(delivery.state, state, "{status}"),
            None => assert!(waits(&delivery), "{status}: {:?}", delivery.state),
        }
    }
}

#[tokio::test]
async fn dropped_events_never_come_back() {
    let (world, receiver, _) = scene("task.created").await;
    *receiver.answers.lock().unwrap() = vec![400];
    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;

    world.advance(5 * HOUR);
    world.twilio.events_settled().await;

    assert_eq!(receiver.received().len(), 1);
}

#[tokio::test]
async fn retry_brings_the_same_body_when_its_time_has_come() {
    let (world, receiver, sink) = scene("task.created").await;
    *receiver.answers.lock().unwrap() = vec![503];
    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;
    assert_eq!(receiver.received().len(), 1);

    world.advance(Duration::from_secs(2));
    world.twilio.events_settled().await;

    let [first, second] = <[_; 2]>::try_from(receiver.received()).unwrap();
    assert_eq!(first.body, second.body);
    assert_eq!(first.uri, second.uri);
    let delivery = only_delivery(&world);
    assert_eq!(delivery.state, SinkDeliveryState::Delivered);
    assert_eq!(delivery.sink_sid, sink.sid);
    assert_eq!(delivery.event_types, ["com.twilio.taskrouter.task.created"]);
    assert_eq!(delivery.event_ids, [first.events()[0]["id"].as_str().unwrap()]);
}

#[tokio::test]
async fn sink_that_always_fails_is_given_up_after_four_hours() {
    let (world, receiver, _) = scene("task.created").await;
    *receiver.answers.lock().unwrap() = vec![503; 100];
    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;

    // All attempts due by then are made at once, each at its own time.
    world.advance(HOUR);
    world.twilio.events_settled().await;
    let after_an_hour = only_delivery(&world);
    assert!(waits(&after_an_hour));
    world.advance(3 * HOUR);
    world.twilio.events_settled().await;

    let delivery = only_delivery(&world);
    assert_eq!(delivery.state, SinkDeliveryState::GivenUp);
    assert_eq!(receiver.received().len(), delivery.attempts.len());
    assert!(after_an_hour.attempts.len() < delivery.attempts.len());
    let mut pauses = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
        .into_iter()
        .chain(std::iter::repeat(900));
    for pair in delivery.attempts.windows(2) {
        let least = f64::from(pauses.next().unwrap());
        let pause = (pair[1].time - pair[0].time).as_seconds_f64();
        assert!((least..=least * 1.2).contains(&pause), "{pause} s after {least} s");
    }
    let last = delivery.attempts.last().unwrap().time - delivery.published;
    assert!(last <= 4 * HOUR && last > 3 * HOUR, "{last}");
}

#[tokio::test]
async fn sink_that_is_down_gets_the_events_when_it_is_back() {
    let world = world().await;
    // Bound but not listening, so nobody else gets the port.
    let down = TcpSocket::new_v4().unwrap();
    down.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}/", down.local_addr().unwrap());
    world.twilio.create_sink(&url, false, "task.created").unwrap();
    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;

    let listener = down.listen(8).unwrap();
    let router = axum::Router::new().fallback(async || http::StatusCode::NO_CONTENT);
    tokio::spawn(async move { axum::serve(listener, router).await });
    world.advance(Duration::from_secs(2));
    world.twilio.events_settled().await;

    let delivery = only_delivery(&world);
    let answered = Outcome::Answered {
        status: 204,
        body: String::new(),
    };
    assert_eq!(delivery.outcomes(), [Outcome::NotConnected, answered]);
    assert_eq!(delivery.state, SinkDeliveryState::Delivered);
}

#[tokio::test]
async fn sink_has_five_seconds_to_answer() {
    let world = world().await;
    // The system accepts connections for this listener. Nobody reads from them.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/#rt=15000", listener.local_addr().unwrap());
    world.twilio.create_sink(&url, false, "task.created").unwrap();
    world.twilio.create_task("{}").unwrap();
    let (_connection, _) = listener.accept().await.unwrap();

    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    world.twilio.events_settled().await;

    // Without the real time before the pause. Whole milliseconds.
    let waited = begun.elapsed().as_secs_f64();
    assert!((4.0..5.1).contains(&waited), "{waited}");
    let delivery = only_delivery(&world);
    assert_eq!(delivery.outcomes(), [Outcome::NotAnswered]);
    assert!(waits(&delivery));
}

#[tokio::test]
async fn retry_is_signed_with_the_token_of_its_own_time() {
    let (world, receiver, _) = scene("task.created").await;
    *receiver.answers.lock().unwrap() = vec![503];
    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;
    world.twilio.set_credentials(Credentials {
        auth_token: "promoted".to_owned(),
        ..world.twilio.credentials()
    });

    world.advance(Duration::from_secs(2));
    world.twilio.events_settled().await;

    let received = receiver.received().pop().unwrap();
    let url = format!("https://callbacks.example.com{}", received.uri);
    assert_eq!(received.header("x-twilio-signature"), signature("promoted", &url, &[]));
}
