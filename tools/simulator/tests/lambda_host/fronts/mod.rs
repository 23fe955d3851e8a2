//! The fronts other than the HTTP API with the stage `$default`. `http_api.rs` tests that front.

mod function_url;
mod http_api;
mod load_balancer;
mod rest_api;
mod webhooks;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use simulator::lambda::{ApiGateway, CustomDomain, Endpoint, Front, LambdaHost};
use simulator::loopback;

use crate::{function, host, json_of};

/// A host with the function at `/hook`, and an open front.
async fn open(front: Front) -> (LambdaHost, Endpoint) {
    let host = host(function()).await;
    let endpoint = host.open(front).await.unwrap();
    (host, endpoint)
}

fn custom_domain(name: &str, base_path: Option<&str>, stage: Option<&str>) -> ApiGateway {
    ApiGateway {
        stage: stage.map(str::to_owned),
        custom_domain: Some(CustomDomain {
            name: name.to_owned(),
            base_path: base_path.map(str::to_owned),
        }),
    }
}

/// A request to the endpoint's local address with its public host name, as a callback sends it.
fn request(endpoint: &Endpoint, method: Method, path_and_query: &str) -> RequestBuilder {
    let path = format!("{}{path_and_query}", endpoint.base_path);
    loopback::client()
        .request(method, format!("http://{}{path}", endpoint.address))
        .header("Host", &endpoint.domain_name)
}

/// The form that Twilio posts.
fn form(endpoint: &Endpoint, path_and_query: &str) -> RequestBuilder {
    request(endpoint, Method::POST, path_and_query)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("User-Agent", "TwilioProxy/1.1")
        .header("X-Twilio-Signature", "c2lnbmF0dXJl")
        .body("EventType=task.created")
}

/// The event made from a request. The values at the JSON pointers `different` differ every time and are replaced by
/// `…`.
async fn event(host: &LambdaHost, request: RequestBuilder, different: &[&str]) -> Value {
    request.send().await.unwrap();
    let invoked = host.invocations().pop().unwrap();
    let mut event = json_of(&invoked.payload);
    for pointer in different {
        match event.pointer_mut(pointer) {
            Some(value) => *value = "…".into(),
            None => panic!("{event} has no {pointer}"),
        }
    }
    event
}

/// The caller's response if the function returns this answer.
async fn answered(endpoint: &Endpoint, answer: Value) -> Response {
    told(endpoint, json!({"do": "answer", "answer": answer})).await
}

/// The response to a request that tells the function what to do.
async fn told(endpoint: &Endpoint, order: Value) -> Response {
    let request = request(endpoint, Method::POST, "/hook").header("Content-Type", "application/json");
    request.body(order.to_string()).send().await.unwrap()
}

/// Status, content type and body of a response.
async fn parts(response: Response) -> (u16, String, String) {
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    (response.status().as_u16(), content_type, response.text().await.unwrap())
}

fn own_message(status: u16, key: &str, message: &str) -> (u16, String, String) {
    let body = json!({ key: message }).to_string();
    (status, "application/json".to_owned(), body)
}
