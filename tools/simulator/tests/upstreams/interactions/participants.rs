//! Participants: customers and agents. Agents join with an accepted reservation and leave again.

use serde_json::json;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{ConversationState, ReservationStatus};

use super::{Chat, accept, get, post, url};

#[tokio::test]
async fn accepted_reservation_brings_its_worker_into_the_conversation() {
    let chat = Chat::start().await;

    let listed = get(&chat.world, &format!("{}/Participants", chat.channel)).await;

    let channel = chat.channel();
    let participant = |place: usize, kind: &str, routing: serde_json::Value| {
        let sid = &channel.participants[place].sid;
        json!({
            "channel_sid": channel.sid,
            "interaction_sid": chat.interaction_sid,
            "routing_properties": routing,
            "sid": sid,
            "type": kind,
            "url": url(&format!("{}/Participants/{sid}", chat.channel)),
        })
    };
    let routing = json!({
        "task_sid": chat.task_sid, "worker_sid": AI_WORKER_SID, "reservation_sid": chat.reservation.sid,
    });
    let expected = json!([
        participant(0, "customer", json!(null)),
        participant(1, "agent", routing)
    ]);
    assert_eq!((listed.status, &listed.json["participants"]), (200, &expected));
    assert_eq!(chat.identities(), ["ana", "ai"]);
}

#[tokio::test]
async fn participants_are_listed_page_by_page() {
    let chat = Chat::start().await;
    let path = format!("{}/Participants", chat.channel);

    let first = get(&chat.world, &format!("{path}?PageSize=1")).await.json;
    let next = first["meta"]["next_page_url"].as_str().unwrap();
    let second = get(&chat.world, next.strip_prefix("https://flex-api.twilio.com").unwrap())
        .await
        .json;

    let types = [&first, &second].map(|page| page["participants"][0]["type"].as_str().unwrap().to_owned());
    assert_eq!(types, ["customer", "agent"]);
    assert_eq!(second["meta"]["next_page_url"], json!(null));
}

#[tokio::test]
async fn closed_participant_completes_its_task_and_the_conversation_goes_on() {
    let chat = Chat::start().await;
    let invite = chat
        .world
        .twilio
        .invite(&chat.interaction_sid, r#"{"handedOff":true}"#)
        .unwrap();
    let path = chat.participant_path(&chat.reservation);

    let closed = post(&chat.world, &path, &[("Status", "closed")]).await;
    let again = post(&chat.world, &path, &[("Status", "closed")]).await;

    assert_eq!((closed.status, &closed.json["type"]), (200, &json!("agent")));
    assert_eq!(again.refusal(), (404, 20404));
    assert_eq!(
        chat.statuses(&chat.task_sid),
        ("completed".to_owned(), vec!["completed".to_owned()])
    );
    assert_eq!(chat.statuses(&invite.task_sid), ("pending".to_owned(), vec![]));
    assert_eq!(
        (chat.channel().participants.len(), chat.identities()),
        (1, vec!["ana".to_owned()])
    );
    assert_eq!(chat.conversation().state, ConversationState::Active);
    let channel = get(&chat.world, &chat.channel).await.json;
    assert_eq!(channel["status"], "active");

    // The human agent joins through the new task.
    let offer = chat.world.twilio.reserve(&invite.task_sid, REP_WORKER_SID).unwrap();
    accept(&chat.world, &offer).await;
    assert_eq!(chat.identities(), ["ana", "Sam"]);
    chat.world.twilio.leave_interaction(&offer.sid).unwrap();
    assert_eq!(
        chat.statuses(&invite.task_sid),
        ("completed".to_owned(), vec!["completed".to_owned()])
    );
    assert_eq!(chat.identities(), ["ana"]);
}

#[tokio::test]
async fn participant_in_wrap_up_has_left_and_can_still_be_closed() {
    let chat = Chat::start().await;
    let path = chat.participant_path(&chat.reservation);

    let wrapped_up = post(&chat.world, &path, &[("Status", "wrapup")]).await;
    let wrapping = (chat.statuses(&chat.task_sid), chat.identities());
    let again = post(&chat.world, &path, &[("Status", "wrapup")]).await;
    let closed = post(&chat.world, &path, &[("Status", "closed")]).await;

    assert_eq!(wrapping.0, ("wrapping".to_owned(), vec!["wrapping".to_owned()]));
    assert_eq!(wrapping.1, ["ana"]);
    assert_eq!(
        (wrapped_up.status, again.refusal(), closed.status),
        (200, (400, 20001), 200)
    );
    assert_eq!(chat.reservation_status(&chat.reservation), ReservationStatus::Completed);
}

#[tokio::test]
async fn participant_is_added_by_request() {
    let chat = Chat::start().await;
    let path = format!("{}/Participants", chat.channel);

    let fields = [("Type", "supervisor"), ("MediaProperties", r#"{"identity":"boss"}"#)];
    let added = post(&chat.world, &path, &fields).await;

    assert_eq!((added.status, &added.json["type"]), (200, &json!("supervisor")));
    assert_eq!(chat.identities(), ["ana", "ai", "boss"]);
}
