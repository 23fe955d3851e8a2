//! The webhooks of Conversations: their resources and their events.

mod deliveries;
mod events;
mod resources;

use std::collections::BTreeMap;

use http::Method;
use simulator::exchange::Upstream;
use simulator::twilio::NewMessage;
use simulator::world::World;

use super::post;
use crate::caller::{Answer, call};
use crate::receiver::Received;

const URL: &str = "https://callbacks.example.com/hook?a=1";

/// Adds a webhook for these events to a conversation.
async fn add_webhook(world: &World, sid: &str, filters: &[&str]) -> Answer {
    let mut fields = vec![("Target", "webhook"), ("Configuration.Url", URL)];
    fields.extend(filters.iter().map(|filter| ("Configuration.Filters", *filter)));
    post(world, &format!("/v1/Conversations/{sid}/Webhooks"), &fields).await
}

/// A request that causes webhooks.
async fn send(world: &World, method: Method, path: &str, fields: &[(&str, &str)]) -> Answer {
    let call = call(world, Upstream::Conversations, method, path).form(fields);
    let answer = call.header("x-twilio-webhook-enabled", "true").send().await;
    assert!(answer.status < 300, "{answer:?}");
    answer
}

fn fields(received: &Received) -> BTreeMap<&str, &str> {
    let fields = received.fields.iter();
    fields.map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

fn message(author: &str) -> NewMessage {
    NewMessage {
        author: Some(author.to_owned()),
        body: "Hello".to_owned(),
        attributes: None,
    }
}
