//! The other actions: arriving, writing, late attributes, faults, the clock and starting over.

use http::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::server::{LIMIT, Server, reservation};

#[tokio::test]
async fn a_new_customer_has_a_conversation_a_session_and_a_task_for_the_ai() {
    let server = Server::start().await;
    let answer = server.post("/conversations", json!({ "name": "Ben Okafor" })).await;
    let state = server
        .state(|state| {
            reservation(&state["tasks"][1], "ai", "pending").is_some() && state["tasks"][1]["session"]["agrees"] == true
        })
        .await;
    let task = &state["tasks"][1];
    assert_eq!(
        (&task["sid"], &task["customer"]),
        (&answer["task"], &json!("Ben Okafor"))
    );
    assert_eq!(task["conversation"]["messages"][0]["author"], "Ben Okafor");
    assert_ne!(task["session"]["id"], state["tasks"][0]["session"]["id"]);
    assert_eq!(
        state["queues"][0]["tasks"],
        json!([state["tasks"][0]["sid"], task["sid"]])
    );
}

#[tokio::test]
async fn a_name_that_would_confuse_people_is_refused() {
    let server = Server::start().await;
    for name in ["", "  ", "Sam", "AI Support Agent", "System"] {
        let (status, answer) = server
            .ask(Method::POST, "/conversations", json!({ "name": name }))
            .await;
        assert_eq!((status, &answer["field"]), (422, &json!("name")), "{name}: {answer}");
    }
}

#[tokio::test]
async fn an_attribute_that_is_set_late_reaches_the_session_while_somebody_watches() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    let mut live = server.live().await;
    live.next().await;
    let warranty = json!({ "name": "warranty", "value": { "covered": true } });
    server.put(&format!("/tasks/{task_sid}/attributes"), warranty).await;
    let state = live
        .until(|state| custom_datum(&state["tasks"][0], "flex_warranty_covered").is_some())
        .await;
    let (warranty, city) = ["flex_warranty_covered", "flex_customer_address_city"]
        .map(|key| custom_datum(&state["tasks"][0], key).unwrap())
        .into();
    assert_eq!(warranty["value"], "true");
    assert!(warranty["changedAt"].as_str() > city["changedAt"].as_str());
}

#[tokio::test]
async fn a_session_that_was_away_is_brought_up_to_date_once_it_is_back() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    server.put("/session-api", json!({ "up": false })).await;
    let late = json!({ "name": "late", "value": 7 });
    server.put(&format!("/tasks/{task_sid}/attributes"), late).await;
    let state = server
        .state(|state| state["tasks"][0]["session"]["agrees"] == false)
        .await;
    assert_eq!(state["sessionApi"]["up"], false);

    server.put("/session-api", json!({ "up": true })).await;
    let task = server.task(|task| task["session"]["agrees"] == true).await;
    assert_eq!(custom_datum(&task, "flex_late").unwrap()["value"], "7");
}

#[tokio::test]
async fn what_a_session_missed_for_long_is_made_up_for_by_deferred() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    server.put("/session-api", json!({ "up": false })).await;
    let late = json!({ "name": "late", "value": 7 });
    server.put(&format!("/tasks/{task_sid}/attributes"), late).await;
    let is_left = |entry: &Value| {
        entry["title"] == "leaves it on the queue for deferred" && entry["status"] == 200 && !entry["cause"].is_null()
    };
    let state = server
        .state(|state| entries(state).any(is_left) && !state["tasks"][0]["session"]["waiting"].is_null())
        .await;
    let left = entries(&state).find(|entry| is_left(entry)).unwrap();
    assert_eq!(
        (&left["from"], &left["task"]),
        (&json!("task-events"), &json!(task_sid))
    );
    // The session may also have missed the task's creation.
    let [waiting, in_flight] = ["waiting", "inFlight"].map(|name| state["messages"][0][name].as_u64().unwrap());
    assert!(waiting + in_flight > 0, "{}", state["messages"]);

    server.put("/session-api", json!({ "up": true })).await;
    // The message waits for the task's slot. The slot comes within a minute.
    server.post("/clock", json!({ "seconds": 60 })).await;
    let of_deferred = |entry: &Value| entry["to"] == "deferred" && entry["outcome"] == "ok";
    let state = server
        .state(|state| state["tasks"][0]["session"]["agrees"] == true && entries(state).any(of_deferred))
        .await;
    assert_eq!(custom_datum(&state["tasks"][0], "flex_late").unwrap()["value"], "7");
    let invocation = entries(&state).find(|entry| of_deferred(entry)).unwrap();
    assert_eq!(
        (&invocation["from"], &invocation["kind"]),
        (&json!("SQS"), &json!("invocation"))
    );
    // This is the message that brought the task, or the last of several.
    let cause = entries(&state)
        .find(|entry| entry["id"] == invocation["cause"])
        .unwrap();
    assert!(is_left(cause), "{cause}");
}

