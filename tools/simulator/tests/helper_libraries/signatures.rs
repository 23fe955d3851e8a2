//! The simulator's signatures, checked by the libraries. Both forms and JSON bodies are signed, with the auth token and
//! with shared keys.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::{Value, json};
use simulator::options::Options;
use simulator::twilio::{Credentials, SharedKey, SignatureAlgorithm};
use simulator::world::World;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::file::File;
use crate::{library_in_node, library_in_python, passes};

/// 20 URLs and 50 tasks make 1,000 requests of each kind.
const URLS: usize = 20;
const TASKS: usize = 50;

const SECRET: &str = "a shared secret: 32 bytes or more";

/// The requests by kind.
type Webhooks = BTreeMap<String, Vec<Value>>;

#[tokio::test]
async fn node_library_accepts_every_signature() {
    let Some(node) = library_in_node("signatures.js") else {
        return;
    };
    passes_with_webhooks(node, "node").await;
}

#[tokio::test]
async fn python_library_accepts_every_signature() {
    let Some(python) = library_in_python("signatures.py") else {
        return;
    };
    passes_with_webhooks(python, "python").await;
}

async fn passes_with_webhooks(mut program: Command, language: &str) {
    let webhooks = webhooks().await;
    let kinds: BTreeMap<&str, usize> = webhooks.iter().map(|(kind, all)| (kind.as_str(), all.len())).collect();
    let count = URLS * TASKS;
    let expected = [
        ("a form by the auth token", count),
        ("a form by the shared key with HMAC_SHA1", count),
        ("a form by the shared key with HMAC_SHA256", count),
        ("JSON by the auth token", count),
        ("JSON by the shared key with HMAC_SHA1", count),
        ("JSON by the shared key with HMAC_SHA256", count),
    ];
    assert_eq!(kinds, expected.into());
    let file = File::with(
        &format!("webhooks-{language}"),
        &serde_json::to_string(&webhooks).unwrap(),
    );
    program
        .env("WEBHOOKS", file.path())
        .env("TWILIO_AUTH_TOKEN", Credentials::default().auth_token)
        .env("SHARED_KEY_SECRET", SECRET);
    passes(program).await;
}

/// The requests for the events of random tasks, sent to callbacks and sinks at random URLs.
async fn webhooks() -> Webhooks {
    let world = World::start(Options::default()).await.unwrap();
    let received = Arc::new(Mutex::new(Webhooks::new()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(receive).with_state(received.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    world.twilio.resolve("hooks.example.com", address);
    let mut random = fastrand::Rng::with_seed(14);
    for _ in 0..URLS {
        world.twilio.register_callback(&url(&mut random));
        world.twilio.create_sink(&url(&mut random), false, "").unwrap();
    }
    let keys = [
        None,
        Some(SignatureAlgorithm::HmacSha1),
        Some(SignatureAlgorithm::HmacSha256),
    ];
    for algorithm in keys {
        world.twilio.set_credentials(Credentials {
            shared_key: algorithm.map(|algorithm| SharedKey {
                id: "webhooks_sharedkey_01k4jv0n3mfkq8v1q6m5c2e9xz".to_owned(),
                secret: SECRET.to_owned(),
                algorithm,
            }),
            ..Credentials::default()
        });
        for _ in 0..TASKS {
            world.twilio.create_task(&attributes(&mut random)).unwrap();
            // One task at a time, so that even a busy machine answers within five seconds and nothing is sent again.
            world.twilio.events_settled().await;
        }
    }
    let received = received.lock().unwrap();
    received.clone()
}

async fn receive(
    State(received): State<Arc<Mutex<Webhooks>>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let is_json = header("content-type").unwrap() == "application/json";
    let settings = header("x-twilio-webhooks-signature-settings");
    let key = match settings
        .as_deref()
        .map(|settings| settings.split_once("algorithm=").unwrap())
    {
        None => "the auth token".to_owned(),
        Some((_, algorithm)) => format!("the shared key with {algorithm}"),
    };
    let kind = format!("{} by {key}", if is_json { "JSON" } else { "a form" });
    let request = json!({
        "url": format!("https://{}{uri}", header("host").unwrap()),
        "signature": header("x-twilio-signature"),
        "settings": settings,
        "is_json": is_json,
        "body": body,
    });
    received.lock().unwrap().entry(kind).or_default().push(request);
    StatusCode::NO_CONTENT
}

/// A URL with or without a port and a query.
fn url(random: &mut fastrand::Rng) -> String {
    let port = ["", ":8443"][random.usize(..2)];
    let path = ["/hook", "/hook/", "/hook/a%20b"][random.usize(..3)];
    let parameters = ["a=1", "b=%20%2B", "c=x+y", "d", "e=%C3%A5", "a=2", "f="];
    let query: Vec<&str> = parameters.into_iter().filter(|_| random.u8(..3) == 0).collect();
    let query = query.join("&");
    let separator = if query.is_empty() { "" } else { "?" };
    format!("https://hooks.example.com{port}{path}{separator}{query}#rc=2")
}

/// Attributes with characters that encodings treat differently.
fn attributes(random: &mut fastrand::Rng) -> String {
    let letters: Vec<char> = "aZ09 +&=%?#/\\\"'<>\n\t~*-._åß漢🙂".chars().collect();
    let mut text = || {
        (0..random.usize(..30))
            .map(|_| letters[random.usize(..letters.len())])
            .collect::<String>()
    };
    json!({ "name": text(), text(): text() }).to_string()
}
