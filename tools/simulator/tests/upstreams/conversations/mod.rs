//! Conversations and their participants.

mod messages;
mod webhooks;

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::world::World;

use crate::caller::{Answer, call, world};
use crate::described::described;

async fn get(world: &World, path: &str) -> Answer {
    described(world, call(world, Upstream::Conversations, Method::GET, path)).await
}

async fn post(world: &World, path: &str, fields: &[(&str, &str)]) -> Answer {
    described(
        world,
        call(world, Upstream::Conversations, Method::POST, path).form(fields),
    )
    .await
}

async fn delete(world: &World, path: &str) -> Answer {
    described(world, call(world, Upstream::Conversations, Method::DELETE, path)).await
}

#[tokio::test]
async fn a_participant_is_a_chat_user_or_has_a_binding() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}/Participants");

    post(&world, &path, &[("Identity", "ana")]).await;
    let address = [
        ("MessagingBinding.Address", "whatsapp:+471"),
        ("MessagingBinding.ProxyAddress", "whatsapp:+472"),
    ];
    post(&world, &path, &address).await;
    let nobody = post(&world, &path, &[]).await;
    world
        .twilio
        .add_outside_participant(&sid, json!({"type": "sms", "address": "+471"}))
        .unwrap();
    let participants = get(&world, &path).await.json["participants"].clone();

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

    let closed = post(&world, &path, &[("State", "closed")]).await;
    let refused = post(&world, &messages, &[("Body", "Hello")]).await;
    let still_readable = get(&world, &messages).await;
    world.twilio.delete_conversation(&sid).unwrap();
    let gone = post(&world, &messages, &[("Body", "Hello")]).await;

    assert_eq!(closed.json["state"], "closed");
    assert_eq!(refused.refusal(), (400, 50377));
    assert_eq!(still_readable.status, 200);
    assert_eq!(gone.refusal(), (404, 20404));
}

