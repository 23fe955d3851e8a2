use serde_json::{Value, json};
use simulator::options::Options;
use simulator::twilio::sids::{
    ACCOUNT_SID, AI_QUEUE_SID, AI_WORKER_SID, AVAILABLE_ACTIVITY_SID, OPERATING_UNIT_SID, TASK_CHANNEL_SID,
    WORKFLOW_SID, WORKSPACE_SID,
};
use simulator::twilio::{Credentials, Routing, SharedKey, SignatureAlgorithm, signature};
use simulator::world::World;

use super::{URL, scene};
use crate::receiver::Receiver;

const RESERVATION_CREATED: &str = "com.twilio.taskrouter.reservation.created";

async fn routing_world() -> (World, Receiver) {
    let options = Options {
        routing: Routing::ByWorkflow,
        ..Options::default()
    };
    let world = World::start(options).await.unwrap();
    let receiver = Receiver::start(&world).await;
    (world, receiver)
}

/// Removes values that differ every time. Asserts that each is a time in milliseconds.
fn without_times(event: &mut Value) {
    let pointers = [
        "/time",
        "/data/timestamp",
        "/data/payload/timestamp",
        "/data/payload/task_date_created",
        "/data/payload/task_queue_entered_date",
        "/data/payload/task_virtual_start_time",
    ];
    for pointer in pointers {
        let time = event.pointer_mut(pointer).unwrap();
        let text = time.as_str().unwrap();
        assert_eq!(text.len(), "2026-11-22T09:00:01.250Z".len(), "{pointer} is {text}");
        assert!(text.ends_with('Z') && text.contains('T'));
        *time = "…".into();
    }
}

#[tokio::test]
async fn reservation_becomes_a_cloud_event_with_typed_fields() {
    let (world, receiver) = routing_world().await;
    world.twilio.create_sink(URL, false, "reservation.created").unwrap();

    let attributes = r#"{"channelType":"web","name":"Åse"}"#;
    let task = world.twilio.create_task(attributes).unwrap();
    world.twilio.events_settled().await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    let [mut event] = <[_; 1]>::try_from(received.events()).unwrap();
    without_times(&mut event);
    let told = world.twilio.events();
    let told = told
        .iter()
        .find(|event| event.event_type == "reservation.created")
        .unwrap();
    let task = world.twilio.task(&task.sid).unwrap();
    let workers = world.twilio.workers();
    let worker = workers.iter().find(|worker| worker.sid == AI_WORKER_SID).unwrap();
    let mut payload = json!({
        "sid": told.sid,
        "eventtype": "reservation.created",
        "account_sid": ACCOUNT_SID,
        "timestamp": "…",
        "workspace_sid": WORKSPACE_SID,
        "workspace_name": "Service desk",
        "operating_unit_sid": OPERATING_UNIT_SID,
        "event_description": "reservation created",
        "resource_type": "reservation",
        "resource_sid": task.reservations[0].sid,
        "reservation_sid": task.reservations[0].sid,
        "reservation_status": "pending",
        "reservation_timeout": 86_400,
        "reservation_version": 0,
        "worker_sid": AI_WORKER_SID,
        "worker_name": "ai",
        "worker_attributes": worker.attributes,
        "worker_activity_sid": AVAILABLE_ACTIVITY_SID,
        "worker_activity_name": "Available",
        "worker_available": true,
        "worker_version": worker.version,
        "worker_channel_capacity": 50,
        "worker_channel_consumed_capacity": 1,
    });
    let task_fields = json!({
        "task_sid": task.sid,
        "task_attributes": attributes,
        "task_age": 0,
        "task_age_in_queue": 0,
        "task_date_created": "…",
        "task_priority": 0,
        "task_assignment_status": "reserved",
        "task_channel_sid": TASK_CHANNEL_SID,
        "task_channel_unique_name": "chat",
        "task_ignore_capacity": false,
        "task_queue_sid": AI_QUEUE_SID,
        "task_queue_name": "AI",
        "task_queue_entered_date": "…",
        "task_queue_target_expression": "roles HAS 'ai'",
        "task_version": task.version,
        "task_add_on_attributes": "{}",
        "task_timeout": 86_400,
        "task_virtual_start_time": "…",
        "workflow_sid": WORKFLOW_SID,
        "workflow_name": "Handoff",
    });
    payload
        .as_object_mut()
        .unwrap()
        .extend(task_fields.as_object().unwrap().clone());
    let expected = json!({
        "specversion": "1.0",
        "type": RESERVATION_CREATED,
        "source": format!("/v1/Workspaces/{WORKSPACE_SID}"),
        "id": told.cloud_event_id,
        "dataschema": "https://events-schemas.twilio.com/TaskRouter.WDSEvent/4",
        "datacontenttype": "application/json",
        "time": "…",
        "data": {
            "sid": told.sid,
            "name": "ReservationCreated",
            "account_sid": ACCOUNT_SID,
            "account_friendly_name": "Simulator",
            "parent_account_sid": ACCOUNT_SID,
            "parent_friendly_name": "Simulator",
            "timestamp": "…",
            "level": "INFO",
            "group": "reservation",
            "product_name": "TaskRouter",
            "publisher": "Service desk",
            "publisher_metadata": "{}",
            "payload_type": "application/json",
            "payload": payload,
        },
    });
    assert_eq!(event, expected);
    assert!(told.cloud_event_id.starts_with("EZ"));
}

