//! Twilio's webhooks through each front.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use simulator::lambda::{ApiGateway, Front};
use simulator::options::Options;
use simulator::twilio::signature;
use simulator::world::World;

use super::custom_domain;
use crate::{function, json_of};

fn fronts() -> [Front; 8] {
    let load_balancer = |multi_value_headers| Front::LoadBalancer {
        domain_name: "hooks.example.com".to_owned(),
        multi_value_headers,
    };
    [
        Front::HttpApi(ApiGateway::default()),
        Front::HttpApi(ApiGateway::staged("prod")),
        Front::HttpApi(custom_domain("hooks.example.com", Some("v1"), Some("prod"))),
        Front::RestApi(ApiGateway::staged("prod")),
        Front::RestApi(custom_domain("hooks.example.com", Some("v1"), Some("prod"))),
        Front::FunctionUrl {
            function: "misbehaving".to_owned(),
        },
        load_balancer(false),
        load_balancer(true),
    ]
}

/// A header of an event, in the form and case of any front.
fn header(event: &Value, name: &str) -> String {
    let headers = event.get("headers").unwrap_or_else(|| &event["multiValueHeaders"]);
    let mut headers = headers.as_object().unwrap().iter();
    let (_, value) = headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).unwrap();
    value.as_str().unwrap_or_else(|| value[0].as_str().unwrap()).to_owned()
}

fn body(event: &Value) -> String {
    let body = event["body"].as_str().unwrap();
    match event["isBase64Encoded"].as_bool().unwrap() {
        true => String::from_utf8(BASE64_STANDARD.decode(body).unwrap()).unwrap(),
        false => body.to_owned(),
    }
}

#[tokio::test]
async fn callback_and_sinks_event_reach_the_function_with_their_signatures() {
    for front in fronts() {
        let world = World::start(Options::default()).await.unwrap();
        world.lambda.deploy(function());
        let endpoint = world.open(front.clone()).await.unwrap();
        let url = endpoint.url("/hook");
        world.twilio.register_callback(&url);
        world.twilio.create_sink(&url, false, "").unwrap();

        world.twilio.create_task(r#"{"name":"Åse"}"#).unwrap();
        world.twilio.events_settled().await;

        let invocations = world.lambda.invocations();
        let events: Vec<Value> = invocations.iter().map(|invoked| json_of(&invoked.payload)).collect();
        let is_json = |event: &&Value| header(event, "content-type") == "application/json";
        let token = world.twilio.credentials().auth_token;

        let form = events.iter().find(|event| !is_json(event)).unwrap();
        let fields: Vec<_> = form_urlencoded::parse(body(form).as_bytes()).into_owned().collect();
        assert_eq!(world.twilio.events()[0].fields, fields, "{front:?}");
        assert_eq!(header(form, "x-twilio-signature"), signature(&token, &url, &fields));

        let streamed = events.iter().find(is_json).unwrap();
        let sink_events: Value = serde_json::from_str(&body(streamed)).unwrap();
        assert_eq!(sink_events[0]["id"], world.twilio.events()[0].cloud_event_id);
        let hash = ["queryStringParameters", "multiValueQueryStringParameters"]
            .iter()
            .find_map(|name| streamed.get(name))
            .map(|query| &query["bodySHA256"])
            .unwrap();
        let hash = hash.as_str().unwrap_or_else(|| hash[0].as_str().unwrap());
        let signed = format!("{url}?bodySHA256={hash}");
        assert_eq!(header(streamed, "x-twilio-signature"), signature(&token, &signed, &[]));
    }
}
