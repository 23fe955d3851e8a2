//! Event callbacks and sinks.

use axum::Router;
use axum::extract::State;
use http::{HeaderMap, StatusCode, Uri};
use serde_json::Value;
use simulator::twilio::signature;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::process::{SOON, Simulator, json, tasks};

pub(crate) type Callback = (HeaderMap, Vec<(String, String)>);

/// A user's own webhook: its URL and the received requests.
pub(crate) async fn webhook() -> (String, mpsc::UnboundedReceiver<Callback>) {
    async fn receive(
        State(send): State<mpsc::UnboundedSender<Callback>>,
        headers: HeaderMap,
        body: String,
    ) -> StatusCode {
        let fields = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        send.send((headers, fields)).unwrap();
        StatusCode::NO_CONTENT
    }
    let (send, received) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let router = Router::new().fallback(receive).with_state(send);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

#[tokio::test]
async fn the_callback_gets_the_events_that_it_asked_for_and_signed() {
    let (url, mut received) = webhook().await;
    let simulator = Simulator::serve(&["--callback", &url, "--events-filter", "task.updated,task.canceled"]);

    let (_, task) = json(simulator.create_task("{}")).await;
    let sid = task["sid"].as_str().unwrap();
    let update = simulator.post(&format!("{}/{sid}", tasks()), &[("Priority", "3")]);
    assert_eq!(json(update).await.0, 200);

    let (headers, fields) = tokio::time::timeout(SOON, received.recv()).await.unwrap().unwrap();
    assert!(fields.contains(&("EventType".to_owned(), "task.updated".to_owned())));
    assert!(fields.contains(&("TaskSid".to_owned(), sid.to_owned())));
    let signed = signature(simulator.told("auth token"), &url, &fields);
    assert_eq!(headers["x-twilio-signature"], signed.as_str());
}

/// A sink's event with its signature and the signed URL.
type Streamed = (HeaderMap, String, Value);

/// A sink and the events that reach it.
async fn sink() -> (String, mpsc::UnboundedReceiver<Streamed>) {
    async fn receive(
        State((sent, host)): State<(mpsc::UnboundedSender<Streamed>, String)>,
        uri: Uri,
        headers: HeaderMap,
        body: String,
    ) -> StatusCode {
        let streamed = (headers, format!("{host}{uri}"), serde_json::from_str(&body).unwrap());
        sent.send(streamed).unwrap();
        StatusCode::NO_CONTENT
    }
    let (sender, receiver) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let url = format!("{host}/sink");
    let router = Router::new().fallback(receive).with_state((sender, host));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, receiver)
}

// The sink answers while the test waits for a line.
#[tokio::test(flavor = "multi_thread")]
async fn sink_gets_its_types_as_signed_cloud_events() {
    let (url, mut received) = sink().await;
    let types = "task.created,reservation.created";
    let simulator = Simulator::serve(&["--sink", &url, "--sink-types", types, "--sink-batches"]);
    assert_eq!(simulator.told("Event Streams' sinks"), url);

    let (_, task) = json(simulator.create_task(r#"{"channelType":"web"}"#)).await;
    simulator.lines_until("sink   task.created, reservation.created  204  ");

    let (headers, url, events) = tokio::time::timeout(SOON, received.recv()).await.unwrap().unwrap();
    let told: Vec<_> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (&event["type"], &event["data"]["payload"]["task_sid"]))
        .collect();
    let expected = [
        "com.twilio.taskrouter.task.created",
        "com.twilio.taskrouter.reservation.created",
    ]
    .map(Value::from);
    let expected: Vec<_> = expected.iter().map(|name| (name, &task["sid"])).collect();
    assert_eq!(told, expected);
    assert_eq!(
        headers["x-twilio-signature"],
        signature(simulator.told("auth token"), &url, &[]).as_str()
    );
}
