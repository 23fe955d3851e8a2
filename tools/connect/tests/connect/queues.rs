//! The queue of handed-off tasks in the workflow's targets.

use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};
use simulator::twilio::sids::{AI_QUEUE_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID};

use crate::scene::{Scene, people, to_ai, to_people};

/// The good account with this target in the filter for handed-off tasks.
async fn with_target(target: Value) -> Scene {
    let scene = Scene::good().await;
    let mut filter = to_people("handedOff == true");
    filter["targets"][0] = target;
    scene
        .filters(json!([filter, to_ai("channelType == 'web'")]), people())
        .await;
    scene
}

/// The exit code of a check and the id and message of each finding.
async fn findings(scene: &Scene) -> (i32, Vec<(String, String)>) {
    let run = scene.connect(&["check", "--json"]).await;
    let report: Value = serde_json::from_str(&run.out).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = findings.map(|finding| (text(finding, "id"), text(finding, "message")));
    (run.code, findings.collect())
}

fn filter_queue(message: &str) -> (i32, Vec<(String, String)>) {
    (1, vec![("filter-queue".to_owned(), message.to_owned())])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn target_skipped_at_night_leads_back_to_the_ai() {
    let scene = with_target(json!({"queue": PEOPLE_QUEUE_SID, "skip_if": "workers.available == 0"})).await;
    let expected = filter_queue(
        "Filter 1 \"People\" catches handed-off tasks, but when nobody takes one before its last target's timeout, or when \
         skip_if skips that target because no human agent is available, it goes on to filter 2 \"AI\", which leads back to \
         the AI.",
    );
    assert_eq!(findings(&scene).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn target_that_no_agent_meets_is_named() {
    let expression = "worker.language == task.handoffLanguage";
    let scene = with_target(json!({"queue": PEOPLE_QUEUE_SID, "expression": expression})).await;
    let expected = filter_queue(
        "Filter 1 \"People\" catches handed-off tasks and leads to the queue \"People\", but its target's expression \
         (worker.language == task.handoffLanguage) holds for no human agent there. The customer waits for a human agent who \
         never comes.",
    );
    assert_eq!(findings(&scene).await, expected);

    let agent = format!("/Workers/{REP_WORKER_SID}");
    let attributes = r#"{"roles":["agent"],"language":"es"}"#;
    scene.set(&agent, &[("Attributes", attributes)]).await;
    assert_eq!(findings(&scene).await, (0, Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filter_without_a_target_leads_to_no_queue() {
    let scene = Scene::good().await;
    let mut filter = to_people("handedOff == true");
    filter["targets"] = json!([]);
    scene
        .filters(json!([filter, to_ai("channelType == 'web'")]), people())
        .await;
    let expected = filter_queue(
        "Filter 1 \"People\" catches handed-off tasks, but has no target, so it leads to no queue: the task passes it by.",
    );
    assert_eq!(findings(&scene).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn misspelled_target_is_unreadable() {
    let scene = Scene::good().await;
    misspell_targets(&scene);
    let (code, findings) = findings(&scene).await;
    let ids: Vec<&str> = findings.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!((code, ids), (1, vec!["workflow-unreadable"]));
    assert!(findings[0].1.contains("target"), "{}", findings[0].1);
}

/// Writes `target` for `targets` in the list of workflows. The simulator refuses such a configuration, but Twilio may
/// have one.
fn misspell_targets(scene: &Scene) {
    let rewrite = Effect::rewrite(|mut answer| {
        answer.body = answer.text().replacen("targets", "target", 1).into();
        answer
    });
    let workflows = Fault::at(Upstream::TaskRouter).path_ends_with("/Workflows");
    scene.world.faults.add(workflows.always().after(rewrite));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn default_filter_of_the_ai_leads_back_to_it() {
    let scene = Scene::good().await;
    scene.filters(json!([]), json!({"queue": AI_QUEUE_SID})).await;
    let message = "No filter tells a handed-off task from a new one. When the AI hands a task over, no other filter matches \
                   it, and the default filter leads it straight back to the AI, over and over.";
    let expected = vec![("filter-missing".to_owned(), message.to_owned())];
    assert_eq!(findings(&scene).await, (1, expected));
}
