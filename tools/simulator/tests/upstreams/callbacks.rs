//! The events of TaskRouter as a receiver gets them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use simulator::twilio::sids::{ACCOUNT_SID, AI_WORKER_SID, REP_WORKER_SID, WORKSPACE_SID};
use simulator::twilio::{
    Credentials, Outcome, ReservationStatus, SharedKey, SignatureAlgorithm, TaskStatus, Twilio, signature,
};
use tokio::net::{TcpListener, TcpSocket};

use crate::caller::world;
use crate::receiver::Receiver;

fn types<const N: usize>(types: [&str; N]) -> BTreeMap<String, usize> {
    types.map(|event_type| (event_type.to_owned(), 1)).into()
}

fn statuses(twilio: &Twilio) -> Vec<u16> {
    let outcomes = twilio.deliveries().into_iter().flat_map(|delivery| delivery.outcomes());
    outcomes
        .map(|outcome| {
            if let Outcome::Answered { status, .. } = outcome {
                status
            } else {
                0
            }
        })
        .collect()
}

#[tokio::test]
async fn an_event_is_signed_for_the_url_that_was_registered_without_its_fragment() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    world
        .twilio
        .register_callback("https://callbacks.example.com/task-events?a=%20b#rc=2");

    let task = world.twilio.create_task(r#"{"name":"Åse & Co"}"#).unwrap();
    world.twilio.events_settled().await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    assert_eq!(received.uri, "/task-events?a=%20b");
    assert_eq!(received.header("host"), "callbacks.example.com");
    assert!(
        received
            .header("content-type")
            .starts_with("application/x-www-form-urlencoded")
    );
    let url = "https://callbacks.example.com/task-events?a=%20b";
    let auth_token = world.twilio.credentials().auth_token;
    assert_eq!(
        received.header("x-twilio-signature"),
        signature(&auth_token, url, &received.fields)
    );
    let event = world.twilio.events().remove(0);
    assert_eq!(received.header("i-twilio-idempotency-token"), event.idempotency_token);
    for (name, value) in [
        ("EventType", "task.created"),
        ("AccountSid", ACCOUNT_SID),
        ("WorkspaceSid", WORKSPACE_SID),
        ("ResourceType", "task"),
        ("ResourceSid", &task.sid),
        ("Sid", &event.sid),
        ("TaskSid", &task.sid),
        ("TaskAttributes", r#"{"name":"Åse & Co"}"#),
        ("TaskAssignmentStatus", "pending"),
        ("TaskVersion", "0"),
    ] {
        assert_eq!(received.field(name), Some(value), "{name}");
    }
    assert_eq!(received.field("WorkerSid"), None);
}

#[tokio::test]
async fn a_reservations_event_has_its_worker() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let task = world.twilio.create_task("{}").unwrap();
    world.twilio.register_callback("https://callbacks.example.com/");

    let reservation = world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    world.twilio.events_settled().await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    assert_eq!(received.field("EventType"), Some("reservation.created"));
    assert_eq!(received.field("ReservationSid"), Some(&*reservation.sid));
    assert_eq!(received.field("ResourceSid"), Some(&*reservation.sid));
    assert_eq!(received.field("WorkerSid"), Some(AI_WORKER_SID));
    assert_eq!(received.field("TaskAssignmentStatus"), Some("reserved"));
    assert!(received.field("WorkerAttributes").unwrap().contains(r"https:\/\/"));
}

#[tokio::test]
async fn each_change_of_a_task_and_its_reservations_is_told() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    world.twilio.register_callback("https://callbacks.example.com/");
    let twilio = &world.twilio;

    let task = twilio.create_task("{}").unwrap();
    let rejected = twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    twilio.set_attributes(&task.sid, r#"{"a":1}"#).unwrap();
    twilio
        .move_reservation(&rejected.sid, ReservationStatus::Rejected)
        .unwrap();
    twilio.events_settled().await;
    assert_eq!(
        receiver.types(),
        types([
            "task.created",
            "task.updated",
            "reservation.created",
            "reservation.rejected"
        ])
    );

    receiver.received.lock().unwrap().clear();
    let accepted = twilio.reserve(&task.sid, REP_WORKER_SID).unwrap();
    twilio
        .move_reservation(&accepted.sid, ReservationStatus::Accepted)
        .unwrap();
    twilio
        .move_reservation(&accepted.sid, ReservationStatus::Wrapping)
        .unwrap();
    twilio.end_task(&task.sid, TaskStatus::Completed, "resolved").unwrap();
    twilio.delete_task(&task.sid).unwrap();
    twilio.events_settled().await;

    let expected = types([
        "reservation.created",
        "reservation.accepted",
        "reservation.wrapup",
        "reservation.completed",
        "task.wrapup",
        "task.completed",
        "task.deleted",
    ]);
    assert_eq!(receiver.types(), expected);
    let completed = receiver
        .received()
        .into_iter()
        .find(|one| one.field("EventType") == Some("task.completed"));
    assert_eq!(completed.unwrap().field("TaskCompletedReason"), Some("resolved"));
}

