//! The visitor's own task and handoff on the page.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::browser::{DESK, Page};
use crate::file::File;
use crate::server::Server;

const ATTRIBUTES: &str = r#"{
    "session_id": 12, "channelType": "sms", "customer": {"name": "Mia Berg"}, "total": 1.10, "handedOff": true
}"#;
const HANDOFF: &str =
    r#"{"reason": "wants a refund", "summary": "Mia's parcel is lost.", "sentiment": "sad", "language": "nb"}"#;

/// The attributes that Flex didn't set.
fn own_attributes(task: &Value) -> Vec<(&str, &str)> {
    let attributes = task["attributes"].as_array().unwrap();
    let own = attributes
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["value"].as_str().unwrap()));
    own.filter(|(name, _)| !name.ends_with("Sid") && *name != "conversations")
        .collect()
}

#[tokio::test]
async fn files_make_the_first_task_of_every_world() {
    let (attributes, handoff) = (File::with("page-task", ATTRIBUTES), File::with("page-handoff", HANDOFF));
    let server = Server::start_with(&["--attributes", attributes.path(), "--handoff", handoff.path()]).await;
    let first = server.anas_task().await;
    server.post("/reset", json!({})).await;

    let is_there = |task: &Value| task["session"]["agrees"] == true && task["conversation"]["messages"][0].is_object();
    let task = server.task(|task| task["sid"] != first && is_there(task)).await;
    assert_eq!(
        own_attributes(&task),
        [
            ("channelType", r#""web""#),
            ("customer", r#"{"name": "Mia Berg"}"#),
            ("session_id", "12"),
            ("total", "1.10"),
        ]
    );
    assert_eq!(
        (&task["customer"], &task["session"]["id"]),
        (&json!("Mia Berg"), &json!("12"))
    );
    let message = &task["conversation"]["messages"][0];
    assert_eq!(
        (&message["author"], &message["body"]),
        (&json!("Mia Berg"), &json!("Hello! I have a question."))
    );
    assert_eq!(task["suggestion"], serde_json::from_str::<Value>(HANDOFF).unwrap());
}

#[tokio::test]
async fn form_is_filled_in_for_the_first_customer_only() {
    let handoff = File::with("page-form", HANDOFF);
    let Some(page) = Page::open_with(DESK, &["--handoff", handoff.path()]).await else {
        return;
    };
    let fields = "Object.fromEntries(new FormData(document.querySelector('#handoff-form')))";
    page.click("#do-handoff").await;
    assert_eq!(
        page.value(fields).await,
        serde_json::from_str::<Value>(HANDOFF).unwrap()
    );
    page.click("#handoff-cancel").await;

    page.click("#new-customer-add").await;
    page.until("document.querySelector('#task-head').innerText.startsWith('Ben')")
        .await;
    page.click("#do-handoff").await;
    let reasons = page.value(fields).await;
    assert_eq!(
        (&reasons["sentiment"], &reasons["language"]),
        (&json!("negative"), &json!("en"))
    );
    assert!(
        reasons["summary"].as_str().unwrap().starts_with("The espresso machine"),
        "{reasons}"
    );
    page.close().await;
}

#[tokio::test]
async fn customer_with_the_human_agents_name_is_refused() {
    let file = File::with("page-name", r#"{"customer": {"name": "Sam"}}"#);
    let ended = Command::new(env!("CARGO_BIN_EXE_demo"))
        .args(["--serve", "--port", "0", "--attributes", file.path()])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = ended.await.unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    let expected = "error: The attribute customer.name: Somebody else here writes by that name already.\n";
    assert!(complaint.ends_with(expected), "{complaint}");
    assert_eq!(output.status.code(), Some(1));
}
