//! `connect export`, and a simulator with its output.

use serde_json::Value;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::WorkspaceFile;
use simulator::twilio::sids::{
    AI_QUEUE_SID, AI_WORKER_SID, BREAK_ACTIVITY_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID, WORKFLOW_SID, WORKSPACE_SID,
};

use crate::scene::{Run, Scene};

/// An account with some of everything that can be exported.
async fn varied() -> Scene {
    let scene = Scene::good().await;
    scene
        .set("/TaskChannels", &[("UniqueName", "fax"), ("FriendlyName", "Fax")])
        .await;
    let queue = [
        ("FriendlyName", "Night"),
        ("TargetWorkers", ""),
        ("MaxReservedWorkers", "3"),
        ("TaskOrder", "LIFO"),
        ("ReservationActivitySid", BREAK_ACTIVITY_SID),
    ];
    let night = scene.set("/TaskQueues", &queue).await["sid"]
        .as_str()
        .unwrap()
        .to_owned();
    let worker = [
        ("FriendlyName", "Zoë"),
        ("Attributes", r#"{"n":1.10,"u":"https:\/\/x"}"#),
    ];
    let zoe = scene.set("/Workers", &worker).await["sid"].as_str().unwrap().to_owned();
    let fax = format!("/Workers/{zoe}/Channels/fax");
    scene.set(&fax, &[("Capacity", "7"), ("Available", "false")]).await;
    let configuration = format!("{{\"task_routing\":\n  {{\"default_filter\": {{\"queue\": \"{night}\"}}}}}}");
    let workflow = [("FriendlyName", "Night"), ("Configuration", &*configuration)];
    scene.set("/Workflows", &workflow).await;
    scene.set("", &[("PrioritizeQueueOrder", "LIFO")]).await;
    scene
}

async fn exported(scene: &Scene) -> String {
    let before = scene.world.exchanges.all().len();
    let Run { code, out, err } = scene.connect(&["export"]).await;
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(scene.writes_since(before), 0);
    out
}

fn sids(export: &Value, list: &str) -> Vec<String> {
    let items = export[list].as_array().unwrap().iter();
    items.map(|item| item["sid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn export_of_an_export_is_the_same() {
    let first = exported(&varied().await).await;
    let again = Scene::good().await;
    let file: WorkspaceFile = first.parse().unwrap();
    again.world.twilio.replace_workspace(&file).unwrap();
    assert_eq!(exported(&again).await, first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn export_has_everything_that_routes() {
    let export: Value = serde_json::from_str(&exported(&varied().await).await).unwrap();

    assert_eq!(export["sid"], WORKSPACE_SID);
    assert_eq!(export["prioritize_queue_order"], "LIFO");
    assert_eq!(sids(&export, "task_queues")[..2], [AI_QUEUE_SID, PEOPLE_QUEUE_SID]);
    assert_eq!(sids(&export, "workers")[..2], [AI_WORKER_SID, REP_WORKER_SID]);
    assert_eq!(sids(&export, "workflows")[0], WORKFLOW_SID);
    assert_eq!(
        (sids(&export, "activities").len(), sids(&export, "task_channels").len()),
        (3, 7)
    );
    let night = &export["task_queues"][2];
    assert_eq!(
        (
            &night["target_workers"],
            &night["max_reserved_workers"],
            &night["reservation_activity_sid"]
        ),
        (&"".into(), &3.into(), &BREAK_ACTIVITY_SID.into())
    );
    let zoe = &export["workers"][2];
    assert_eq!(zoe["attributes"], r#"{"n":1.10,"u":"https:\/\/x"}"#);
    let fax = serde_json::json!({"task_channel_unique_name": "fax", "configured_capacity": 7, "available": false});
    assert_eq!(zoe["channels"][6], fax);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parts_that_may_not_be_read_are_named() {
    let mut scene = Scene::good().await;
    let channels = Fault::at(Upstream::TaskRouter).path_ends_with("/Channels");
    scene
        .world
        .faults
        .add(channels.before(Effect::Answer(Answer::status(403))));
    let run = scene.connect(&["export"]).await;
    let message = "connect: the credentials may not read the workers' channels\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, "", message));

    scene.option("--workflow", "WW00000000000000000000000000000404");
    let run = scene.connect(&["export"]).await;
    let message = "connect: the workspace has no workflow WW00000000000000000000000000000404\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, "", message));

    scene.option("--workspace", "WS00000000000000000000000000000404");
    let run = scene.connect(&["export"]).await;
    let message = "connect: the account has no workspace WS00000000000000000000000000000404\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (1, "", message));
}
