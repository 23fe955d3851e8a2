//! A story with every request that the functions and other programs send to the simulated Twilio.

use end_to_end::{SESSION_ID, Scene};
use http::Method;
use serde_json::{Value, json};
use simulator::exchange::{Exchange, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::loopback;
use simulator::twilio::sids::{ACCOUNT_SID, AI_WORKER_SID, WORKSPACE_SID};
use simulator::twilio::{Credentials, ReservationStatus};
use simulator::world::{AUTO_CLOSE, HANDOFF, TASK_EVENTS};

use crate::deferred;
use crate::webhook::{no_content, tell};

/// Plays the story and returns all exchanges with Twilio.
pub(super) async fn play() -> Vec<Exchange> {
    let scene = Scene::with(|options| options.queue = true).await;
    functions(&scene).await;
    programs(&scene).await;
    refusals(&scene).await;
    let mut exchanges = scene.exchanges();
    exchanges.retain(|exchange| {
        matches!(
            exchange.upstream,
            Upstream::TaskRouter | Upstream::Conversations | Upstream::Flex
        )
    });
    exchanges
}

/// The functions' part: a handoff with and without races and repeats, events, a wrap-up and a message about a deleted
/// task.
async fn functions(scene: &Scene) {
    let twilio = &scene.world.twilio;
    let race = {
        let (twilio, task) = (twilio.clone(), scene.task_sid.clone());
        Effect::run(move || drop(twilio.set_priority(&task, 7)))
    };
    scene
        .world
        .faults
        .add(Fault::at(Upstream::TaskRouter).method(Method::POST).before(race));
    for event_type in ["task.created", "reservation.created"] {
        assert_eq!(tell(scene, TASK_EVENTS, event_type).await, no_content());
    }
    for (reservation_sid, expected) in [(Some(&scene.reservation_sid), "posted"), (None, "already-posted")] {
        assert_eq!(hand_over(scene, reservation_sid).await["note"], expected);
    }
    let binding = json!({ "type": "sms", "address": "+4712345678", "proxy_address": "+4787654321" });
    twilio
        .add_outside_participant(&scene.conversation_sid, binding)
        .unwrap();
    let again = twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid;
    assert_eq!(hand_over(scene, Some(&again)).await["note"], "withheld");

    scene.set_attributes("{}");
    let resolved = twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid;
    for status in [ReservationStatus::Accepted, ReservationStatus::Wrapping] {
        twilio.move_reservation(&resolved, status).unwrap();
    }
    assert_eq!(tell(scene, AUTO_CLOSE, "task.wrapup").await, no_content());
    assert_eq!(tell(scene, AUTO_CLOSE, "task.wrapup").await, no_content());

    let gone = twilio
        .create_task(&json!({ "session_id": SESSION_ID }).to_string())
        .unwrap()
        .sid;
    twilio.delete_task(&gone).unwrap();
    assert_eq!(
        deferred::deliver(scene, &[(&deferred::sync_of(&gone), 1)]).await,
        [0; 0]
    );
}

async fn hand_over(scene: &Scene, reservation_sid: Option<&String>) -> Value {
    let request = json!({
        "taskSid": scene.task_sid,
        "reservationSid": reservation_sid,
        "reason": "wants to cancel",
        "summary": "Asked for it twice.",
        "sentiment": "negative",
        "language": "en",
    });
    let invocation = scene
        .world
        .lambda
        .invoke(HANDOFF, request.to_string().into_bytes())
        .await;
    end_to_end::outcome(&invocation).expect("a handoff")
}

/// The requests of other programs.
async fn programs(scene: &Scene) {
    let tasks = format!("/v1/Workspaces/{WORKSPACE_SID}/Tasks");
    let created = call(
        scene,
        Method::POST,
        &tasks,
        &[("Attributes", r#"{"a":1}"#), ("Priority", "3")],
    )
    .await;
    let task = format!("{tasks}/{}", created["sid"].as_str().expect("a SID"));
    for query in [
        "",
        "?PageSize=1",
        "?PageSize=1&Page=1&PageToken=PA0",
        "?AssignmentStatus=pending",
    ] {
        call(scene, Method::GET, &format!("{tasks}{query}"), &[]).await;
    }
    call(scene, Method::POST, &task, &[("Attributes", "{}")]).await;
    call(scene, Method::POST, &task, &[("Priority", "5")]).await;
    let sid = created["sid"].as_str().expect("a SID");
    let reservation = scene.world.twilio.reserve(sid, AI_WORKER_SID).unwrap().sid;
    for query in [
        "".to_owned(),
        format!("?WorkerSid={AI_WORKER_SID}&ReservationStatus=pending&PageSize=1000"),
    ] {
        call(scene, Method::GET, &format!("{task}/Reservations{query}"), &[]).await;
    }
    let reservation = format!("{task}/Reservations/{reservation}");
    call(scene, Method::GET, &reservation, &[]).await;
    for status in ["accepted", "wrapping", "completed"] {
        call(scene, Method::POST, &reservation, &[("ReservationStatus", status)]).await;
    }
    call(scene, Method::GET, &task, &[]).await;
    call(scene, Method::DELETE, &task, &[]).await;

    let conversation = format!("/v1/Conversations/{}", scene.conversation_sid);
    call(scene, Method::GET, &conversation, &[]).await;
    let participants = format!("{conversation}/Participants");
    call(scene, Method::POST, &participants, &[("Identity", "rep")]).await;
    let whatsapp = [
        ("MessagingBinding.Address", "whatsapp:+4712345678"),
        ("MessagingBinding.ProxyAddress", "whatsapp:+4787654321"),
    ];
    call(scene, Method::POST, &participants, &whatsapp).await;
    call(scene, Method::GET, &format!("{participants}?PageSize=1"), &[]).await;
    let messages = format!("{conversation}/Messages");
    let posted = call(
        scene,
        Method::POST,
        &messages,
        &[("Author", "rep"), ("Body", "Hello"), ("Attributes", "{}")],
    )
    .await;
    let message = format!("{messages}/{}", posted["sid"].as_str().expect("a SID"));
    for query in ["", "?Order=desc&PageSize=1", "?Order=asc&PageSize=100"] {
        call(scene, Method::GET, &format!("{messages}{query}"), &[]).await;
    }
    // The second delete finds no message.
    for _ in 0..2 {
        call(scene, Method::DELETE, &message, &[]).await;
    }
    call(scene, Method::POST, &conversation, &[("Attributes", r#"{"a":1}"#)]).await;
    call(scene, Method::POST, &conversation, &[("State", "closed")]).await;
}

/// Requests that Twilio refuses.
async fn refusals(scene: &Scene) {
    let tasks = format!("/v1/Workspaces/{WORKSPACE_SID}/Tasks");
    let nobody = "0".repeat(32);
    for path in [
        format!("{tasks}/WT{nobody}"),
        format!("{tasks}/WT{nobody}/Reservations"),
        format!("{tasks}/{}/Reservations/WR{nobody}", scene.task_sid),
        format!("/v1/Conversations/CH{nobody}"),
    ] {
        call(scene, Method::GET, &path, &[]).await;
    }
    let task = format!("{tasks}/{}", scene.task_sid);
    call(scene, Method::POST, &task, &[("Attributes", "[]")]).await;
    call(scene, Method::POST, &task, &[("AssignmentStatus", "wrapping")]).await;
    let messages = format!("/v1/Conversations/{}/Messages", scene.conversation_sid);
    call(scene, Method::POST, &messages, &[("Body", "too late")]).await;
    scene.world.twilio.set_credentials(Credentials {
        api_keys: [].into(),
        ..scene.world.twilio.credentials()
    });
    assert_ne!(tell(scene, AUTO_CLOSE, "task.wrapup").await, no_content());
}

/// An authenticated request to TaskRouter or Conversations.
async fn call(scene: &Scene, method: Method, path: &str, fields: &[(&str, &str)]) -> Value {
    let upstream = if path.starts_with("/v1/Conversations") {
        Upstream::Conversations
    } else {
        Upstream::TaskRouter
    };
    let url = format!("{}{path}", scene.world.server(upstream).url());
    let mut request = loopback::client().request(method, url);
    if !fields.is_empty() {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
    }
    let token = scene.world.twilio.credentials().auth_token;
    let response = request
        .basic_auth(ACCOUNT_SID, Some(token))
        .send()
        .await
        .expect("an answer");
    serde_json::from_slice(&response.bytes().await.expect("a body")).unwrap_or_default()
}
