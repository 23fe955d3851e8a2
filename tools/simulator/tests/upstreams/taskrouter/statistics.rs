//! Statistics.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::options::Options;
use simulator::twilio::sids::{ACCOUNT_SID, AI_QUEUE_SID, AI_WORKER_SID, REP_WORKER_SID, WORKFLOW_SID, WORKSPACE_SID};
use simulator::twilio::{NewTask, Reservation, Routing, Task};
use simulator::world::World;

use super::{get, own};
use crate::caller::{call, tasks_path, world};

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

/// Two tasks with a reservation each: the first is accepted after 20 seconds and completed, the second is rejected
/// after 5 seconds and its task canceled after 70.
async fn two_tasks() -> World {
    let world = world().await;
    let twilio = &world.twilio;
    let new = |channel: &str| NewTask {
        task_channel: Some(channel.to_owned()),
        ..NewTask::default()
    };
    let (first, second) = (twilio.create(new("chat")).unwrap(), twilio.create(new("sms")).unwrap());
    let accepted = twilio.reserve(&first.sid, AI_WORKER_SID).unwrap();
    let rejected = twilio.reserve(&second.sid, REP_WORKER_SID).unwrap();
    world.advance(Duration::from_secs(5));
    answer(&world, &rejected, "rejected").await;
    world.advance(Duration::from_secs(15));
    answer(&world, &accepted, "accepted").await;
    world.advance(Duration::from_secs(50));
    let end = |task: &Task, status| {
        let task = tasks_path() + "/" + &task.sid;
        let call = call(&world, Upstream::TaskRouter, Method::POST, &task);
        call.form(&[("AssignmentStatus", status), ("Reason", "done")]).send()
    };
    let ended = end(&first, "completed").await;
    assert_eq!(ended.status, 200, "{ended:?}");
    let ended = end(&second, "canceled").await;
    assert_eq!(ended.status, 200, "{ended:?}");
    world
}

