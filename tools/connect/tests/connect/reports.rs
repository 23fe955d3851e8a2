//! Routes in a report.

use serde_json::{Value, json};
use simulator::twilio::sids::{AI_WORKER_SID, WORKFLOW_SID};

use crate::broken::{FINDINGS, WARNINGS};
use crate::scene::{Scene, people, to_ai, to_people};

/// The samples of a report's routes and the ends of the routes.
async fn routes(scene: &Scene) -> Vec<(String, String, bool)> {
    let run = scene.connect(&["check", "--json"]).await;
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let routes = report["routes"].as_array().unwrap().iter();
    let text = |route: &Value, name: &str| route[name].as_str().unwrap().to_owned();
    routes
        .map(|route| {
            (
                text(route, "sample"),
                text(route, "leads_to"),
                route["warning"].is_string(),
            )
        })
        .collect()
}

fn route(sample: &str, leads_to: &str, warned: bool) -> (String, String, bool) {
    (sample.to_owned(), leads_to.to_owned(), warned)
}

const AI: &str = "queue \"AI\", with the AI worker ai";
const PEOPLE: &str = "queue \"People\", with 1 human agent";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_says_where_sample_tasks_go() {
    let mut scene = Scene::good().await;
    let expected = [
        route("fresh", AI, false),
        route("handed-off", PEOPLE, false),
        route("resolved", AI, true),
    ];
    assert_eq!(routes(&scene).await, expected);
    let text = scene.connect(&["check"]).await.out;
    assert!(text.contains("Sample tasks in workflow Handoff"), "{text}");
    assert!(text.contains("handedOff == true is true"), "{text}");

    // The resolved task has a way out.
    let filters = json!([
        to_people("handedOff == true OR aiResolved == true"),
        to_ai("channelType == 'web'")
    ]);
    scene.filters(filters, people()).await;
    scene.option("--resolved-attribute", "aiResolved");
    let expected = [
        route("fresh", AI, false),
        route("handed-off", PEOPLE, false),
        route("resolved", PEOPLE, false),
    ];
    assert_eq!(routes(&scene).await, expected);
}

/// The parts that a check says it left out, and the last line of its text.
async fn unchecked(scene: &Scene) -> (Vec<String>, String) {
    let report: Value = serde_json::from_str(&scene.connect(&["check", "--json"]).await.out).unwrap();
    let unchecked = serde_json::from_value(report["unchecked"].clone()).unwrap();
    let text = scene.connect(&["check"]).await.out;
    (unchecked, text.lines().last().unwrap().to_owned())
}

const SESSION_API: &str =
    "the session API; give --session-url, and name a session for a test write with --probe-session";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ai_worker_in_no_queue_is_not_checked() {
    let mut scene = Scene::good().await;
    let connected = "no errors, no warnings. The account is connected.";
    assert_eq!(
        unchecked(&scene).await,
        (vec![SESSION_API.to_owned()], connected.to_owned())
    );
    let worker = format!("/Workers/{AI_WORKER_SID}");
    scene.set(&worker, &[("Attributes", r#"{"roles":["robot"]}"#)]).await;
    let handoffs =
        format!("the handoffs of worker ai ({AI_WORKER_SID}); no workflow leads to a queue with this worker");
    let expected = (
        vec![SESSION_API.to_owned(), handoffs],
        "no errors, no warnings.".to_owned(),
    );
    assert_eq!(unchecked(&scene).await, expected);

    let missing = "WK00000000000000000000000000000009";
    scene.option("--ai-worker", missing);
    let handoffs = format!("the handoffs of worker {missing}; no workflow leads to a queue with this worker");
    let expected = (
        vec![SESSION_API.to_owned(), handoffs],
        "1 error, no warnings.".to_owned(),
    );
    assert_eq!(unchecked(&scene).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workflow_without_a_sample_for_the_ai_is_not_checked() {
    let scene = Scene::good().await;
    let mut ai = to_ai("channelType == 'web'");
    ai["targets"][0]["expression"] = json!("worker.language == 'eo'");
    scene
        .filters(json!([to_people("handedOff == true"), ai]), people())
        .await;
    let handoffs = format!(
        "the handoffs in workflow Handoff ({WORKFLOW_SID}); no sample task that was tried there reaches the AI"
    );
    let expected = (
        vec![SESSION_API.to_owned(), handoffs],
        "no errors, no warnings.".to_owned(),
    );
    assert_eq!(unchecked(&scene).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sample_has_the_session_id_where_the_option_says() {
    let mut scene = Scene::good().await;
    scene.option("--workflow", WORKFLOW_SID);
    let filters = json!([to_people("session_id == 'sample'")]);
    scene.filters(filters, Value::Null).await;
    let nowhere = "nowhere: TaskRouter cancels the task";
    assert_eq!(routes(&scene).await[0], route("fresh", PEOPLE, false));
    scene.option("--session-id-attribute", "ai.session.id");
    assert_eq!(routes(&scene).await[0], route("fresh", nowhere, false));
    scene
        .filters(json!([to_people("ai.session.id == 'sample'")]), Value::Null)
        .await;
    assert_eq!(routes(&scene).await[0], route("fresh", PEOPLE, false));
}

/// The rows of the table of findings in the docs: id, severity and whether `apply` fixes the finding.
fn documented() -> Vec<(String, String, bool)> {
    let docs = include_str!("../../../../docs/connect.md");
    let (_, section) = docs.split_once("## Findings").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        (
            cells[0].trim_end_matches('`').to_owned(),
            cells[1].to_owned(),
            !cells[3].is_empty(),
        )
    })
    .collect()
}

#[test]
fn docs_list_every_finding() {
    let expected = FINDINGS.map(|(finding, mendable)| {
        let severity = if WARNINGS.contains(&finding) {
            "warning"
        } else {
            "error"
        };
        (finding.to_owned(), severity.to_owned(), mendable)
    });
    assert_eq!(documented(), expected);
}
