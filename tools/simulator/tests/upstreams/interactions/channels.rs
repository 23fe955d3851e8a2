//! Channels. They end with their conversation and tasks.

use http::Method;
use serde_json::json;
use simulator::exchange::Upstream;
use simulator::twilio::ConversationState;

use super::{Chat, get, post, url};
use crate::caller::call;
use crate::receiver::Receiver;

const CLOSED: (&str, &str) = ("Status", "closed");
const COMPLETED: (&str, &str) = ("Routing", r#"{"status":"closed"}"#);

#[tokio::test]
async fn channel_is_read_and_listed() {
    let chat = Chat::start().await;

    let read = get(&chat.world, &chat.channel).await;
    let listed = get(
        &chat.world,
        &format!("/v1/Interactions/{}/Channels", chat.interaction_sid),
    )
    .await;

    let link = |name: &str| url(&format!("{}/{name}", chat.channel));
    let resource = json!({
        "error_code": null,
        "error_message": null,
        "interaction_sid": chat.interaction_sid,
        "links": { "invites": link("Invites"), "participants": link("Participants"), "transfers": link("Transfers") },
        "sid": chat.channel().sid,
        "status": "active",
        "type": "web",
        "url": url(&chat.channel),
    });
    assert_eq!((read.status, &read.json), (200, &resource));
    assert_eq!((listed.status, &listed.json["channels"]), (200, &json!([resource])));
}

#[tokio::test]
async fn closed_channel_wraps_up_its_tasks_and_closes_the_conversation() {
    let chat = Chat::start().await;

    let closed = post(&chat.world, &chat.channel, &[CLOSED]).await;

    assert_eq!((closed.status, &closed.json["status"]), (200, &json!("closed")));
    assert_eq!(
        chat.statuses(&chat.task_sid),
        ("wrapping".to_owned(), vec!["wrapping".to_owned()])
    );
    assert_eq!(chat.conversation().state, ConversationState::Closed);

    // The agent completes the task after the channel has closed.
    let path = chat.participant_path(&chat.reservation);
    assert_eq!(post(&chat.world, &path, &[CLOSED]).await.status, 200);
    assert_eq!(
        chat.statuses(&chat.task_sid),
        ("completed".to_owned(), vec!["completed".to_owned()])
    );
}

#[tokio::test]
async fn channel_closed_with_its_routing_completes_tasks() {
    for (status, conversation) in [
        ("closed", ConversationState::Closed),
        ("inactive", ConversationState::Inactive),
    ] {
        let chat = Chat::start().await;
        let waiting = chat.world.twilio.invite(&chat.interaction_sid, "{}").unwrap();

        let closed = post(&chat.world, &chat.channel, &[("Status", status), COMPLETED]).await;

        assert_eq!((closed.status, &closed.json["status"]), (200, &json!(status)));
        assert_eq!(
            chat.statuses(&chat.task_sid),
            ("completed".to_owned(), vec!["completed".to_owned()])
        );
        assert_eq!(chat.statuses(&waiting.task_sid), ("canceled".to_owned(), vec![]));
        let reason = chat.world.twilio.task(&chat.task_sid).unwrap().reason;
        assert_eq!(reason.as_deref(), Some("Interaction channel closed"));
        assert_eq!(chat.conversation().state, conversation);
        let participants = chat.channel().participants;
        assert_eq!(participants.iter().filter(|one| one.routing.is_some()).count(), 0);
    }
}

#[tokio::test]
async fn webhook_is_told_of_a_conversation_that_flex_closes() {
    let chat = Chat::start().await;
    let receiver = Receiver::start(&chat.world).await;
    let webhook = [
        ("PostWebhookUrl", "https://callbacks.example.com/"),
        ("Filters", "onConversationStateUpdated"),
    ];
    call(
        &chat.world,
        Upstream::Conversations,
        Method::POST,
        "/v1/Configuration/Webhooks",
    )
    .form(&webhook)
    .send()
    .await;

    post(&chat.world, &chat.channel, &[CLOSED]).await;
    chat.world.twilio.events_settled().await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    let told = ["ConversationSid", "StateFrom", "StateTo", "Source"].map(|name| received.field(name));
    let sid = chat.conversation().sid;
    assert_eq!(told, [&*sid, "active", "closed", "API"].map(Some));
}

#[tokio::test]
async fn closed_channel_takes_no_invite_and_no_participant() {
    let chat = Chat::start().await;
    post(&chat.world, &chat.channel, &[CLOSED]).await;

    let invite = [("Routing", r#"{"properties":{"attributes":{}}}"#)];
    let invited = post(&chat.world, &format!("{}/Invites", chat.channel), &invite).await;
    let added = [("Type", "agent"), ("MediaProperties", "{}")];
    let added = post(&chat.world, &format!("{}/Participants", chat.channel), &added).await;

    assert_eq!([invited.refusal(), added.refusal()], [(400, 20001); 2]);
    assert_eq!(chat.channel().invites.len(), 1);
}
