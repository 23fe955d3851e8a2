//! Conversations, participants and messages.

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::twilio::{ConversationState, NewMessage};
use simulator::world::World;

use crate::caller::{Call, call, world};

fn get(world: &World, path: &str) -> Call {
    call(world, Upstream::Conversations, Method::GET, path)
}

fn post(world: &World, path: &str, fields: &[(&str, &str)]) -> Call {
    call(world, Upstream::Conversations, Method::POST, path).form(fields)
}

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
    .send()
    .await;
    let reply = post(&world, &messages, &[("Author", "ana"), ("Body", "Hi")])
        .send()
        .await;

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
    let first = post(&world, &messages, &[("Body", "one")]).send().await;
    let path = format!("{messages}/{}", first.json["sid"].as_str().unwrap());
    let delete = || call(&world, Upstream::Conversations, Method::DELETE, &path);

    assert_eq!(delete().send().await.status, 204);
    let again = delete().send().await;
    let second = post(&world, &messages, &[("Body", "two")]).send().await;

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
    let page = get(&world, &format!("{path}?Order=desc&PageSize=2")).send().await.json;
    // A message that arrives between two pages moves neither of them.
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
    let next = get(&world, &next).send().await.json;
    let oldest_first = get(&world, &path).send().await.json;

    assert_eq!(bodies(&page), ["three", "two"]);
    assert_eq!(bodies(&next), ["one"]);
    assert_eq!(bodies(&oldest_first), ["one", "two", "three", "four"]);
}

#[tokio::test]
async fn a_page_has_at_most_100_messages() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;

    let page = get(&world, &format!("/v1/Conversations/{sid}/Messages?PageSize=1000"))
        .send()
        .await
        .json;

    assert_eq!(page["meta"]["page_size"], 100);
}

#[tokio::test]
async fn a_participant_is_a_chat_user_or_has_a_binding() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}/Participants");

    post(&world, &path, &[("Identity", "ana")]).send().await;
    let address = [
        ("MessagingBinding.Address", "whatsapp:+471"),
        ("MessagingBinding.ProxyAddress", "whatsapp:+472"),
    ];
    post(&world, &path, &address).send().await;
    let nobody = post(&world, &path, &[]).send().await;
    world
        .twilio
        .add_outside_participant(&sid, json!({"type": "sms", "address": "+471"}))
        .unwrap();
    let participants = get(&world, &path).send().await.json["participants"].clone();

    assert_eq!(nobody.refusal(), (400, 20001));
    assert_eq!(participants[0]["messaging_binding"], Value::Null);
    let whatsapp = json!({"type": "whatsapp", "address": "whatsapp:+471", "proxy_address": "whatsapp:+472"});
    assert_eq!(participants[1]["messaging_binding"], whatsapp);
    assert_eq!(participants[2]["messaging_binding"]["type"], "sms");
}

#[tokio::test]
async fn a_closed_conversation_takes_no_message_and_a_missing_one_is_not_found() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}");
    let messages = format!("{path}/Messages");

    let closed = post(&world, &path, &[("State", "closed")]).send().await;
    let refused = post(&world, &messages, &[("Body", "Hello")]).send().await;
    let still_readable = get(&world, &messages).send().await;
    world.twilio.delete_conversation(&sid).unwrap();
    let gone = post(&world, &messages, &[("Body", "Hello")]).send().await;

    assert_eq!(closed.json["state"], "closed");
    assert_eq!(refused.refusal(), (400, 50377));
    assert_eq!(still_readable.status, 200);
    assert_eq!(gone.refusal(), (404, 20404));
}

#[tokio::test]
async fn a_body_is_as_long_as_its_readers_channels_carry() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}/Messages");
    let body = "é".repeat(1_601);

    let in_chat = post(&world, &path, &[("Body", &body)]).send().await;
    world
        .twilio
        .add_outside_participant(&sid, json!({"type": "sms", "address": "+471"}))
        .unwrap();
    let outside = post(&world, &path, &[("Body", &body)]).send().await;

    assert_eq!(in_chat.status, 201);
    assert_eq!(outside.refusal(), (400, 50504));
}

#[tokio::test]
async fn a_message_wakes_an_inactive_conversation() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}");

    post(&world, &path, &[("State", "inactive")]).send().await;
    post(&world, &format!("{path}/Messages"), &[("Body", "Hello")])
        .send()
        .await;

    assert_eq!(
        world.twilio.conversation(&sid).unwrap().state,
        ConversationState::Active
    );
}
