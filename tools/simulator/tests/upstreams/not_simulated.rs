//! Twilio's resources that the simulator lacks.

use std::path::PathBuf;

use http::Method;
use serde_json::Value;
use simulator::exchange::Upstream;
use simulator::twilio::sids::WORKSPACE_SID;

use crate::caller::{call, world};

/// The paths of a product in Twilio's OpenAPI description, with a SID for each parameter.
fn paths(folder: &str, product: &str) -> Vec<String> {
    let file = PathBuf::from(folder).join(format!("twilio_{product}_v1.json"));
    let description: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let paths = description["paths"].as_object().unwrap().keys();
    let filled = |path: &String| {
        let segments = path.split('/').map(|segment| match segment {
            "{WorkspaceSid}" => WORKSPACE_SID,
            parameter if parameter.starts_with('{') => "XX00000000000000000000000000000404",
            name => name,
        });
        segments.collect::<Vec<_>>().join("/")
    };
    paths.map(filled).collect()
}

#[tokio::test]
async fn every_described_resource_is_simulated_or_named() {
    let Ok(folder) = std::env::var("TWILIO_OPENAPI") else {
        return;
    };
    let world = world().await;
    let mut named = Vec::new();
    for (product, upstream) in [
        ("taskrouter", Upstream::TaskRouter),
        ("conversations", Upstream::Conversations),
        ("events", Upstream::EventStreams),
        ("flex", Upstream::Flex),
    ] {
        for path in paths(&folder, product) {
            let answer = call(&world, upstream, Method::GET, &path).send().await;
            let message = answer.json["message"].as_str().unwrap_or_default();
            assert!(!message.contains("any resource with this path"), "{path}");
            named.extend(message.contains("Not simulated: ").then_some(path));
        }
    }
    let count = |part: &str| named.iter().filter(|path| path.contains(part)).count();
    assert_eq!((count("Statistics"), count("/v1/Insights")), (4, 15), "{named:?}");
}

#[tokio::test]
async fn unknown_path_is_refused_in_twilios_form() {
    let world = world().await;
    let path = "/2010-04-01/Accounts/AC1/Messages.json";
    let messages = call(&world, Upstream::Conversations, Method::POST, path).send().await;
    let other = call(&world, Upstream::TaskRouter, Method::GET, "/v3/Fax").send().await;
    let unauthenticated = call(&world, Upstream::Conversations, Method::GET, "/v1/Users");

    assert_eq!(messages.refusal(), (404, 20404));
    let message = "The requested resource /2010-04-01/Accounts/AC1/Messages.json was not found. Not simulated: calls, \
                   SMS and accounts. See docs/simulator.md";
    assert_eq!(messages.json["message"], message);
    let message = "The requested resource /v3/Fax was not found. Not simulated: any resource with this path. See \
                   docs/simulator.md";
    assert_eq!(other.json["message"], message);
    assert_eq!(unauthenticated.unauthenticated().send().await.refusal(), (401, 20003));
}

#[tokio::test]
async fn conversations_are_also_below_their_service() {
    let world = world().await;
    let created = call(&world, Upstream::Conversations, Method::POST, "/v1/Conversations")
        .send()
        .await;
    let service = created.json["chat_service_sid"].as_str().unwrap();
    let scoped = format!("/v1/Services/{service}/Conversations");
    let path = format!("{scoped}/{}/Messages", created.json["sid"].as_str().unwrap());

    let message = call(&world, Upstream::Conversations, Method::POST, &path);
    let message = message.form(&[("Body", "Hello"), ("Author", "Ana")]).send().await;
    let list = call(
        &world,
        Upstream::Conversations,
        Method::GET,
        &format!("{path}?PageSize=5"),
    )
    .send()
    .await;
    let other = format!(
        "/v1/Services/IS00000000000000000000000000000404/Conversations/{}",
        created.json["sid"]
    );
    let other = call(&world, Upstream::Conversations, Method::GET, &other.replace('"', ""))
        .send()
        .await;

    assert_eq!((message.status, &message.json["body"]), (201, &"Hello".into()));
    assert_eq!(list.json["messages"][0]["sid"], message.json["sid"]);
    assert_eq!(list.json["meta"]["page_size"], 5);
    assert_eq!(other.refusal(), (404, 20404));
    assert_eq!(
        world
            .twilio
            .conversation(created.json["sid"].as_str().unwrap())
            .unwrap()
            .messages
            .len(),
        1
    );
}