#[tokio::test]
async fn a_handoff_gets_over_a_write_that_somebody_else_was_faster_at() {
    let server = Server::start().await;
    let fault = json!({ "upstream": "TaskRouter", "status": 412, "times": 1 });
    server.post("/faults", fault).await;
    let state = server.state(|state| state["faults"] != json!([])).await;
    assert_eq!(
        state["faults"],
        json!([{ "upstream": "TaskRouter", "status": 412, "left": 1 }])
    );
    let (status, answer) = server.hand_over().await;
    assert_eq!(
        (status, &answer["answer"]["attributes"]),
        (200, &json!("updated")),
        "{answer}"
    );
    let state = server.state(|state| state["faults"] == json!([])).await;
    let refused: Vec<_> = entries(&state).filter(|entry| entry["status"] == 412).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(
        (&refused[0]["from"], &refused[0]["outcome"]),
        (&json!("handoff"), &json!("refused"))
    );
}

#[tokio::test]
async fn a_handoff_that_takes_its_time_stops_nobody_else() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    server
        .post(
            "/faults",
            json!({ "upstream": "TaskRouter", "status": 429, "times": 100 }),
        )
        .await;
    let slow = server.hand_over_of(&task_sid);
    let meanwhile = async {
        server
            .state(|state| entries(state).any(|entry| entry["status"] == 429))
            .await;
        let words = json!({ "from": "customer", "body": "Are you still there?" });
        server.post(&format!("/tasks/{task_sid}/messages"), words).await;
        let answer = server.post("/conversations", json!({ "name": "Ben" })).await;
        let state = server.state(|state| state["tasks"][1]["sid"] == answer["task"]).await;
        assert!(entries(&state).any(|entry| entry["kind"] == "invocation" && entry["outcome"] == "pending"));
        assert_eq!(server.ask(Method::DELETE, "/faults", json!({})).await.0, 200);
    };
    let ((status, answer), ()) = tokio::join!(slow, meanwhile);
    assert_eq!(
        (status, &answer["answer"]["reservation"]),
        (200, &json!("rejected")),
        "{answer}"
    );
}

#[tokio::test]
async fn starting_over_leaves_one_customer_who_has_just_written() {
    let server = Server::start().await;
    server.post("/conversations", json!({ "name": "Ben" })).await;
    let old = server.anas_task().await;
    let mut live = server.live().await;
    server.put("/session-api", json!({ "up": false })).await;
    server.post("/reset", json!({})).await;
    let state = live.until(|state| state["tasks"][0]["sid"] != old.as_str()).await;
    assert_eq!(state["tasks"].as_array().unwrap().len(), 1);
    assert_eq!(state["sessionApi"]["up"], true);
    assert_eq!(server.hand_over().await.0, 200);
    let words = json!({ "from": "customer", "body": "Hello?" });
    let (status, _) = server.ask(Method::POST, &format!("/tasks/{old}/messages"), words).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn ctrl_c_ends_it_and_every_function_with_it() {
    let mut server = Server::start().await;
    server.anas_task().await;
    let id = server.process.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .await
            .unwrap()
            .success()
    );
    let ended = tokio::time::timeout(LIMIT, server.process.wait()).await.unwrap();
    assert!(ended.unwrap().success());
}

fn custom_datum(task: &Value, key: &str) -> Option<Value> {
    let mut data = task["session"]["customData"].as_array()?.iter();
    data.find(|datum| datum["key"] == key).cloned()
}

fn entries(state: &Value) -> impl Iterator<Item = &Value> {
    state["timeline"].as_array().unwrap().iter()
}