async fn answer(world: &World, reservation: &Reservation, status: &str) {
    let path = format!(
        "{}/{}/Reservations/{}",
        tasks_path(),
        reservation.task_sid,
        reservation.sid
    );
    let call = call(world, Upstream::TaskRouter, Method::POST, &path);
    let answer = call.form(&[("ReservationStatus", status)]).send().await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn period_is_counted_for_a_workspace() {
    let world = two_tasks().await;

    let cumulative = get(&world, &own("CumulativeStatistics?SplitByWaitTime=20,60"))
        .await
        .json;
    let both = get(&world, &own("Statistics?SplitByWaitTime=20,60")).await.json;

    let split = |above: [u32; 2], below: [u32; 2]| {
        let counts =
            |[accepted, canceled]: [u32; 2]| json!({ "reservations_accepted": accepted, "tasks_canceled": canceled });
        json!({ "above": counts(above), "below": counts(below) })
    };
    let mut expected = json!({
        "avg_task_acceptance_time": 20,
        "end_time": cumulative["end_time"],
        "reservations_accepted": 1,
        "reservations_canceled": 0,
        "reservations_created": 2,
        "reservations_rejected": 1,
        "reservations_rescinded": 0,
        "reservations_timed_out": 0,
        "split_by_wait_time": { "20": split([0, 1], [1, 0]), "60": split([0, 1], [1, 0]) },
        "start_time": cumulative["start_time"],
        "tasks_canceled": 1,
        "tasks_completed": 1,
        "tasks_created": 2,
        "tasks_deleted": 0,
        "tasks_moved": 0,
        "tasks_timed_out_in_workflow": 0,
        "wait_duration_until_accepted": { "avg": 20, "max": 20, "min": 20, "total": 20 },
        "wait_duration_until_canceled": { "avg": 70, "max": 70, "min": 70, "total": 70 },
    });
    let mut within = both["cumulative"].clone();
    (within["end_time"], within["start_time"]) = (cumulative["end_time"].clone(), cumulative["start_time"].clone());
    assert_eq!(within, expected);
    assert_eq!(both["realtime"]["total_tasks"], 0);
    expected["account_sid"] = ACCOUNT_SID.into();
    expected["url"] = format!("https://taskrouter.twilio.com{}", own("CumulativeStatistics")).into();
    expected["workspace_sid"] = WORKSPACE_SID.into();
    assert_eq!(cumulative, expected);
}

#[tokio::test]
async fn period_is_counted_for_a_queue_a_workflow_and_all_workers() {
    let world = two_tasks().await;
    let twilio = &world.twilio;
    let activities = twilio.activities();
    let (offline, available) = (&activities[0], &activities[1]);
    twilio.set_activity(REP_WORKER_SID, &offline.sid).unwrap();

    let queue = get(&world, &own(&format!("TaskQueues/{AI_QUEUE_SID}/CumulativeStatistics")))
        .await
        .json;
    let workflow = own(&format!(
        "Workflows/{WORKFLOW_SID}/CumulativeStatistics?TaskChannel=sms"
    ));
    let workflow = get(&world, &workflow).await.json;
    let workers = get(&world, &own("Workers/CumulativeStatistics")).await.json;
    let missing = get(&world, &own("TaskQueues/WQ404/Statistics")).await;

    let waits = json!({ "avg": 20, "max": 20, "min": 20, "total": 20 });
    assert_eq!(queue["wait_duration_in_queue_until_accepted"], waits);
    assert_eq!([&queue["tasks_completed"], &queue["reservations_created"]], [1, 2]);
    assert_eq!(queue["split_by_wait_time"], Value::Null);
    assert_eq!(
        [
            &workflow["reservations_created"],
            &workflow["reservations_rejected"],
            &workflow["tasks_completed"]
        ],
        [1, 1, 0]
    );
    assert_eq!(workers["reservations_accepted"], 1);
    let stay = &workers["activity_durations"][0];
    assert_eq!(
        (&stay["sid"], &stay["friendly_name"]),
        (&json!(available.sid), &json!("Available"))
    );
    assert_eq!([&stay["avg"], &stay["total"]], [70, 70]);
    assert_eq!(missing.refusal(), (404, 20404));
}

#[tokio::test]
async fn routed_task_enters_its_workflow_and_queue() {
    let options = Options {
        routing: Routing::ByWorkflow,
        ..Options::default()
    };
    let world = World::start(options).await.unwrap();
    world.twilio.create_task(r#"{"channelType":"web"}"#).unwrap();

    let queue = get(&world, &own(&format!("TaskQueues/{AI_QUEUE_SID}/Statistics")))
        .await
        .json;
    let workflow = get(&world, &own(&format!("Workflows/{WORKFLOW_SID}/Statistics")))
        .await
        .json;

    for statistics in [queue, workflow] {
        assert_eq!(statistics["cumulative"]["tasks_entered"], 1, "{statistics}");
        assert_eq!(statistics["realtime"]["total_tasks"], 1, "{statistics}");
    }
}

#[tokio::test]
async fn period_is_fifteen_minutes_unless_given() {
    let world = two_tasks().await;
    world.advance(Duration::from_secs(15 * 60));

    let count = async |query: &str| {
        let statistics = get(&world, &own(&format!("CumulativeStatistics{query}"))).await.json;
        statistics["tasks_created"].clone()
    };

    assert_eq!(count("").await, 0);
    assert_eq!(count("?Minutes=20").await, 2);
    assert_eq!(count("?StartDate=2020-01-01T00:00:00Z").await, 2);
    assert_eq!(count("?Minutes=20&EndDate=2020-01-01T00:00:00Z").await, 0);
    let invalid = get(&world, &own("CumulativeStatistics?SplitByWaitTime=soon")).await;
    assert_eq!(invalid.refusal(), (400, 20001));
}

#[tokio::test]
async fn lists_of_statistics_are_refused_by_name() {
    let world = world().await;

    for (path, name) in [
        ("TaskQueues/Statistics".to_owned(), "Statistics of all queues"),
        (
            "TaskQueues/RealTimeStatistics".to_owned(),
            "RealTimeStatistics of all queues",
        ),
        ("Workers/Statistics".to_owned(), "Statistics of all workers"),
        (format!("Workers/{AI_WORKER_SID}/Statistics"), "Statistics of a worker"),
    ] {
        let refused = get(&world, &own(&path)).await;
        assert_eq!(refused.refusal(), (404, 20404), "{path}");
        let message = refused.json["message"].as_str().unwrap();
        assert!(message.contains(&format!("Not simulated: {name}. ")), "{message}");
    }
}
