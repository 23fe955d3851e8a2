//! A receiver of callbacks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;
use simulator::world::World;
use tokio::net::TcpListener;

/// A server that keeps received requests. The statuses of its answers are taken from the end of `answers`, then 204.
/// Each answer has the given body.
#[derive(Clone, Default)]
pub(crate) struct Receiver {
    pub(crate) received: Arc<Mutex<Vec<Received>>>,
    pub(crate) answers: Arc<Mutex<Vec<u16>>>,
    pub(crate) body: Arc<Mutex<String>>,
}

/// A request that was received.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) uri: String,
    headers: HeaderMap,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Received {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The events of a body from Event Streams.
    pub(crate) fn events(&self) -> Vec<Value> {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

impl Receiver {
    /// A receiver that the world's Twilio reaches at `https://callbacks.example.com`.
    pub(crate) async fn start(world: &World) -> Self {
        let receiver = Self::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        world
            .twilio
            .resolve("callbacks.example.com", listener.local_addr().unwrap());
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// The deliveries so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// The number of deliveries of each event type.
    pub(crate) fn types(&self) -> BTreeMap<String, usize> {
        let mut types = BTreeMap::new();
        for received in self.received() {
            *types
                .entry(received.field("EventType").unwrap().to_owned())
                .or_default() += 1;
        }
        types
    }
}

async fn receive(State(receiver): State<Receiver>, uri: Uri, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let fields = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    receiver.received.lock().unwrap().push(Received {
        uri: uri.to_string(),
        headers,
        fields,
        body,
    });
    let status = receiver.answers.lock().unwrap().pop().unwrap_or(204);
    let body = receiver.body.lock().unwrap().clone();
    (StatusCode::from_u16(status).unwrap(), body)
}
