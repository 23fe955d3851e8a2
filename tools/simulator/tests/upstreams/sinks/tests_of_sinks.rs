use http::Method;
use serde_json::json;
use simulator::exchange::Upstream;
use simulator::twilio::sids::ACCOUNT_SID;

use super::scene;
use crate::caller::call;
use crate::described::described;

#[tokio::test]
async fn test_event_reaches_the_sink_and_its_id_validates_it() {
    let (world, receiver, sink) = scene("task.created").await;
    let post = |path: String| call(&world, Upstream::EventStreams, Method::POST, &path);

    let submitted = described(&world, post(format!("/v1/Sinks/{}/Test", sink.sid))).await;
    world.twilio.events_settled().await;

    assert_eq!(
        (submitted.status, submitted.json),
        (201, json!({"result": "submitted"}))
    );
    let [received] = <[_; 1]>::try_from(receiver.received()).unwrap();
    let [mut event] = <[_; 1]>::try_from(received.events()).unwrap();
    let test_id = event["data"]["test_id"].as_str().unwrap().to_owned();
    event["time"] = "…".into();
    let expected = json!({
        "specversion": "1.0",
        "type": "com.twilio.eventstreams.test-event",
        "source": "Sink",
        "id": ACCOUNT_SID,
        "dataschema": "https://events-schemas.twilio.com/EventStreams.TestSink/1.json",
        "datacontenttype": "application/json",
        "time": "…",
        "data": { "test_id": test_id },
    });
    assert_eq!(event, expected);

    for (test_id, result) in [(&*test_id, "valid"), ("another", "invalid")] {
        let path = format!("/v1/Sinks/{}/Validate", sink.sid);
        let validated = described(&world, post(path).form(&[("TestId", test_id)])).await;
        assert_eq!((validated.status, validated.json), (201, json!({"result": result})));
    }
}

#[tokio::test]
async fn unknown_sink_is_neither_tested_nor_validated() {
    let (world, receiver, _) = scene("task.created").await;
    for (path, form) in [("Test", vec![]), ("Validate", vec![("TestId", "a")])] {
        let path = format!("/v1/Sinks/DG{}/{path}", "0".repeat(32));
        let refused = call(&world, Upstream::EventStreams, Method::POST, &path);
        assert_eq!(refused.form(&form).send().await.refusal(), (404, 20404));
    }
    world.twilio.events_settled().await;
    assert_eq!(receiver.received().len(), 0);
}
