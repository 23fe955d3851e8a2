//! Causes and effects in the timeline.

use std::collections::HashMap;

use http::Method;
use serde_json::{Value, json};
use simulator::loopback;

use crate::handoff::all_deliveries_are_over;
use crate::server::{Server, reservation};

#[tokio::test]
async fn every_step_of_a_handoff_leads_back_to_whoever_asked_for_it() {
    let server = Server::start().await;
    assert_eq!(server.hand_over().await.0, 200);
    let state = server
        .state(|state| reservation(&state["tasks"][0], "rep", "pending").is_some() && all_deliveries_are_over(state))
        .await;
    let entries: HashMap<u64, &Value> = state["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["id"].as_u64().unwrap(), entry))
        .collect();
    let chain = |entry: &Value| {
        let mut chain = vec![entry["title"].as_str().unwrap().to_owned()];
        let mut cause = entry["cause"].as_u64();
        while let Some(id) = cause {
            chain.push(entries[&id]["title"].as_str().unwrap().to_owned());
            cause = entries[&id]["cause"].as_u64();
        }
        chain
    };
    let mut causes = entries.values().filter_map(|entry| entry["cause"].as_u64());
    assert!(causes.all(|cause| entries.contains_key(&cause)));
    let copied = entries.values().filter(|entry| entry["title"] == "writes custom_data");
    let by: Vec<_> = copied
        .map(|entry| &entries[&entry["cause"].as_u64().unwrap()]["kind"])
        .collect();
    assert!(!by.is_empty() && by.iter().all(|kind| *kind == "delivery"), "{by:?}");

    let written = entries
        .values()
        .find(|entry| entry["title"] == "writes the six attributes");
    let asked = ["invokes the function", "The AI hands the task off to a human agent"];
    assert_eq!(
        chain(written.unwrap()),
        [&["writes the six attributes"], &asked[..]].concat()
    );

    // Sam is offered the task because the AI's reservation was rejected. The function then got the event of the offer.
    let offered = entries
        .values()
        .filter(|entry| entry["kind"] == "delivery" && entry["title"] == "reservation.created");
    let offered: Vec<_> = offered.map(|entry| chain(entry)).collect();
    let made = ["reservation.created", "reservation.created", "rejects the reservation"];
    assert!(
        offered.contains(
            &[&made[..], &asked[..]]
                .concat()
                .iter()
                .map(ToString::to_string)
                .collect()
        ),
        "{offered:?}"
    );

    // Only the actions themselves and a function's requests before its first invocation have no cause.
    let without = entries
        .values()
        .filter(|entry| entry["cause"].is_null() && entry["kind"] != "action");
    let mut without: Vec<_> = without.map(|entry| entry["title"].as_str().unwrap()).collect();
    without.sort_unstable();
    without.dedup();
    assert_eq!(
        without,
        [
            "opens a connection, before it is needed",
            "reads its secret, at its start"
        ]
    );
}

#[tokio::test]
async fn every_entry_can_be_looked_at_in_full_and_shows_no_credentials() {
    let server = Server::start().await;
    assert_eq!(server.hand_over().await.0, 200);
    let state = server.state(all_deliveries_are_over).await;
    for entry in state["timeline"].as_array().unwrap() {
        let (status, details) = server
            .ask(Method::GET, &format!("/timeline/{}", entry["id"]), json!({}))
            .await;
        assert_eq!(status, 200, "{entry}");
        let text = |part: &str| details[part]["body"].as_str().unwrap_or_default().to_owned();
        match entry["kind"].as_str().unwrap() {
            "action" => assert!(details["fields"].is_array(), "{details}"),
            "event" => assert!(details["fields"].to_string().contains(entry["title"].as_str().unwrap())),
            "delivery" => {
                assert!(text("request").contains("EventType="), "{details}");
                assert_eq!(details["log"].as_array().unwrap().len(), 1, "{details}");
            }
            "invocation" => {
                assert!(
                    text("request").contains("compensation") && text("answer").contains("updated"),
                    "{details}"
                );
                assert_eq!(details["log"].as_array().unwrap().len(), 1, "{details}");
            }
            "request" => {
                let headers = details["request"]["headers"].as_array().unwrap();
                let authorization = headers.iter().find(|header| header[0] == "authorization");
                let words = authorization.map_or(0, |header| header[1].as_str().unwrap().split(' ').count());
                assert!(words <= 1, "{details}");
                assert_eq!(details["answer"]["status"], entry["status"]);
            }
            other => panic!("{other}"),
        }
    }
    let (status, _) = server.ask(Method::GET, "/timeline/1000000", json!({})).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn programs_of_ones_own_reach_the_same_twilio_and_are_seen() {
    let server = Server::start().await;
    let task_sid = server.anas_task().await;
    let twilio = server.state(|_| true).await["twilio"].clone();
    let text = |name: &str| twilio[name].as_str().unwrap().to_owned();
    let url = format!(
        "{}/v1/Workspaces/{}/Tasks/{task_sid}",
        text("url"),
        text("workspaceSid")
    );
    let request = loopback::client()
        .get(&url)
        .basic_auth(text("accountSid"), Some(text("authToken")));
    let answer: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(answer["sid"], task_sid.as_str());

    let is_own = |entry: &&Value| entry["from"] == "your program";
    let own = |state: &Value| state["timeline"].as_array().unwrap().iter().find(is_own).cloned();
    let state = server.state(|state| own(state).is_some()).await;
    let entry = own(&state).unwrap();
    assert_eq!((&entry["title"], &entry["cause"]), (&json!(""), &Value::Null));
    let (_, details) = server
        .ask(Method::GET, &format!("/timeline/{}", entry["id"]), json!({}))
        .await;
    let credentials = format!("{}:{}", text("accountSid"), text("authToken"));
    assert_eq!(
        details["curl"],
        format!("curl \\\n  --user '{credentials}' \\\n  '{url}'")
    );
}

#[tokio::test]
async fn refused_action_says_why() {
    let server = Server::start().await;
    server.anas_task().await;
    let state = server.state(|_| true).await;
    let text = state["workflow"]["text"].as_str().unwrap();
    let start = text.find("WQ").unwrap();
    let unknown = text.replacen(&text[start..start + 34], "WQ99999999999999999999999999999999", 1);
    let (status, answer) = server.ask(Method::PUT, "/workflow", json!({ "text": unknown })).await;
    assert_eq!(status, 409);
    let is_refused = |entry: &Value| entry["kind"] == "action" && entry["problem"] == answer["error"];
    server
        .state(|state| state["timeline"].as_array().unwrap().iter().any(is_refused))
        .await;
}
