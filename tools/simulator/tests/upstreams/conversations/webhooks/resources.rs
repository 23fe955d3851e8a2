//! The resources `Webhooks` and `Configuration/Webhooks`.

use serde_json::{Value, json};
use simulator::twilio::sids::{ACCOUNT_SID, CHAT_SERVICE_SID};

use super::{URL, add_webhook};
use crate::caller::world;
use crate::conversations::{delete, get, post};

#[tokio::test]
async fn webhook_of_a_conversation_is_created_read_changed_and_deleted() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}/Webhooks");

    let created = add_webhook(&world, &sid, &["onMessageAdded", "onParticipantAdded"]).await;
    let own_path = format!("{path}/{}", created.json["sid"].as_str().unwrap());
    let list = get(&world, &path).await;
    let change = [
        ("Configuration.Method", "GET"),
        ("Configuration.Filters", "onMessageRemoved"),
    ];
    let changed = post(&world, &own_path, &change).await;
    let read = get(&world, &own_path).await;
    let deleted = delete(&world, &own_path).await;

    let expected = json!({
        "account_sid": ACCOUNT_SID,
        "configuration": { "filters": ["onMessageAdded", "onParticipantAdded"], "method": "post", "url": URL },
        "conversation_sid": sid,
        "date_created": created.json["date_created"],
        "date_updated": created.json["date_created"],
        "sid": created.json["sid"],
        "target": "webhook",
        "url": format!("https://conversations.twilio.com{own_path}"),
    });
    assert_eq!((created.status, &created.json), (201, &expected));
    assert_eq!(list.json["webhooks"], json!([expected]));
    let configuration = json!({ "filters": ["onMessageRemoved"], "method": "get", "url": URL });
    assert_eq!(changed.json["configuration"], configuration);
    assert_eq!(read.json, changed.json);
    assert_eq!(deleted.status, 204);
    assert_eq!(get(&world, &own_path).await.refusal(), (404, 20404));
}

#[tokio::test]
async fn conversation_has_at_most_five_webhooks() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;

    for _ in 0..5 {
        assert_eq!(add_webhook(&world, &sid, &[]).await.status, 201);
    }

    assert_eq!(add_webhook(&world, &sid, &[]).await.refusal(), (400, 50361));
}

#[tokio::test]
async fn account_and_service_have_a_webhook_each() {
    let world = world().await;
    let of_service = format!("/v1/Services/{CHAT_SERVICE_SID}/Configuration/Webhooks");
    let of_account = "/v1/Configuration/Webhooks";
    let fields = [
        ("PostWebhookUrl", URL),
        ("Method", "GET"),
        ("Filters", "onMessageAdded"),
        ("Filters", "onConversationAdded"),
    ];

    let before = get(&world, &of_service).await;
    let service = post(&world, &of_service, &fields).await;
    let account = post(&world, of_account, &[("PostWebhookUrl", URL), ("Target", "webhook")]).await;

    let unset = json!({
        "account_sid": ACCOUNT_SID,
        "chat_service_sid": CHAT_SERVICE_SID,
        "filters": null,
        "method": "POST",
        "post_webhook_url": null,
        "pre_webhook_url": null,
        "url": format!("https://conversations.twilio.com{of_service}"),
    });
    assert_eq!(before.json, unset);
    let mut set = unset.clone();
    set["filters"] = json!(["onMessageAdded", "onConversationAdded"]);
    set["method"] = "GET".into();
    set["post_webhook_url"] = URL.into();
    assert_eq!(service.json, set);
    assert_eq!(get(&world, &of_service).await.json, set);
    let expected = json!({
        "account_sid": ACCOUNT_SID,
        "filters": null,
        "method": "POST",
        "post_webhook_url": URL,
        "pre_webhook_url": null,
        "target": "webhook",
        "url": "https://conversations.twilio.com/v1/Configuration/Webhooks",
    });
    assert_eq!(account.json, expected);
    assert_eq!(get(&world, of_account).await.json, expected);
}

#[tokio::test]
async fn unsupported_webhook_is_refused_by_name() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let scoped = format!("/v1/Conversations/{sid}/Webhooks");
    let account = "/v1/Configuration/Webhooks".to_owned();
    let service = format!("/v1/Services/{CHAT_SERVICE_SID}/Configuration/Webhooks");
    let url = ("Configuration.Url", URL);

    for (path, fields, named) in [
        (&scoped, vec![("Target", "studio")], "webhooks with target studio"),
        (&scoped, vec![("Target", "trigger")], "webhooks with target trigger"),
        (
            &scoped,
            vec![
                ("Target", "webhook"),
                url,
                ("Configuration.Filters", "onDeliveryUpdated"),
            ],
            "onDeliveryUpdated",
        ),
        (&account, vec![("Target", "flex")], "webhooks with target flex"),
        (&account, vec![("PreWebhookUrl", URL)], "PreWebhookUrl"),
        (&service, vec![("Filters", "onMessageAdd")], "onMessageAdd"),
    ] {
        let refused = post(&world, path, &fields).await;
        assert_eq!(refused.refusal(), (400, 20001), "{named}");
        let message = format!("Not simulated: {named}. See docs/simulator.md");
        assert_eq!(refused.json["message"], message);
    }
    assert_eq!(get(&world, &scoped).await.json["webhooks"], json!([]));
    assert_eq!(get(&world, &account).await.json["filters"], Value::Null);
}

#[tokio::test]
async fn invalid_webhook_is_refused() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}/Webhooks");
    let webhook = ("Target", "webhook");
    let url = ("Configuration.Url", URL);

    for fields in [
        vec![url],
        vec![("Target", "pigeon"), url],
        vec![webhook],
        vec![webhook, ("Configuration.Url", "callbacks.example.com")],
        vec![webhook, url, ("Configuration.Method", "PUT")],
        vec![webhook, url, ("Configuration.Filters", "onMessageSent")],
        vec![webhook, url, ("Configuration.ReplayAfter", "first")],
    ] {
        assert_eq!(post(&world, &path, &fields).await.refusal(), (400, 20001), "{fields:?}");
    }
    assert_eq!(get(&world, &path).await.json["webhooks"], json!([]));
}
