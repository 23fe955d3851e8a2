//! Routes, in a report, and the export.

use serde_json::{Value, json};
use simulator::twilio::sids::{AI_QUEUE_SID, AI_WORKER_SID, PEOPLE_QUEUE_SID, WORKFLOW_SID, WORKSPACE_SID};

use crate::broken::{FINDINGS, WARNINGS};
use crate::scene::{Scene, people, to_ai, to_people};

/// The samples of a report's routes, with where each leads.
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn export_has_the_workspace_and_all_that_routes() {
    let scene = Scene::good().await;
    let run = scene.connect(&["export"]).await;
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let export: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(export["sid"], WORKSPACE_SID);
    let sids = |list: &str| {
        let items = export[list].as_array().unwrap().iter();
        items
            .map(|item| item["sid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(sids("task_queues"), [AI_QUEUE_SID, PEOPLE_QUEUE_SID]);
    assert_eq!(sids("workflows"), [WORKFLOW_SID]);
    assert_eq!(sids("workers").len(), 2);
    assert_eq!(sids("activities").len(), 3);
    let ai = export["workers"]
        .as_array()
        .unwrap()
        .iter()
        .find(|worker| worker["sid"] == AI_WORKER_SID);
    assert_eq!(ai.unwrap()["channels"][0]["configured_capacity"], 50);
}

/// The rows of the table of findings in the docs: id, severity, and whether `apply` mends it.
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
