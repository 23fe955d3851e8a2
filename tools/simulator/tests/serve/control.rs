//! The simulator's own paths: the clock, a new start and the state.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use simulator::loopback;

use crate::process::{SOON, Simulator, json, tasks};

/// A request to one of the simulator's own paths, which need no credentials.
pub(crate) async fn own(simulator: &Simulator, method: &str, path: &str, body: &str) -> Response {
    let url = format!("{}{path}", simulator.told("TaskRouter, Conversations"));
    let request = loopback::client().request(method.parse().unwrap(), url);
    request.body(body.to_owned()).send().await.unwrap()
}

pub(crate) async fn parsed(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

async fn statuses(simulator: &Simulator) -> Vec<Value> {
    let (_, list) = json(simulator.request("GET", &tasks())).await;
    let tasks = list["tasks"].as_array().unwrap().iter();
    tasks.map(|task| task["assignment_status"].clone()).collect()
}

#[tokio::test]
async fn advanced_clock_times_out_a_task() {
    let simulator = Simulator::serve(&[]);
    json(simulator.post(
        &tasks(),
        &[("Attributes", r#"{"channelType":"web"}"#), ("Timeout", "60")],
    ))
    .await;
    assert_eq!(statuses(&simulator).await, ["reserved"]);

    let answer = own(&simulator, "POST", "/simulator/clock", r#"{"advanceSeconds": 60.5}"#).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let advanced = parsed(answer).await;
    let read = parsed(own(&simulator, "GET", "/simulator/clock", "").await).await;

    assert_eq!(
        (&advanced["aheadSeconds"], &read["aheadSeconds"]),
        (&json!(60.5), &json!(60.5))
    );
    assert!(read["now"].as_str() >= advanced["now"].as_str(), "{advanced} {read}");
    assert_eq!(statuses(&simulator).await, ["canceled"]);
    for (body, message) in [
        (
            "{}",
            "expected {\"advanceSeconds\": 60}: missing field `advanceSeconds` at line 1 column 2\n",
        ),
        (
            r#"{"advanceSeconds": -1}"#,
            "advanceSeconds is not from 0 to 316224000\n",
        ),
    ] {
        let refused = own(&simulator, "POST", "/simulator/clock", body).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
        assert_eq!(refused.text().await.unwrap(), message);
    }
}

#[tokio::test]
async fn reset_brings_everything_back_to_the_start() {
    let simulator = Simulator::serve(&["--workers", "2"]);
    json(simulator.create_task("{}")).await;
    own(&simulator, "POST", "/simulator/clock", r#"{"advanceSeconds": 600}"#).await;
    let fault = r#"{"upstream": "TaskRouter", "times": 9, "before": {"answer": {"status": 503}}}"#;
    own(&simulator, "POST", "/simulator/faults", fault).await;

    let before = own(&simulator, "GET", "/simulator/state", "").await;
    let url = format!("{}/simulator/state", simulator.told("TaskRouter, Conversations"));
    let waiting = loopback::client().get(url).header("prefer", "wait=30");
    let waiting = waiting.header("if-none-match", &before.headers()["etag"]).send();

    let (answer, waited) = tokio::join!(
        own(&simulator, "POST", "/simulator/reset", ""),
        tokio::time::timeout(SOON, waiting)
    );

    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert!(waited.is_ok(), "somebody still waits for a change of the old world");
    assert_eq!(statuses(&simulator).await, [""; 0]);
    let state = parsed(own(&simulator, "GET", "/simulator/state", "").await).await;
    let workers = state["workers"].as_array().unwrap().iter();
    let names: Vec<&Value> = workers.map(|worker| &worker["name"]).collect();
    assert_eq!(names, ["ai", "Sam", "Agent 2"]);
    assert_eq!((&state["aheadSeconds"], &state["tasks"]), (&json!(0.0), &json!([])));
    let (status, _) = json(simulator.create_task("{}")).await;
    assert_eq!(status, 201);
    simulator.lines_until("reset  everything is as at the start");
    simulator.lines_until("POST   …/Tasks  201  ");
}

#[tokio::test]
async fn state_has_tasks_with_their_routes_and_waits_for_a_change() {
    let simulator = Simulator::serve(&[]);
    let fields = [("TaskChannel", "chat"), ("Attributes", r#"{"channelType":"web"}"#)];
    let (_, task) = json(simulator.post(&tasks(), &fields)).await;

    let answer = own(&simulator, "GET", "/simulator/state", "").await;
    let etag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let state = parsed(answer).await;
    let shown = &state["tasks"][0];
    assert_eq!(
        (&shown["sid"], &shown["queue"], &shown["reservations"][0]["worker"]),
        (&task["sid"], &json!("AI"), &json!("ai"))
    );
    let route = shown["route"].as_str().unwrap();
    assert!(route.contains("filter 2 \"AI first\" matches"), "{route}");
    assert_eq!(
        state["workers"][0]["channels"][2],
        json!({"name": "chat", "capacity": 50, "available": true, "reservations": 1})
    );
    let request = &state["requests"][0];
    assert_eq!((&request["path"], &request["status"]), (&json!(tasks()), &json!(201)));

    let conditional = |wait: &'static str| {
        let url = format!("{}/simulator/state", simulator.told("TaskRouter, Conversations"));
        let request = loopback::client().get(url).header("if-none-match", &etag);
        request.header("prefer", wait).send()
    };
    assert_eq!(conditional("wait=0").await.unwrap().status(), StatusCode::NOT_MODIFIED);
    let (waited, _) = tokio::join!(conditional("wait=30"), json(simulator.create_task("{}")));
    let changed = parsed(waited.unwrap()).await;
    assert_ne!(changed["requests"], state["requests"]);
}

#[tokio::test]
async fn pages_of_the_internet_may_not_change_the_simulator() {
    let simulator = Simulator::serve(&[]);
    let url = format!("{}/simulator/clock", simulator.told("TaskRouter, Conversations"));
    let advance = |origin: String| {
        let request = loopback::client().post(&url).header("origin", origin);
        request.body(r#"{"advanceSeconds": 1}"#).send()
    };
    for (origin, status) in [
        ("https://example.com", StatusCode::FORBIDDEN),
        ("null", StatusCode::FORBIDDEN),
        ("http://localhost:3000", StatusCode::OK),
        (simulator.told("TaskRouter, Conversations"), StatusCode::OK),
    ] {
        assert_eq!(advance(origin.to_owned()).await.unwrap().status(), status, "{origin}");
    }
    let time = parsed(own(&simulator, "GET", "/simulator/clock", "").await).await;
    assert_eq!(time["aheadSeconds"], 2.0);
}

#[tokio::test]
async fn pages_of_this_machine_may_call_the_upstreams() {
    let simulator = Simulator::serve(&[]);
    let preflight = simulator
        .request("OPTIONS", &tasks())
        .header("origin", "http://localhost:3000");
    let preflight = preflight.header("access-control-request-method", "POST");
    let preflight = preflight.header("access-control-request-headers", "authorization,if-match");

    let allowed = preflight.send().await.unwrap();
    let answer = simulator
        .request("GET", &tasks())
        .header("origin", "http://localhost:3000");
    let answer = answer.send().await.unwrap();

    assert_eq!(allowed.status(), StatusCode::OK);
    assert_eq!(
        allowed.headers()["access-control-allow-origin"],
        "http://localhost:3000"
    );
    assert_eq!(allowed.headers()["access-control-allow-methods"], "POST");
    assert_eq!(
        allowed.headers()["access-control-allow-headers"],
        "authorization,if-match"
    );
    assert_eq!(answer.headers()["access-control-allow-origin"], "http://localhost:3000");
    assert_eq!(answer.headers()["access-control-expose-headers"], "*");

    let foreign = simulator
        .request("GET", &tasks())
        .header("origin", "https://example.com");
    let answer = foreign.send().await.unwrap();
    assert_eq!(answer.headers().get("access-control-allow-origin"), None);
}
