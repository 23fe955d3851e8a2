//! Lists of tasks by an expression over their attributes, and the rate limit on such lists.

use std::time::Duration;

use axum::body::Bytes;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Request;
use serde_json::{Value, json};
use simulator::clock::Clock;
use simulator::exchange::Upstream;
use simulator::options::Options;
use simulator::twilio::sids::{ACCOUNT_SID, WORKSPACE_SID};
use simulator::upstreams::Upstreams;
use time::OffsetDateTime;

use super::get;
use crate::caller::{tasks_path, world};

fn evaluation(expression: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("EvaluateTaskAttributes", expression)
        .finish();
    format!("{}?{query}", tasks_path())
}

fn stopped() -> OffsetDateTime {
    OffsetDateTime::UNIX_EPOCH
}

/// Sends a request without a network. The clock of a world with a network doesn't stand still.
async fn status(upstreams: &Upstreams, path: &str) -> u16 {
    let token = upstreams.twilio.credentials().auth_token;
    let credentials = BASE64_STANDARD.encode(format!("{ACCOUNT_SID}:{token}"));
    let request = Request::get(path).header("authorization", format!("Basic {credentials}"));
    let answer = upstreams
        .answer(Upstream::TaskRouter, request.body(Bytes::new()).unwrap())
        .await;
    let body: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        body["code"],
        if answer.status == 429 {
            json!(20429)
        } else {
            json!(null)
        }
    );
    answer.status.as_u16()
}

#[tokio::test]
async fn fourth_evaluation_within_a_second_is_refused() {
    let clock = Clock::by(stopped);
    let upstreams = Upstreams::new(clock.clone(), &Options::default());
    let tasks = evaluation("session_id == 's-1'");
    let workers = format!("/v1/Workspaces/{WORKSPACE_SID}/Workers?TargetWorkersExpression=1==1");
    let queues = format!("/v1/Workspaces/{WORKSPACE_SID}/TaskQueues?EvaluateWorkerAttributes=%7B%7D");

    let mut statuses = Vec::new();
    for path in [&tasks, &workers, &queues, &tasks, &workers, &queues] {
        statuses.push(status(&upstreams, path).await);
    }
    let plain = status(&upstreams, &tasks_path()).await;
    clock.advance(Duration::from_secs(1));
    let later = status(&upstreams, &tasks).await;

    assert_eq!(statuses, [200, 200, 200, 429, 429, 429]);
    assert_eq!((plain, later), (200, 200));
}

#[tokio::test]
async fn tasks_are_listed_by_an_expression() {
    let world = world().await;
    let task = world.twilio.create_task(r#"{"session_id":"s-1"}"#).unwrap();
    world.twilio.create_task(r#"{"session_id":"s-2"}"#).unwrap();

    let answer = get(&world, &evaluation("session_id == 's-1'")).send().await;

    let sids = answer.json["tasks"].as_array().unwrap().iter().map(|task| &task["sid"]);
    assert_eq!(sids.collect::<Vec<_>>(), [&json!(task.sid)]);
}

#[tokio::test]
async fn name_with_a_hyphen_is_refused() {
    let world = world().await;
    world.twilio.create_task(r#"{"session-id":"s-1"}"#).unwrap();

    let answer = get(&world, &evaluation("session-id == 's-1'")).send().await;

    assert_eq!(answer.refusal(), (400, 20001));
    let message = answer.json["message"].as_str().unwrap();
    assert!(message.starts_with("EvaluateTaskAttributes: "), "{message}");
}