#[tokio::test]
async fn every_callback_hears_of_an_event_and_again_when_asked() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    world.twilio.register_callback("https://callbacks.example.com/one");
    world.twilio.register_callback("https://callbacks.example.com/two");

    world.twilio.create_task("{}").unwrap();
    world.twilio.send_again(&world.twilio.events()[0]);
    world.twilio.events_settled().await;

    let mut heard: Vec<_> = receiver.received().into_iter().map(|received| received.uri).collect();
    heard.sort();
    assert_eq!(heard, ["/one", "/one", "/two", "/two"]);
    let received = receiver.received();
    assert!(received.iter().all(|one| one.field("Sid") == received[0].field("Sid")));
}

#[tokio::test]
async fn a_failed_delivery_is_tried_again_as_the_fragment_says() {
    for (fragment, answers, expected) in [
        ("", vec![503], vec![503]),
        ("#rc=2&rp=5xx", vec![503, 503, 503], vec![503, 503, 503]),
        ("#rc=5&rp=5xx", vec![204, 503, 503], vec![503, 503, 204]),
        ("#rc=5&rp=5xx", vec![400], vec![400]),
        ("#rc=1&rp=all", vec![400], vec![400, 204]),
    ] {
        let world = world().await;
        let receiver = Receiver::start(&world).await;
        *receiver.answers.lock().unwrap() = answers;
        world
            .twilio
            .register_callback(&format!("https://callbacks.example.com/{fragment}"));

        world.twilio.create_task("{}").unwrap();
        world.twilio.events_settled().await;

        assert_eq!(statuses(&world.twilio), expected, "{fragment}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_away_is_tried_once_more() {
    let world = world().await;
    // Bound but not listening, so nobody else gets the port.
    let away = TcpSocket::new_v4().unwrap();
    away.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    world
        .twilio
        .register_callback(&format!("http://{}/", away.local_addr().unwrap()));

    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;

    assert_eq!(
        world.twilio.deliveries()[0].outcomes(),
        [Outcome::NotConnected, Outcome::NotConnected]
    );
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_is_given_up() {
    let world = world().await;
    // The system accepts connections for this listener. Nobody reads from them.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world
        .twilio
        .register_callback(&format!("http://{}/#rt=100", listener.local_addr().unwrap()));

    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;

    let delivery = world.twilio.deliveries().remove(0);
    assert_eq!(delivery.outcomes(), [Outcome::NotAnswered]);
    assert!(delivery.attempts[0].duration >= Duration::from_millis(100));
    let event = &world.twilio.events()[0];
    let told = event.fields.iter().find(|(name, _)| name == "TimestampMs");
    let told: i128 = told.unwrap().1.parse().unwrap();
    assert!(delivery.time.unix_timestamp_nanos() / 1_000_000 >= told);
}

#[tokio::test]
async fn a_promoted_auth_token_signs_from_then_on() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let url = "https://callbacks.example.com/";
    world.twilio.register_callback(url);

    world.twilio.set_credentials(Credentials {
        auth_token: "promoted".to_owned(),
        ..world.twilio.credentials()
    });
    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    assert_eq!(
        received.header("x-twilio-signature"),
        signature("promoted", url, &received.fields)
    );
}

#[tokio::test]
async fn shared_key_signs_in_place_of_the_auth_token() {
    let id = "webhooks_sharedkey_01k4jv0n3mfkq8v1q6m5c2e9xz";
    for (algorithm, name) in [
        (SignatureAlgorithm::HmacSha1, "HMAC_SHA1"),
        (SignatureAlgorithm::HmacSha256, "HMAC_SHA256"),
    ] {
        let world = world().await;
        let receiver = Receiver::start(&world).await;
        let url = "https://callbacks.example.com/";
        world.twilio.register_callback(url);
        world.twilio.set_credentials(Credentials {
            shared_key: Some(SharedKey {
                id: id.to_owned(),
                secret: "a shared secret".to_owned(),
                algorithm,
            }),
            ..world.twilio.credentials()
        });

        world.twilio.create_task("{}").unwrap();
        world.twilio.events_settled().await;

        let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
        assert_eq!(
            received.header("x-twilio-signature"),
            algorithm.signature("a shared secret", url, &received.fields)
        );
        assert_eq!(
            received.header("x-twilio-webhooks-signature-settings"),
            format!("key={id},algorithm={name}")
        );
    }
}

#[tokio::test]
async fn the_workspaces_callback_is_replaced_and_hears_of_what_its_filter_names() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let twilio = &world.twilio;
    let set = |url: &str, filter: &str| twilio.set_event_callback(url, filter);

    set("https://callbacks.example.com/old", "").unwrap();
    let task = twilio.create_task("{}").unwrap();
    let filter = "task.updated, reservation.created";
    set("https://callbacks.example.com/new#rc=2", filter).unwrap();
    assert!(set("/no-host", "").is_err());
    assert!(set("ftp://callbacks.example.com/", "").is_err());
    twilio.set_attributes(&task.sid, r#"{"a":1}"#).unwrap();
    let reservation = twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    twilio
        .move_reservation(&reservation.sid, ReservationStatus::Rejected)
        .unwrap();
    set("", "").unwrap();
    twilio.set_attributes(&task.sid, "{}").unwrap();
    twilio.events_settled().await;

    let received = receiver.received().into_iter();
    let heard: BTreeSet<_> = received
        .map(|one| format!("{} {}", one.uri, one.field("EventType").unwrap()))
        .collect();
    let expected = ["/new reservation.created", "/new task.updated", "/old task.created"];
    assert_eq!(heard, expected.map(str::to_owned).into());
}
