//! `--workspace`.

use serde_json::{Value, json};

use crate::file::File;
use crate::process::{Simulator, assert_complaint, json};

const WORKSPACE: &str = "WS000000000000000000000000000000a1";

/// The documentation's example of a workspace, as a person would write it, plus another worker.
fn written() -> Value {
    let docs = include_str!("../../../../docs/simulator.md");
    let (_, section) = docs.split_once("### A workspace of your own").unwrap();
    let (_, section) = section.split_once("```json\n").unwrap();
    let (example, _) = section.split_once("```").unwrap();
    let mut written: Value = serde_json::from_str(example).unwrap();
    let tom = json!({"friendly_name": "Tom", "attributes": "{\"languages\":[\"en\"]}", "activity_name": "Here"});
    written["workers"].as_array_mut().unwrap().push(tom);
    written
}

#[tokio::test]
async fn written_workspace_routes_its_tasks() {
    let file = File::with("written", &written().to_string());
    let simulator = Simulator::serve(&["--workspace", file.path()]);
    assert_eq!(simulator.told("workspace SID"), WORKSPACE);

    let (status, task) = json(simulator.post(
        &format!("/v1/Workspaces/{WORKSPACE}/Tasks"),
        &[("TaskChannel", "chat"), ("Attributes", "{}")],
    ))
    .await;
    let reservations = format!(
        "/v1/Workspaces/{WORKSPACE}/Tasks/{}/Reservations",
        task["sid"].as_str().unwrap()
    );
    let (_, offers) = json(simulator.request("GET", &reservations)).await;
    let workers = format!("/v1/Workspaces/{WORKSPACE}/Workers");
    let (_, list) = json(simulator.request("GET", &workers)).await;

    assert_eq!((status, &task["task_queue_friendly_name"]), (201, &json!("Spanish")));
    assert_eq!(offers["reservations"][0]["worker_name"], "Luz");
    let workers = list["workers"].as_array().unwrap().iter();
    let activities: Vec<&Value> = workers.map(|worker| &worker["activity_name"]).collect();
    assert_eq!(activities, ["Here", "Here"]);
}

/// Asserts the complaint about the written workspace after a change.
#[track_caller]
fn assert_refused(name: &str, change: impl FnOnce(&mut Value), complaint: &str) {
    let mut workspace = written();
    change(&mut workspace);
    let file = File::with(name, &workspace.to_string());
    let message = format!("error: {}, {complaint}\n", file.path());
    assert_complaint(&["serve", "--port", "0", "--workspace", file.path()], &message);
}

#[test]
fn faults_of_a_workspace_are_named_with_their_place() {
    assert_refused(
        "twice",
        |workspace| workspace["workers"][1]["friendly_name"] = json!("Luz"),
        "in workers[1]: Worker named Luz already exists",
    );
    assert_refused(
        "activity",
        |workspace| workspace["workers"][0]["activity_name"] = json!("Gone"),
        "in workers[0]: Activity Gone does not exist",
    );
    assert_refused(
        "channel",
        |workspace| workspace["workers"][0]["channels"][0]["task_channel_unique_name"] = json!("fax"),
        "in workers[0]: TaskChannel fax does not exist",
    );
    assert_refused(
        "queue",
        |workspace| {
            workspace["workflows"][0]["configuration"]["task_routing"]["default_filter"]["queue"] = json!("WQ9")
        },
        "in workflows[0]: Configuration: TaskQueue WQ9 does not exist",
    );
    assert_refused(
        "sid",
        |workspace| workspace["task_queues"][0]["sid"] = json!("WQ1"),
        "in task_queues[0]: WQ1 is no SID: expected WQ and 32 hexadecimal digits",
    );
    assert_refused(
        "nobody",
        |workspace| workspace["activities"] = json!([]),
        "in activities: a workspace needs an activity",
    );
}

#[test]
fn other_formats_are_refused_with_line_and_column() {
    for (name, text, complaint) in [
        (
            "broken",
            "{\"activities\": [\n  {\"friendly_name\" \"Here\"}]}",
            "line 2, column 20: expected `:`",
        ),
        (
            "unknown",
            "{\"activities\": [],\n \"queues\": []}",
            "line 2, column 9, in queues: unknown field `queues`, expected one of `sid`, `friendly_name`, \
             `default_activity_sid`, `timeout_activity_sid`, `prioritize_queue_order`, `activities`, `task_channels`, \
             `task_queues`, `workers`, `workflows`",
        ),
        (
            "typed",
            "{\"activities\": [{\"friendly_name\": \"Here\", \"available\": \"yes\"}]}",
            "line 1, column 60, in activities[0].available: invalid type: string \"yes\", expected a boolean",
        ),
    ] {
        let file = File::with(name, text);
        let message = format!("error: {}, {complaint}\n", file.path());
        assert_complaint(&["serve", "--port", "0", "--workspace", file.path()], &message);
    }
}
