//! The events that webhooks get.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Method;
use serde_json::json;
use simulator::twilio::sids::{ACCOUNT_SID, CHAT_SERVICE_SID, ROLE_SID};
use simulator::twilio::signature;
use simulator::world::World;

use super::{URL, add_webhook, fields, message, send};
use crate::caller::world;
use crate::conversations::post;
use crate::receiver::Receiver;

/// Sets the account's webhook for these events.
async fn configure(world: &World, path: &str, filters: &[&str]) {
    let mut fields = vec![("PostWebhookUrl", URL)];
    fields.extend(filters.iter().map(|filter| ("Filters", *filter)));
    assert_eq!(post(world, path, &fields).await.status, 200);
}

#[tokio::test]
async fn message_by_rest_is_sent_only_with_the_header() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let sid = world.twilio.create_conversation().sid;
    let ana = world.twilio.add_chat_participant(&sid, "ana").unwrap();
    add_webhook(&world, &sid, &["onMessageAdded"]).await;
    let path = format!("/v1/Conversations/{sid}/Messages");

    post(&world, &path, &[("Body", "Unheard")]).await;
    let heard = [("Author", "ana"), ("Body", "Hei & hå"), ("Attributes", r#"{"a":1}"#)];
    let heard = send(&world, Method::POST, &path, &heard).await.json;
    world.twilio.events_settled().await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    let date = received.field("DateCreated").unwrap();
    let expected = BTreeMap::from([
        ("AccountSid", ACCOUNT_SID),
        ("Attributes", r#"{"a":1}"#),
        ("Author", "ana"),
        ("Body", "Hei & hå"),
        ("ConversationSid", &sid),
        ("DateCreated", date),
        ("EventType", "onMessageAdded"),
        ("Index", "1"),
        ("MessageSid", heard["sid"].as_str().unwrap()),
        ("ParticipantSid", &ana.sid),
        ("RetryCount", "0"),
        ("Source", "API"),
    ]);
    assert_eq!(fields(&received), expected);
    assert_eq!((date.len(), &date[23..]), ("2026-11-30T02:00:00.000Z".len(), "Z"));
    let auth_token = world.twilio.credentials().auth_token;
    assert_eq!(
        received.header("x-twilio-signature"),
        signature(&auth_token, URL, &received.fields)
    );
    let form = "application/x-www-form-urlencoded; charset=UTF-8";
    assert_eq!(received.header("content-type"), form);
}

/// The names of the parameters beside those that every event has.
const CONVERSATION: &[&str] = &[
    "Attributes",
    "ChatServiceSid",
    "DateCreated",
    "DateUpdated",
    "FriendlyName",
    "State",
];
const MESSAGE: &[&str] = &["Attributes", "Author", "Body", "DateCreated", "Index", "MessageSid"];
const PARTICIPANT: &[&str] = &[
    "Attributes",
    "DateCreated",
    "Identity",
    "MessagingBinding.Type",
    "ParticipantSid",
    "RoleSid",
];

#[tokio::test]
async fn each_change_is_told_with_its_parameters() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let expected = [
        ("onConversationAdded", CONVERSATION, &[][..]),
        ("onParticipantAdded", PARTICIPANT, &[]),
        (
            "onParticipantUpdated",
            PARTICIPANT,
            &["DateUpdated", "LastReadMessageIndex"],
        ),
        ("onParticipantRemoved", PARTICIPANT, &["DateRemoved", "DateUpdated"]),
        ("onMessageAdded", MESSAGE, &[]),
        ("onMessageUpdated", MESSAGE, &["DateUpdated"]),
        ("onMessageRemoved", MESSAGE, &["DateRemoved", "DateUpdated"]),
        ("onConversationUpdated", CONVERSATION, &[]),
        (
            "onConversationStateUpdated",
            &["ChatServiceSid", "Reason", "StateFrom", "StateTo", "StateUpdated"],
            &[],
        ),
        ("onConversationRemoved", CONVERSATION, &["DateRemoved"]),
    ];
    configure(
        &world,
        "/v1/Configuration/Webhooks",
        &expected.map(|(event_type, ..)| event_type),
    )
    .await;
    let new = [("FriendlyName", "Ana")];
    let conversation = send(&world, Method::POST, "/v1/Conversations", &new).await.json;
    let path = format!("/v1/Conversations/{}", conversation["sid"].as_str().unwrap());
    let list = format!("{path}/Participants");
    let participant = send(&world, Method::POST, &list, &[("Identity", "ana")]).await.json;
    let participant = format!("{list}/{}", participant["sid"].as_str().unwrap());
    send(&world, Method::POST, &participant, &[("LastReadMessageIndex", "4")]).await;
    send(&world, Method::DELETE, &participant, &[]).await;
    let list = format!("{path}/Messages");
    let message = send(&world, Method::POST, &list, &[("Body", "Hello")]).await.json;
    let message = format!("{list}/{}", message["sid"].as_str().unwrap());
    send(&world, Method::POST, &message, &[("Body", "Hello!")]).await;
    send(&world, Method::DELETE, &message, &[]).await;
    send(&world, Method::POST, &path, &[("State", "inactive")]).await;
    send(&world, Method::DELETE, &path, &[]).await;
    world.twilio.events_settled().await;

    let told = receiver.received();
    let told: BTreeMap<&str, Vec<&str>> = told
        .iter()
        .map(|received| {
            (
                received.field("EventType").unwrap(),
                fields(received).into_keys().collect(),
            )
        })
        .collect();
    let common = ["AccountSid", "ConversationSid", "EventType", "RetryCount", "Source"];
    let expected: BTreeMap<&str, Vec<&str>> = expected
        .map(|(event_type, names, further)| {
            let mut names = [&common[..], names, further].concat();
            names.sort_unstable();
            (event_type, names)
        })
        .into();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn webhooks_of_account_service_and_conversation_get_the_same_event() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    configure(&world, "/v1/Configuration/Webhooks", &["onParticipantAdded"]).await;
    let of_service = format!("/v1/Services/{CHAT_SERVICE_SID}/Configuration/Webhooks");
    configure(&world, &of_service, &["onParticipantAdded"]).await;
    let sid = world.twilio.create_conversation().sid;
    add_webhook(&world, &sid, &["onParticipantAdded"]).await;
    add_webhook(&world, &sid, &["onMessageAdded"]).await;

    let binding = json!({"type": "sms", "address": "+471", "proxy_address": "+472"});
    let participant = world.twilio.add_outside_participant(&sid, binding).unwrap();
    world.twilio.events_settled().await;

    let received = receiver.received();
    let expected = BTreeMap::from([
        ("AccountSid", ACCOUNT_SID),
        ("Attributes", "{}"),
        ("ConversationSid", &sid),
        ("DateCreated", received[0].field("DateCreated").unwrap()),
        ("EventType", "onParticipantAdded"),
        ("MessagingBinding.Address", "+471"),
        ("MessagingBinding.ProxyAddress", "+472"),
        ("MessagingBinding.Type", "SMS"),
        ("ParticipantSid", &participant.sid),
        ("RetryCount", "0"),
        ("RoleSid", ROLE_SID),
        ("Source", "SDK"),
    ]);
    assert_eq!(received.iter().map(fields).collect::<Vec<_>>(), vec![expected; 3]);
}

#[tokio::test]
async fn message_names_the_source_of_its_author() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let sid = world.twilio.create_conversation().sid;
    world.twilio.add_chat_participant(&sid, "ana").unwrap();
    let binding = json!({"type": "whatsapp", "address": "whatsapp:+471", "proxy_address": "whatsapp:+472"});
    world.twilio.add_outside_participant(&sid, binding).unwrap();
    add_webhook(&world, &sid, &["onMessageAdded"]).await;

    for author in ["ana", "whatsapp:+471"] {
        world.twilio.post_message(&sid, message(author)).unwrap();
        world.twilio.events_settled().await;
    }

    let received = receiver.received();
    let sources = received
        .iter()
        .map(|one| (one.field("Source"), one.field("ClientIdentity")));
    let expected = [(Some("SDK"), Some("ana")), (Some("WHATSAPP"), None)];
    assert_eq!(sources.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn timer_and_message_change_the_state_with_a_reason() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    configure(&world, "/v1/Configuration/Webhooks", &["onConversationStateUpdated"]).await;
    let timer = [("Timers.Inactive", "PT1M"), ("State", "active")];
    let sid = post(&world, "/v1/Conversations", &timer).await.json["sid"].clone();
    let sid = sid.as_str().unwrap();

    world.advance(Duration::from_secs(61));
    world.twilio.events_settled().await;
    world.twilio.post_message(sid, message("ana")).unwrap();
    world.twilio.events_settled().await;
    world.twilio.close_conversation(sid).unwrap();
    world.twilio.events_settled().await;

    let received = receiver.received();
    let told = received
        .iter()
        .map(|one| ["StateFrom", "StateTo", "Reason"].map(|name| one.field(name).unwrap()));
    let expected = [
        ["active", "inactive", "TIMER"],
        ["inactive", "active", "EVENT"],
        ["active", "closed", "API"],
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}
