//! A conversation from the AI to a human agent, step by step.

use http::Method;
use serde_json::{Value, json};

use crate::server::{Server, reservation};

#[tokio::test]
async fn a_handoff_takes_a_task_from_the_ai_to_sam_who_completes_it() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;

    let (status, answer) = server.hand_over().await;
    assert_eq!(status, 200, "{answer}");
    let did = ["attributes", "reservation", "note"].map(|name| answer["answer"][name].clone());
    assert_eq!(did, ["updated", "rejected", "posted"]);

    let task = server
        .task(|task| {
            let is_told = task["session"]["agrees"] == true && !task["handoff"].is_null();
            reservation(task, "rep", "pending").is_some() && is_told
        })
        .await;
    assert_eq!(
        (&task["queueName"], &task["backAtTheAi"]),
        (&json!("People"), &json!(false))
    );
    assert_eq!(task["handoff"]["answer"], answer["answer"]);
    let messages = task["conversation"]["messages"].as_array().unwrap();
    assert_eq!(messages.iter().filter(|message| message["from"] == "note").count(), 1);
    let attributes = task["attributes"].as_array().unwrap();
    assert_eq!(
        attributes
            .iter()
            .filter(|attribute| attribute["handoff"] == true)
            .count(),
        6
    );

    let sams = reservation(&task, "rep", "pending").unwrap();
    server.post(&format!("/reservations/{sams}/accept"), json!({})).await;
    let words = json!({ "from": "rep", "body": "Hello Ana, Sam here." });
    server.post(&format!("/tasks/{task_sid}/messages"), words).await;
    let is_sams = |message: &Value| message["author"] == "Sam" && message["from"] == "rep";
    let task = server.task(|task| is_sams(task["conversation"]["messages"].as_array().unwrap().last().unwrap()));
    assert_eq!(task.await["status"], "assigned");

    server.post(&format!("/tasks/{task_sid}/wrap-up"), json!({})).await;
    // `auto-close` leaves the task to Sam.
    server.state(all_deliveries_are_over).await;
    server.task(|task| task["status"] == "wrapping").await;
    server.post(&format!("/tasks/{task_sid}/complete"), json!({})).await;
    server.task(|task| task["status"] == "completed").await;
}

#[tokio::test]
async fn a_task_that_is_over_is_not_handed_off_any_more() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    server.post(&format!("/tasks/{task_sid}/resolve"), json!({})).await;
    server.task(|task| task["status"] == "completed").await;

    let (status, answer) = server.hand_over_of(&task_sid).await;
    assert_eq!((status, &answer["errorType"]), (409, &json!("TaskClosed")), "{answer}");
    let task = server.task(|task| task["handoff"]["errorType"] == "TaskClosed").await;
    assert_eq!(task["handoff"]["error"], answer["error"]);
}

#[tokio::test]
async fn a_task_that_the_ai_resolves_is_completed_by_auto_close() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    server.post(&format!("/tasks/{task_sid}/resolve"), json!({})).await;
    server.task(|task| task["status"] == "completed").await;
}

#[tokio::test]
async fn a_task_that_sam_declines_is_routed_again() {
    let server = Server::start().await;
    assert_eq!(server.hand_over().await.0, 200);
    let task = server.task(|task| reservation(task, "rep", "pending").is_some()).await;
    let first = reservation(&task, "rep", "pending").unwrap();
    server.post(&format!("/reservations/{first}/reject"), json!({})).await;
    let task = server
        .task(|task| reservation(task, "rep", "pending").is_some_and(|sid| sid != first))
        .await;
    assert_eq!(task["queueName"], "People");
}

#[tokio::test]
async fn what_the_handoff_function_refuses_is_told_in_its_own_words() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    server.post(&format!("/tasks/{task_sid}/resolve"), json!({})).await;
    let reasons = json!({ "reason": "r", "summary": "s", "sentiment": "neutral", "language": "en" });
    let (status, answer) = server
        .ask(Method::POST, &format!("/tasks/{task_sid}/handoff"), reasons)
        .await;
    assert_eq!((status, &answer["errorType"]), (409, &json!("TaskClosed")));
}

pub(crate) fn all_deliveries_are_over(state: &Value) -> bool {
    let mut entries = state["timeline"].as_array().unwrap().iter();
    entries.all(|entry| entry["kind"] != "delivery" || entry["outcome"] == "ok")
}
