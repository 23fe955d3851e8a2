//! Statistics.

use serde_json::json;
use simulator::twilio::NewTask;
use simulator::twilio::sids::{AI_QUEUE_SID, AI_WORKER_SID, REP_WORKER_SID, WORKFLOW_SID};

use super::{get, own};
use crate::caller::world;

#[tokio::test]
async fn the_present_is_counted_for_a_workspace_a_queue_a_workflow_and_all_workers() {
    let world = world().await;
    let new = |channel: &str| NewTask {
        task_channel: Some(channel.to_owned()),
        priority: Some(3),
        ..NewTask::default()
    };
    let waiting = world.twilio.create(new("chat")).unwrap().sid;
    let reserved = world.twilio.create(new("sms")).unwrap().sid;
    world.twilio.reserve(&reserved, AI_WORKER_SID).unwrap();
    let offline = world
        .twilio
        .activities()
        .into_iter()
        .find(|activity| !activity.available)
        .unwrap();
    world.twilio.set_activity(REP_WORKER_SID, &offline.sid).unwrap();

    let workspace = get(&world, &own("RealTimeStatistics")).await.json;
    let queue = get(&world, &own(&format!("TaskQueues/{AI_QUEUE_SID}/RealTimeStatistics")))
        .await
        .json;
    let workflow = own(&format!("Workflows/{WORKFLOW_SID}/RealTimeStatistics?TaskChannel=sms"));
    let workflow = get(&world, &workflow).await.json;
    let workers = get(&world, &own("Workers/RealTimeStatistics")).await.json;

    assert_eq!(
        workspace["tasks_by_status"],
        json!({ "pending": 1, "reserved": 1, "assigned": 0, "wrapping": 0 })
    );
    assert_eq!(workspace["tasks_by_priority"], json!({ "3": 2 }));
    assert_eq!(workspace["longest_task_waiting_sid"], waiting);
    assert_eq!([&workspace["total_tasks"], &workspace["total_workers"]], [2, 2]);
    assert_eq!(
        [&queue["total_eligible_workers"], &queue["total_available_workers"]],
        [1, 1]
    );
    assert_eq!(
        [&workflow["total_tasks"], &workflow["longest_task_waiting_age"]],
        [1, 0]
    );
    let activities = workers["activity_statistics"].as_array().unwrap();
    let in_it = activities
        .iter()
        .find(|activity| activity["sid"] == offline.sid)
        .unwrap();
    assert_eq!(in_it["workers"], 1);
}

#[tokio::test]
async fn what_was_over_time_is_not_counted() {
    let world = world().await;

    for path in [
        "Statistics".to_owned(),
        "CumulativeStatistics".to_owned(),
        "Workers/Statistics".to_owned(),
        "Workers/CumulativeStatistics".to_owned(),
        "TaskQueues/Statistics".to_owned(),
        format!("TaskQueues/{AI_QUEUE_SID}/CumulativeStatistics"),
        format!("Workflows/{WORKFLOW_SID}/Statistics"),
    ] {
        assert_eq!(get(&world, &own(&path)).await.refusal(), (404, 20404), "{path}");
    }
}
