//! A conversation that goes step by step from the AI to a human agent.

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
    server.task(|task| task["status"] == "canceled").await;

    let (status, answer) = server.hand_over_of(&task_sid).await;
    assert_eq!((status, &answer["errorType"]), (409, &json!("TaskClosed")), "{answer}");
    let task = server.task(|task| task["handoff"]["errorType"] == "TaskClosed").await;
    assert_eq!(
        (&task["handoff"]["error"], &task["handoff"]["handoffs"]),
        (&answer["error"], &json!(0))
    );
}

#[tokio::test]
async fn resolved_task_is_ended_by_auto_close_and_its_session_is_marked() {
    for (accepts, status) in [(false, "canceled"), (true, "completed")] {
        let server = Server::start().await;
        let task_sid = server.anas_task().await;
        if accepts {
            accept_as_the_ai(&server).await;
        }
        let answer = server.post(&format!("/tasks/{task_sid}/resolve"), json!({})).await;
        assert_eq!(answer["answer"]["close"], "queued", "{answer}");
        let task = server.task(|task| task["status"] == status).await;
        assert_eq!(task["resolved"], true);
    }
}

#[tokio::test]
async fn accepted_task_is_handed_off_by_a_new_one_in_the_same_conversation() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    accept_as_the_ai(&server).await;
    let (status, answer) = server.hand_over_of(&task_sid).await;
    assert_eq!(
        (status, &answer["answer"]["reservation"]),
        (200, &json!("transferred")),
        "{answer}"
    );
    let is_offered = |state: &Value| {
        let new = &state["tasks"][1];
        reservation(new, "rep", "pending").is_some() && !new["handoff"].is_null()
    };
    let state = server.state(is_offered).await;
    let (old, new) = (&state["tasks"][0], &state["tasks"][1]);
    assert_eq!(new["handoffOf"], task_sid.as_str());
    assert_eq!(new["sid"], answer["answer"]["newTaskSid"]);
    assert_eq!(new["conversation"]["sid"], old["conversation"]["sid"]);
    assert_eq!(
        (&new["handoff"]["lost"], &new["handoff"]["notes"]),
        (&json!([]), &json!(1))
    );
}

#[tokio::test]
async fn repeated_handoff_changes_nothing() {
    let server = Server::start().await;
    assert_eq!(server.hand_over().await.0, 200);
    let task = server.task(|task| reservation(task, "rep", "pending").is_some()).await;
    let task_sid = task["sid"].as_str().unwrap();
    let answer = server
        .post(&format!("/tasks/{task_sid}/handoff/again"), json!({}))
        .await;
    let did = ["attributes", "reservation", "note"].map(|name| answer["answer"][name].clone());
    assert_eq!(did, ["unchanged", "already-released", "already-posted"]);
    let task = server.task(|task| task["handoff"]["repeats"] == 1).await;
    let counts = ["handoffs", "notes", "lost"].map(|name| task["handoff"][name].clone());
    assert_eq!(counts, [json!(1), json!(1), json!([])]);
}

/// After the same accident, compares the other system's attribute and the number of notes.
#[tokio::test]
async fn only_the_naive_program_loses_an_attribute_and_posts_twice() {
    for (program, lost, notes) in [("bundle", json!([]), 1), ("naive", json!(["warranty"]), 2)] {
        let server = Server::start().await;
        let task_sid = server.anas_task().await;
        let request = json!({
            "reason": "r", "summary": "s", "sentiment": "neutral", "language": "en",
            "program": program, "meanwhile": true,
        });
        server.post(&format!("/tasks/{task_sid}/handoff"), request).await;
        // Twilio refuses the naive program's second reject.
        let again = format!("/tasks/{task_sid}/handoff/again");
        let (status, answer) = server.ask(Method::POST, &again, json!({})).await;
        assert_eq!(status, if program == "bundle" { 200 } else { 409 }, "{answer}");
        let task = server
            .task(|task| task["handoff"]["repeats"] == 1 && task["handoff"]["notes"] == notes)
            .await;
        assert_eq!(
            (&task["handoff"]["program"], &task["handoff"]["lost"]),
            (&json!(program), &lost)
        );
        let state = server.state(|_| true).await;
        let mut entries = state["timeline"].as_array().unwrap().iter();
        let other = entries.find(|entry| entry["from"] == "another system").unwrap();
        let event = state["timeline"].as_array().unwrap().iter();
        let of_other = event.filter(|entry| entry["cause"] == other["id"]);
        assert_eq!(
            of_other.map(|entry| &entry["title"]).collect::<Vec<_>>(),
            ["task.updated"]
        );
    }
}

#[tokio::test]
async fn ai_that_handed_off_may_not_reply_any_more() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    let messages = format!("/tasks/{task_sid}/messages");
    let words = json!({ "from": "ai", "body": "One moment, please." });
    assert_eq!(
        server.post(&messages, words.clone()).await["answer"]["message"],
        "posted"
    );
    assert_eq!(server.hand_over_of(&task_sid).await.0, 200);
    let (status, answer) = server.ask(Method::POST, &messages, words).await;
    let expected = json!({ "error": "the task has been handed off", "errorType": "HandedOff" });
    assert_eq!((status, answer), (409, expected));
}

#[tokio::test]
async fn task_marked_by_hand_is_not_one_that_came_back() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    let mark = json!({ "name": "handedOff", "value": true });
    server.put(&format!("/tasks/{task_sid}/attributes"), mark).await;
    let is_marked = |task: &Value| {
        let mut attributes = task["attributes"].as_array().unwrap().iter();
        attributes.any(|attribute| attribute["name"] == "handedOff" && attribute["handoff"] == false)
    };
    let task = server.task(is_marked).await;
    assert_eq!(
        (&task["backAtTheAi"], &task["queueName"]),
        (&json!(false), &json!("AI"))
    );
}

async fn accept_as_the_ai(server: &Server) {
    let task = server.task(|task| reservation(task, "ai", "pending").is_some()).await;
    let of_ai = reservation(&task, "ai", "pending").unwrap();
    server.post(&format!("/reservations/{of_ai}/accept"), json!({})).await;
    server.task(|task| reservation(task, "ai", "accepted").is_some()).await;
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

pub(crate) fn all_deliveries_are_over(state: &Value) -> bool {
    let mut entries = state["timeline"].as_array().unwrap().iter();
    entries.all(|entry| entry["kind"] != "delivery" || entry["outcome"] == "ok")
}