#[tokio::test]
async fn body_is_signed_by_its_hash_in_the_url() {
    let (world, receiver, _) = scene("").await;
    world
        .twilio
        .create_sink(&format!("{URL}/two?b=%20#rc=2"), false, "")
        .unwrap();

    world.twilio.create_task(r#"{"name":"Åse"}"#).unwrap();
    world.twilio.events_settled().await;

    let auth_token = world.twilio.credentials().auth_token;
    let mut received = receiver.received();
    received.sort_by(|one, other| one.uri.cmp(&other.uri));
    for (received, start) in received.iter().zip(["/events/two?b=%20&", "/events?"]) {
        let (_, hash) = received.uri.split_once("bodySHA256=").unwrap();
        assert_eq!(received.uri, format!("{start}bodySHA256={hash}"));
        assert_eq!(hash, sha256(&received.body));
        let url = format!("https://callbacks.example.com{}", received.uri);
        assert_eq!(received.header("x-twilio-signature"), signature(&auth_token, &url, &[]));
        assert_eq!(received.header("content-type"), "application/json");
        assert_eq!(received.header("host"), "callbacks.example.com");
    }
    assert_eq!(received.len(), 2);
}

#[tokio::test]
async fn shared_key_signs_events_too() {
    let (world, receiver, _) = scene("").await;
    world.twilio.set_credentials(Credentials {
        shared_key: Some(SharedKey {
            id: "webhooks_sharedkey_1".to_owned(),
            secret: "a shared secret".to_owned(),
            algorithm: SignatureAlgorithm::HmacSha256,
        }),
        ..world.twilio.credentials()
    });

    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    let url = format!("https://callbacks.example.com{}", received.uri);
    let expected = SignatureAlgorithm::HmacSha256.signature("a shared secret", &url, &[]);
    assert_eq!(received.header("x-twilio-signature"), expected);
    assert_eq!(
        received.header("x-twilio-webhooks-signature-settings"),
        "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    );
}

#[tokio::test]
async fn user_and_password_of_the_url_become_basic_authentication() {
    let (world, receiver, _) = scene("task.deleted").await;
    let url = "https://user:pass@callbacks.example.com/events";
    world.twilio.create_sink(url, false, "task.created").unwrap();

    world.twilio.create_task("{}").unwrap();
    world.twilio.events_settled().await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    assert_eq!(received.header("authorization"), "Basic dXNlcjpwYXNz");
    assert_eq!(received.header("host"), "callbacks.example.com");
}

#[tokio::test]
async fn each_sink_gets_the_types_of_its_subscription() {
    let (world, receiver, _) = scene("task.created, task.updated").await;
    let updates = format!("{URL}/updates");
    world.twilio.create_sink(&updates, false, "task.updated").unwrap();
    assert!(
        world
            .twilio
            .create_sink("ftp://callbacks.example.com", false, "")
            .is_err()
    );

    let task = world.twilio.create_task("{}").unwrap();
    world.twilio.set_attributes(&task.sid, r#"{"a":1}"#).unwrap();
    world.twilio.reserve(&task.sid, AI_WORKER_SID).unwrap();
    world.twilio.events_settled().await;

    let mut heard: Vec<_> = receiver.received().iter().map(heard).collect();
    heard.sort();
    assert_eq!(
        heard,
        [
            "/events com.twilio.taskrouter.task.created",
            "/events com.twilio.taskrouter.task.updated",
            "/events/updates com.twilio.taskrouter.task.updated",
        ]
    );
    let ids: Vec<_> = receiver
        .received()
        .iter()
        .filter(|one| one.body.contains("task.updated"))
        .map(|one| one.events()[0]["id"].clone())
        .collect();
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn sink_with_batches_gets_the_events_of_a_change_in_one_array() {
    let (world, receiver) = routing_world().await;
    world.twilio.create_sink(URL, true, "").unwrap();
    world.twilio.create_sink(&format!("{URL}/single"), false, "").unwrap();

    world.twilio.create_task(r#"{"channelType":"web"}"#).unwrap();
    world.twilio.events_settled().await;

    let heard: Vec<_> = receiver.received().iter().map(heard).collect();
    let types = [
        "com.twilio.taskrouter.task.created",
        "com.twilio.taskrouter.workflow.entered",
        "com.twilio.taskrouter.workflow.target-matched",
        "com.twilio.taskrouter.task-queue.entered",
        "com.twilio.taskrouter.reservation.created",
    ];
    let batches: Vec<_> = heard.iter().filter(|heard| heard.starts_with("/events ")).collect();
    assert_eq!(batches, [&format!("/events {}", types.join(" "))]);
    assert_eq!(heard.len(), 1 + types.len());
}

/// The path of a request and the types of its events.
fn heard(received: &crate::receiver::Received) -> String {
    let path = received.uri.split('?').next().unwrap();
    let types = received.events().into_iter();
    let types: Vec<_> = types.map(|event| event["type"].as_str().unwrap().to_owned()).collect();
    format!("{path} {}", types.join(" "))
}

fn sha256(body: &str) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(body);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
