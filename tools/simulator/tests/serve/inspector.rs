//! The inspector's files and its requests to the simulator.

use reqwest::StatusCode;
use serde_json::{Value, json};
use simulator::loopback;
use simulator::twilio::sids::ACCOUNT_SID;

use crate::control::{own, parsed};
use crate::process::{SOON, Simulator, json, tasks};

async fn state(simulator: &Simulator) -> Value {
    parsed(own(simulator, "GET", "/simulator/state", "").await).await
}

#[tokio::test]
async fn inspector_is_at_the_base_url() {
    let simulator = Simulator::serve(&[]);
    let base = simulator.told("TaskRouter, Conversations");
    assert_eq!(simulator.told("inspector"), format!("{base}/"));

    for (path, media_type, part) in [
        ("/", "text/html; charset=utf-8", "<title>Simulator</title>"),
        (
            "/simulator/page/lists.css",
            "text/css; charset=utf-8",
            "prefers-reduced-motion",
        ),
        (
            "/simulator/page/live.js",
            "text/javascript; charset=utf-8",
            "/simulator/state",
        ),
        ("/simulator/page/tokens.css", "text/css; charset=utf-8", "--accent"),
        ("/simulator/page/icon.svg", "image/svg+xml", "<svg"),
    ] {
        let answer = own(&simulator, "GET", path, "").await;
        assert_eq!(answer.headers()["content-type"], media_type);
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'self';"), "{policy}");
        assert!(answer.text().await.unwrap().contains(part), "{path}");
    }
    for path in ["/simulator/clocks", "/simulator/page/index.js"] {
        let unknown = own(&simulator, "GET", path, "").await;
        assert_eq!(unknown.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn events_and_routes_name_their_request() {
    let simulator = Simulator::serve(&["--callback", "http://127.0.0.1:9/events#rc=0"]);
    json(simulator.request("GET", &tasks())).await;
    let fields = [("TaskChannel", "chat"), ("Attributes", r#"{"channelType":"web"}"#)];
    let (_, task) = json(simulator.post(&tasks(), &fields)).await;
    simulator.lines_until("sent   reservation.created");

    let state = state(&simulator).await;

    let events: Vec<(&Value, &Value)> = state["events"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(of_request)
        .collect();
    let request = json!(1);
    let types = [
        "task.created",
        "workflow.entered",
        "workflow.target-matched",
        "task-queue.entered",
        "reservation.created",
    ];
    assert_eq!(events, types.map(Value::from).each_ref().map(|name| (name, &request)));
    let route = &state["routes"][0];
    assert_eq!(
        (&route["taskSid"], &route["request"], &route["reason"]),
        (
            &task["sid"],
            &request,
            &json!("filter 2 \"AI first\" matches: channelType == 'web' is true (channelType is \"web\")")
        )
    );
    let delivery = &state["deliveries"][0];
    assert_eq!(
        (
            &delivery["type"],
            &delivery["eventSid"],
            &delivery["state"],
            &delivery["attempts"]
        ),
        (
            &json!("reservation.created"),
            &state["events"][0]["sid"],
            &json!("failed"),
            &json!(["not connected"])
        )
    );
}

fn of_request(event: &Value) -> (&Value, &Value) {
    (&event["type"], &event["request"])
}

#[tokio::test]
async fn request_has_its_bodies_and_a_command_that_sends_it_again() {
    let simulator = Simulator::serve(&[]);
    let (status, refused) = json(simulator.post(&tasks(), &[("Attributes", "it's not JSON")])).await;
    assert_eq!(status, 400);

    let details = parsed(own(&simulator, "GET", "/simulator/requests/0", "").await).await;

    assert_eq!(details["request"]["body"], "Attributes=it%27s+not+JSON");
    let body: Value = serde_json::from_str(details["answer"]["body"].as_str().unwrap()).unwrap();
    assert_eq!((&details["answer"]["status"], body), (&json!(400), refused.clone()));
    let refusal = format!("20001: {}", refused["message"].as_str().unwrap());
    assert_eq!(details["entry"]["refusal"], refusal);
    let sent = details["request"]["headers"].as_array().unwrap();
    assert!(sent.contains(&json!(["authorization", "Basic"])), "{sent:?}");
    let command = details["curl"].as_str().unwrap();
    let expected = format!(
        "curl \\\n  --user '{ACCOUNT_SID}:{}' \\\n  --request POST \\\n  --header 'content-type: \
         application/x-www-form-urlencoded' \\\n  --data-raw 'Attributes=it%27s+not+JSON' \\\n  '{}{}'",
        simulator.told("auth token"),
        simulator.told("TaskRouter, Conversations"),
        tasks()
    );
    assert_eq!(command, expected);
}

#[tokio::test]
async fn details_of_each_kind_repeat_the_entry_of_the_state() {
    let simulator = Simulator::serve(&[
        "--callback",
        "http://127.0.0.1:9/#rc=0",
        "--sink",
        "http://127.0.0.1:9/sink",
    ]);
    json(simulator.post(&tasks(), &[("Attributes", r#"{"channelType":"web"}"#)])).await;
    simulator.lines_until("sent   reservation.created");
    let state = state(&simulator).await;
    let event_sid = state["events"][0]["sid"].as_str().unwrap();

    let event = own(&simulator, "GET", &format!("/simulator/events/{event_sid}"), "").await;
    let event = parsed(event).await;
    let route = parsed(own(&simulator, "GET", "/simulator/routes/0", "").await).await;
    let delivery = parsed(own(&simulator, "GET", "/simulator/callback-deliveries/0", "").await).await;
    let sink = parsed(own(&simulator, "GET", "/simulator/sink-deliveries/0", "").await).await;

    assert_eq!(event["entry"], state["events"][0]);
    assert!(
        event["fields"].as_array().unwrap().contains(&json!(["Sid", event_sid])),
        "{event}"
    );
    assert_eq!(route["entry"], state["routes"][0]);
    assert_eq!(route["route"], state["tasks"][0]["route"]);
    let first = state["events"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (&delivery["entry"]["eventSid"], &delivery["entry"]["type"]),
        (&first["sid"], &json!("task.created"))
    );
    assert_eq!(sink["entry"]["url"], "http://127.0.0.1:9/sink");
    for path in [
        "/simulator/requests/99",
        "/simulator/events/EV1",
        "/simulator/routes/99",
        "/simulator/callback-deliveries/99",
        "/simulator/sink-deliveries/99",
    ] {
        let unknown = own(&simulator, "GET", path, "").await;
        assert_eq!(unknown.status(), StatusCode::NOT_FOUND, "{path}");
        let text = unknown.text().await.unwrap();
        assert!(text.starts_with("There is no such entry."), "{text}");
    }
}

#[tokio::test]
async fn state_waits_for_faults_and_counts_their_strikes() {
    let simulator = Simulator::serve(&[]);
    let rule = r#"{"upstream": "TaskRouter", "times": 2, "before": {"answer": {"status": 503}}}"#;
    let etag = own(&simulator, "GET", "/simulator/state", "").await.headers()["etag"].clone();
    let url = format!("{}/simulator/state", simulator.told("TaskRouter, Conversations"));
    let waiting = loopback::client().get(url).header("prefer", "wait=30");
    let waiting = waiting.header("if-none-match", etag).send();

    let (added, waited) = tokio::join!(
        own(&simulator, "POST", "/simulator/faults", rule),
        tokio::time::timeout(SOON, waiting)
    );

    assert_eq!(added.status(), StatusCode::NO_CONTENT);
    let waited = parsed(waited.unwrap().unwrap()).await;
    assert_eq!(waited["faults"], json!([{"rule": rule, "struck": 0, "left": 2}]));
    json(simulator.request("GET", &tasks())).await;
    assert_eq!(
        state(&simulator).await["faults"],
        json!([{"rule": rule, "struck": 1, "left": 1}])
    );
    own(&simulator, "DELETE", "/simulator/faults", "").await;
    assert_eq!(state(&simulator).await["faults"], json!([]));
}

#[tokio::test]
async fn resources_that_are_not_simulated_have_names() {
    let simulator = Simulator::serve(&[]);
    let names = parsed(own(&simulator, "GET", "/simulator/not-simulated", "").await).await;
    let names = names.as_array().unwrap();
    for name in ["Statistics of a worker", "FlexFlows of Flex", "users of Conversations"] {
        assert!(names.contains(&json!(name)), "{names:?}");
    }
}
