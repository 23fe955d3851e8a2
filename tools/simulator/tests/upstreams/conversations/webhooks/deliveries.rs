//! The requests to webhooks.

use simulator::twilio::{Delivery, DeliveryFault, Outcome, signature};

use super::{URL, add_webhook, message};
use crate::caller::world;
use crate::conversations::post;
use crate::receiver::Receiver;

#[tokio::test]
async fn get_webhook_has_its_signed_parameters_in_the_query() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let sid = world.twilio.create_conversation().sid;
    let webhook = [
        ("Target", "webhook"),
        ("Configuration.Url", URL),
        ("Configuration.Method", "get"),
        ("Configuration.Filters", "onMessageAdded"),
    ];
    post(&world, &format!("/v1/Conversations/{sid}/Webhooks"), &webhook).await;

    world.twilio.post_message(&sid, message("ana")).unwrap();
    world.twilio.events_settled().await;

    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    assert!(received.uri.starts_with("/hook?a=1&AccountSid="), "{}", received.uri);
    assert!(received.uri.contains("&EventType=onMessageAdded&"), "{}", received.uri);
    assert_eq!(received.body, "");
    let url = format!("https://callbacks.example.com{}", received.uri);
    let auth_token = world.twilio.credentials().auth_token;
    assert_eq!(received.header("x-twilio-signature"), signature(&auth_token, &url, &[]));
}

#[tokio::test]
async fn new_webhook_gets_earlier_messages_from_the_index_on() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let sid = world.twilio.create_conversation().sid;
    for _ in 0..3 {
        world.twilio.post_message(&sid, message("ana")).unwrap();
    }

    let webhook = [
        ("Target", "webhook"),
        ("Configuration.Url", URL),
        ("Configuration.Filters", "onMessageAdded"),
        ("Configuration.ReplayAfter", "1"),
    ];
    post(&world, &format!("/v1/Conversations/{sid}/Webhooks"), &webhook).await;
    world.twilio.events_settled().await;

    let received = receiver.received();
    let mut indexes: Vec<_> = received.iter().map(|one| one.field("Index").unwrap()).collect();
    indexes.sort_unstable();
    assert_eq!(indexes, ["1", "2"]);
}

#[tokio::test]
async fn failed_webhook_is_recorded_and_not_sent_again() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    receiver.answers.lock().unwrap().push(503);
    let sid = world.twilio.create_conversation().sid;
    let url = format!("{URL}#rc=5&rp=all");
    let webhook = [
        ("Target", "webhook"),
        ("Configuration.Url", url.as_str()),
        ("Configuration.Filters", "onMessageAdded"),
    ];
    post(&world, &format!("/v1/Conversations/{sid}/Webhooks"), &webhook).await;

    let message = world.twilio.post_message(&sid, message("ana")).unwrap();
    world.twilio.events_settled().await;

    let [delivery] = <[Delivery; 1]>::try_from(world.twilio.deliveries()).unwrap();
    assert_eq!(
        (delivery.event_type.as_str(), &delivery.event_sid),
        ("onMessageAdded", &message.sid)
    );
    assert_eq!(delivery.url, url);
    let unavailable = Outcome::Answered {
        status: 503,
        body: String::new(),
    };
    assert_eq!(delivery.outcomes(), [unavailable]);
    assert_eq!(world.twilio.events().len(), 0);
}

#[tokio::test]
async fn delivery_faults_strike_webhooks_too() {
    let world = world().await;
    let receiver = Receiver::start(&world).await;
    let sid = world.twilio.create_conversation().sid;
    add_webhook(&world, &sid, &["onMessageAdded"]).await;
    let fault = DeliveryFault::duplicate(1).event_type("onMessageAdded");
    world.twilio.add_delivery_fault(fault);

    world.twilio.post_message(&sid, message("ana")).unwrap();
    world.twilio.events_settled().await;

    let received = receiver.received();
    assert_eq!(received.len(), 2);
    let token = |number: usize| received[number].header("i-twilio-idempotency-token");
    assert_eq!(token(0), token(1));
}
