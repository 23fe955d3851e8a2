//! Routes, in a report.

use serde_json::{Value, json};

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
