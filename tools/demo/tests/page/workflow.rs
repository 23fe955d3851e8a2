//! The workflow is edited and tried, also with the filters in the wrong order.

use http::Method;
use serde_json::{Value, json};

use crate::server::{Server, reservation};

async fn text(server: &Server) -> String {
    let state = server.state(|_| true).await;
    state["workflow"]["text"].as_str().unwrap().to_owned()
}

/// Waits until the workflow has this text.
async fn text_is(server: &Server, text: &str) {
    server.state(|state| state["workflow"]["text"] == text).await;
}

#[tokio::test]
async fn a_mistake_is_shown_at_its_place_and_changes_nothing() {
    let server = Server::start().await;
    let good = text(&server).await;
    let line_of = |text: &str, part: &str| text[..text.find(part).unwrap()].matches('\n').count() + 1;
    let broken = good.replace("handedOff == true", "handedOff == == true");
    let line = line_of(&broken, "handedOff");
    let pointer = "/task_routing/filters/0/expression";
    // Mistakes are normal while a text is typed. A browser would log each mistake as a failure.
    for (method, path, expected) in [(Method::PUT, "/workflow", 422), (Method::POST, "/workflow/try", 200)] {
        let body = json!({ "text": broken, "task": server.anas_task().await });
        let (status, answer) = server.ask(method, path, body).await;
        let column = broken.lines().nth(line - 1).unwrap().find("== true").unwrap() + 1;
        assert_eq!(status, expected, "{answer}");
        assert_eq!(
            (&answer["line"], &answer["column"], &answer["pointer"]),
            (&json!(line), &json!(column), &json!(pointer))
        );
        assert!(answer["error"].as_str().unwrap().starts_with("expected "), "{answer}");
    }

    let (status, answer) = server
        .ask(Method::PUT, "/workflow", json!({ "text": "{\n  \"task_routing\": }" }))
        .await;
    assert_eq!(
        (status, &answer["line"], &answer["pointer"]),
        (422, &json!(2), &Value::Null),
        "{answer}"
    );
    assert_eq!(text(&server).await, good);
}

#[tokio::test]
async fn a_workflow_of_ones_own_is_kept_as_it_was_typed() {
    let server = Server::start().await;
    let own = text(&server).await.replace("\"AI first\"", "\"The AI,   first\"");
    server.put("/workflow", json!({ "text": own })).await;
    text_is(&server, &own).await;
}

#[tokio::test]
async fn a_workflow_can_be_tried_out_on_a_task_without_being_saved() {
    let server = Server::start().await;
    let task = server.anas_task().await;
    let good = text(&server).await;
    let own = good.replace("channelType == 'web'", "channelType == 'sms'");
    let answer = server.post("/workflow/try", json!({ "text": own, "task": task })).await;
    assert_eq!(
        (&answer["queue"], &answer["workers"]),
        (&json!("People"), &json!(["Sam"])),
        "{answer}"
    );
    let answer = server
        .post("/workflow/try", json!({ "text": good, "task": task }))
        .await;
    assert_eq!(
        (&answer["queue"], &answer["workers"]),
        (&json!("AI"), &json!(["AI Support Agent"])),
        "{answer}"
    );
    assert!(answer["route"].as_str().unwrap().contains("handedOff"), "{answer}");
    assert_eq!(text(&server).await, good);
}

#[tokio::test]
async fn a_queue_that_there_is_not_is_a_mistake_before_the_workflow_is_saved() {
    let server = Server::start().await;
    let good = text(&server).await;
    let unknown = "WQ99999999999999999999999999999999";
    let start = good.find("WQ").unwrap();
    let own = good.replacen(&good[start..start + unknown.len()], unknown, 1);
    let body = json!({ "text": own, "task": server.anas_task().await });
    let answer = server.post("/workflow/try", body).await;
    let error = format!("There is no queue {unknown}: TaskRouter refuses this workflow.");
    assert_eq!(answer, json!({ "error": error }));
    let (status, answer) = server.ask(Method::PUT, "/workflow", json!({ "text": own })).await;
    assert_eq!(status, 409, "{answer}");
    assert_eq!(text(&server).await, good);
}

#[tokio::test]
async fn below_the_ai_s_filter_handed_off_tasks_come_back_to_the_ai() {
    let server = Server::start().await;
    server.anas_task().await;
    let good = text(&server).await;
    server.post("/workflow/swap", json!({})).await;
    let state = server.state(|state| state["workflow"]["handoffFirst"] == false).await;
    assert_eq!(state["workflow"]["text"].as_str().unwrap().len(), good.len());

    assert_eq!(server.hand_over().await.0, 200);
    let task_sid = server.state(|_| true).await["tasks"][0]["sid"].clone();
    for (text, is_back) in [(text(&server).await, true), (good.clone(), false)] {
        let tried = server
            .post("/workflow/try", json!({ "text": text, "task": task_sid }))
            .await;
        assert_eq!(tried["backAtTheAi"], is_back, "{tried}");
    }
    let task = server.task(|task| task["backAtTheAi"] == true).await;
    assert_eq!(task["queueName"], "AI");
    let back = server.task(|task| reservation(task, "ai", "pending").is_some()).await;
    assert!(back["route"].as_str().unwrap().contains("AI first"), "{back}");

    server.post("/workflow/swap", json!({})).await;
    text_is(&server, &good).await;
    let (status, answer) = server.hand_over().await;
    assert_eq!(
        (status, &answer["answer"]["attributes"]),
        (200, &json!("unchanged")),
        "{answer}"
    );
    server
        .task(|task| task["queueName"] == "People" && task["backAtTheAi"] == false)
        .await;
}
