//! Messages.

use serde_json::{Value, json};
use simulator::twilio::{ConversationState, NewMessage};

use super::{delete, get, post};
use crate::caller::world;

#[tokio::test]
async fn a_message_is_posted_with_its_attributes() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let messages = format!("/v1/Conversations/{sid}/Messages");
    world.twilio.add_chat_participant(&sid, "ana").unwrap();

    let note = post(
        &world,
        &messages,
        &[("Body", "Hello"), ("Attributes", r#"{"handoff":{}}"#)],
    )
    .await;
    let reply = post(&world, &messages, &[("Author", "ana"), ("Body", "Hi")]).await;

    assert_eq!(note.status, 201);
    assert_eq!(
        [&note.json["author"], &note.json["index"]],
        [&json!("system"), &json!(0)]
    );
    assert_eq!(note.json["attributes"], r#"{"handoff":{}}"#);
    assert_eq!(note.json["participant_sid"], Value::Null);
    let conversation = world.twilio.conversation(&sid).unwrap();
    assert_eq!(reply.json["participant_sid"], conversation.participants[0].sid);
    assert_eq!(conversation.messages.len(), 2);
}

#[tokio::test]
async fn a_message_that_is_deleted_is_gone_and_its_index_is_not_used_again() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let messages = format!("/v1/Conversations/{sid}/Messages");
    let first = post(&world, &messages, &[("Body", "one")]).await;
    let path = format!("{messages}/{}", first.json["sid"].as_str().unwrap());
    let delete_it = || delete(&world, &path);

    assert_eq!(delete_it().await.status, 204);
    let again = delete_it().await;
    let second = post(&world, &messages, &[("Body", "two")]).await;

    assert_eq!(
        (again.status, &again.json["code"]),
        (404.try_into().unwrap(), &json!(20404))
    );
    assert_eq!(second.json["index"], 1);
}

#[tokio::test]
async fn the_newest_messages_come_first_when_asked_for() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    for body in ["one", "two", "three"] {
        world
            .twilio
            .post_message(
                &sid,
                NewMessage {
                    body: body.to_owned(),
                    ..NewMessage::default()
                },
            )
            .unwrap();
    }
    let bodies = |page: &Value| {
        let messages = page["messages"].as_array().unwrap().clone();
        messages
            .iter()
            .map(|message| message["body"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };

    let path = format!("/v1/Conversations/{sid}/Messages");
    let page = get(&world, &format!("{path}?Order=desc&PageSize=2")).await.json;
    // A message that arrives between two pages doesn't shift the pages.
    world
        .twilio
        .post_message(
            &sid,
            NewMessage {
                body: "four".to_owned(),
                ..NewMessage::default()
            },
        )
        .unwrap();
    let next = page["meta"]["next_page_url"]
        .as_str()
        .unwrap()
        .replace("https://conversations.twilio.com", "");
    let next = get(&world, &next).await.json;
    let oldest_first = get(&world, &path).await.json;

    assert_eq!(bodies(&page), ["three", "two"]);
    assert_eq!(bodies(&next), ["one"]);
    assert_eq!(bodies(&oldest_first), ["one", "two", "three", "four"]);
}

#[tokio::test]
async fn a_page_has_at_most_100_messages() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;

    let page = get(&world, &format!("/v1/Conversations/{sid}/Messages?PageSize=1000"))
        .await
        .json;

    assert_eq!(page["meta"]["page_size"], 100);
}

#[tokio::test]
async fn a_body_is_as_long_as_its_readers_channels_carry() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}/Messages");
    let body = "é".repeat(1_601);

    let in_chat = post(&world, &path, &[("Body", &body)]).await;
    world
        .twilio
        .add_outside_participant(&sid, json!({"type": "sms", "address": "+471"}))
        .unwrap();
    let outside = post(&world, &path, &[("Body", &body)]).await;

    assert_eq!(in_chat.status, 201);
    assert_eq!(outside.refusal(), (400, 50504));
}

#[tokio::test]
async fn a_message_wakes_an_inactive_conversation() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}");

    post(&world, &path, &[("State", "inactive")]).await;
    post(&world, &format!("{path}/Messages"), &[("Body", "Hello")]).await;

    assert_eq!(
        world.twilio.conversation(&sid).unwrap().state,
        ConversationState::Active
    );
}

#[tokio::test]
async fn a_message_can_be_read_and_edited() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let messages = format!("/v1/Conversations/{sid}/Messages");
    let posted = post(&world, &messages, &[("Author", "ana"), ("Body", "Helo")]).await;
    let path = format!("{messages}/{}", posted.json["sid"].as_str().unwrap());

    let edited = post(&world, &path, &[("Body", "Hello"), ("Attributes", "[1]")]).await;
    let fetched = get(&world, &path).await;
    let malformed = post(&world, &path, &[("Body", "Bye"), ("Attributes", "{")]).await;
    let missing = get(&world, &format!("{messages}/IM{}", "0".repeat(32))).await;

    assert_eq!(posted.json["date_updated"], Value::Null);
    assert_eq!(fetched.json, edited.json);
    assert_eq!(
        [&edited.json["author"], &edited.json["body"], &edited.json["attributes"]],
        [&json!("ana"), &json!("Hello"), &json!("[1]")]
    );
    assert!(edited.json["date_updated"].is_string());
    assert_eq!(malformed.refusal(), (400, 20001));
    assert_eq!(get(&world, &path).await.json["body"], "Hello");
    assert_eq!(missing.refusal(), (404, 20404));
}