#[tokio::test]
async fn a_conversation_is_created_found_by_its_unique_name_changed_and_deleted() {
    let world = world().await;
    let fields = [
        ("FriendlyName", "Order 7"),
        ("UniqueName", "order/7"),
        ("Attributes", r#"{"order":7}"#),
        ("MessagingServiceSid", "MGf1e00000000000000000000000000001"),
        ("State", "inactive"),
        ("Bindings.Email.Address", "desk@example.com"),
    ];

    let created = post(&world, "/v1/Conversations", &fields).await;
    let path = format!("/v1/Conversations/{}", created.json["sid"].as_str().unwrap());
    let by_name = get(&world, "/v1/Conversations/order%2F7").await;
    let changed = post(&world, &path, &[("FriendlyName", ""), ("UniqueName", "order 7")]).await;
    let by_old_name = get(&world, "/v1/Conversations/order%2F7").await;
    let deleted = delete(&world, &path).await;
    let gone = get(&world, &path).await;

    assert_eq!((created.status, by_name.status), (201, 200));
    assert_eq!(by_name.json, created.json);
    for (field, expected) in [
        ("friendly_name", json!("Order 7")),
        ("attributes", json!(r#"{"order":7}"#)),
        ("messaging_service_sid", json!("MGf1e00000000000000000000000000001")),
        ("state", json!("inactive")),
        (
            "bindings",
            json!({ "email": { "address": "desk@example.com", "name": null } }),
        ),
    ] {
        assert_eq!(created.json[field], expected, "{field}");
    }
    assert_eq!(changed.json["friendly_name"], Value::Null);
    assert_eq!(changed.json["unique_name"], "order 7");
    assert_eq!(changed.json["attributes"], r#"{"order":7}"#);
    assert_eq!(by_old_name.refusal(), (404, 20404));
    assert_eq!((deleted.status, gone.refusal()), (204, (404, 20404)));
}

#[tokio::test]
async fn two_conversations_never_have_one_unique_name() {
    let world = world().await;
    let named = [("UniqueName", "order-7")];
    let first = post(&world, "/v1/Conversations", &named).await;
    let other = world.twilio.create_conversation().sid;

    let second = post(&world, "/v1/Conversations", &named).await;
    let renamed = post(&world, &format!("/v1/Conversations/{other}"), &named).await;
    let itself = format!("/v1/Conversations/{}", first.json["sid"].as_str().unwrap());
    let unchanged = post(&world, &itself, &named).await;
    let like_a_sid = post(&world, "/v1/Conversations", &[("UniqueName", &other)]).await;

    assert_eq!(second.refusal(), (409, 50353));
    assert_eq!(renamed.refusal(), (409, 50353));
    assert_eq!(unchanged.status, 200);
    assert_eq!(like_a_sid.refusal(), (400, 50390));
}

#[tokio::test]
async fn conversations_are_listed_by_state_and_date_page_by_page() {
    let world = world().await;
    let sids: Vec<_> = (0..3).map(|_| world.twilio.create_conversation().sid).collect();
    world.twilio.close_conversation(&sids[1]).unwrap();
    let listed = |page: &Value| {
        let conversations = page["conversations"].as_array().unwrap().clone();
        conversations
            .iter()
            .map(|conversation| conversation["sid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };

    let first = get(&world, "/v1/Conversations?State=active&PageSize=1").await.json;
    let next = first["meta"]["next_page_url"]
        .as_str()
        .unwrap()
        .replace("https://conversations.twilio.com", "");
    let second = get(&world, &next).await.json;
    let later = get(&world, "/v1/Conversations?StartDate=2999-01-01").await.json;
    let until_later = get(&world, "/v1/Conversations?EndDate=2999-01-01T00%3A00%3A00Z")
        .await
        .json;
    let malformed = get(&world, "/v1/Conversations?StartDate=yesterday").await;

    assert_eq!(listed(&first), [sids[0].clone()]);
    assert_eq!(listed(&second), [sids[2].clone()]);
    assert_eq!(second["meta"]["next_page_url"], Value::Null);
    assert!(listed(&later).is_empty());
    assert_eq!(listed(&until_later), sids);
    assert_eq!(malformed.refusal(), (400, 20001));
}

#[tokio::test]
async fn a_timer_is_a_duration_that_is_long_enough_and_comes_with_a_state() {
    let world = world().await;
    let create = async |fields: &[(&str, &str)]| post(&world, "/v1/Conversations", fields).await;
    let active = ("State", "active");

    for (timer, expected) in [
        (("Timers.Inactive", "soon"), (400, 50379)),
        (("Timers.Inactive", "PT59S"), (400, 50375)),
        (("Timers.Closed", "P1Y"), (400, 50380)),
        (("Timers.Closed", "PT9M59S"), (400, 50376)),
    ] {
        assert_eq!(create(&[timer, active]).await.refusal(), expected, "{timer:?}");
    }
    let without_state = create(&[("Timers.Inactive", "PT1M")]).await;
    let set = create(&[("Timers.Inactive", "PT1M"), ("Timers.Closed", "P1DT1H"), active]).await;
    let path = format!("/v1/Conversations/{}", set.json["sid"].as_str().unwrap());
    let unset = post(&world, &path, &[("Timers.Inactive", "PT0S")]).await;

    assert_eq!(without_state.refusal(), (400, 50382));
    let has = |answer: &Answer| ["date_inactive", "date_closed"].map(|timer| answer.json["timers"][timer].is_string());
    assert_eq!(has(&set), [true, true]);
    assert_eq!(has(&unset), [false, true]);
}

#[tokio::test]
async fn a_conversation_that_is_left_alone_becomes_inactive_and_then_closed_and_a_message_delays_that() {
    let world = world().await;
    let timers = [
        ("Timers.Inactive", "PT10M"),
        ("Timers.Closed", "PT20M"),
        ("State", "active"),
    ];
    let created = post(&world, "/v1/Conversations", &timers).await;
    let path = format!("/v1/Conversations/{}", created.json["sid"].as_str().unwrap());
    let state_after = async |minutes: u64| {
        world.advance(Duration::from_secs(60 * minutes));
        get(&world, &path).await.json["state"].as_str().unwrap().to_owned()
    };

    let mut states = vec![state_after(9).await];
    post(&world, &format!("{path}/Messages"), &[("Body", "Hello?")]).await;
    states.push(state_after(9).await);
    states.push(state_after(2).await);
    let inactive = get(&world, &path).await;
    states.push(state_after(18).await);
    states.push(state_after(2).await);
    let refused = post(&world, &format!("{path}/Messages"), &[("Body", "Hello?")]).await;

    assert_eq!(states, ["active", "active", "inactive", "inactive", "closed"]);
    let timers = inactive.json["timers"].as_object().unwrap();
    assert_eq!(timers.keys().collect::<Vec<_>>(), ["date_closed"]);
    assert_eq!(refused.refusal(), (400, 50377));
}

#[tokio::test]
async fn a_participant_is_there_once_and_can_be_changed_and_taken_out() {
    let world = world().await;
    let sid = world.twilio.create_conversation().sid;
    let path = format!("/v1/Conversations/{sid}/Participants");

    let ana = post(&world, &path, &[("Identity", "ana"), ("Attributes", r#"{"age":40}"#)]).await;
    let twice = post(&world, &path, &[("Identity", "ana")]).await;
    let one = format!("{path}/{}", ana.json["sid"].as_str().unwrap());
    let changes = [
        ("Attributes", r#"{"age":41}"#),
        ("RoleSid", "RLf1e00000000000000000000000000002"),
        ("LastReadMessageIndex", "3"),
    ];
    let changed = post(&world, &one, &changes).await;
    let fetched = get(&world, &one).await;
    let renamed = post(&world, &one, &[("Identity", "bob")]).await;
    let given_a_proxy = post(&world, &one, &[("MessagingBinding.ProxyAddress", "+471")]).await;
    let removed = delete(&world, &one).await;
    let gone = get(&world, &one).await;
    let back = post(&world, &path, &[("Identity", "ana")]).await;

    assert_eq!((ana.status, twice.refusal()), (201, (409, 50433)));
    assert_eq!(ana.json["attributes"], r#"{"age":40}"#);
    assert_eq!(fetched.json, changed.json);
    assert_eq!(changed.json["attributes"], r#"{"age":41}"#);
    assert_eq!(changed.json["role_sid"], "RLf1e00000000000000000000000000002");
    assert_eq!(changed.json["last_read_message_index"], 3);
    assert_eq!(renamed.refusal(), (400, 50444));
    assert_eq!(given_a_proxy.refusal(), (400, 50441));
    assert_eq!((removed.status, gone.refusal()), (204, (404, 20404)));
    assert_eq!(back.status, 201);
}

#[tokio::test]
async fn a_pair_of_addresses_leads_to_one_conversation_until_that_is_closed() {
    let world = world().await;
    let [first, second] = [(); 2].map(|()| world.twilio.create_conversation().sid);
    let binding = [
        ("MessagingBinding.Address", "+4712345678"),
        ("MessagingBinding.ProxyAddress", "+4787654321"),
    ];
    let add = async |sid: &str| {
        let path = format!("/v1/Conversations/{sid}/Participants");
        post(&world, &path, &binding).await
    };

    let added = add(&first).await;
    let refused = add(&second).await;
    world.twilio.close_conversation(&first).unwrap();
    let free_again = add(&second).await;

    assert_eq!(added.json["messaging_binding"]["type"], "sms");
    assert_eq!(refused.refusal(), (409, 50416));
    assert!(refused.json["message"].as_str().unwrap().ends_with(&first));
    assert_eq!(free_again.status, 201);
}
