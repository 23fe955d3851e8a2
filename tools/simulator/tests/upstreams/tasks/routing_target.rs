//! Tasks addressed to a worker, queue or workflow.

use std::time::Duration;

use serde_json::json;
use simulator::options::Options;
use simulator::twilio::sids::{
    AI_QUEUE_SID, AI_WORKER_SID, BREAK_ACTIVITY_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID, TASK_CHANNEL_SID, WORKFLOW_SID,
};
use simulator::twilio::{Assumptions, ReservationStatus, Routing, Task, TaskStatus};
use simulator::world::World;

use super::{get, post, reservation_path, task_path};
use crate::caller::tasks_path;

const WEB_CHAT: &str = r#"{"channelType":"web"}"#;

async fn routing(assumptions: Assumptions) -> World {
    let options = Options {
        routing: Routing::ByWorkflow,
        assumptions,
        ..Options::default()
    };
    World::start(options).await.unwrap()
}

async fn create(world: &World, fields: &[(&str, &str)]) -> Task {
    let fields = [&[("TaskChannel", "chat"), ("Attributes", WEB_CHAT)], fields].concat();
    let created = post(world, &tasks_path(), &fields).send().await;
    assert_eq!(created.status, 201, "{}", created.json);
    world.twilio.task(created.json["sid"].as_str().unwrap()).unwrap()
}

fn offers(task: &Task) -> Vec<(&str, ReservationStatus)> {
    let reservations = task.reservations.iter();
    reservations.map(|one| (one.worker_sid.as_str(), one.status)).collect()
}

#[tokio::test]
async fn task_for_a_worker_is_canceled_when_the_worker_rejects() {
    let world = routing(Assumptions::default()).await;
    let seen = world.twilio.events().len();

    let task = create(&world, &[("RoutingTarget", AI_WORKER_SID)]).await;
    assert_eq!(offers(&task), [(AI_WORKER_SID, ReservationStatus::Pending)]);
    let read = get(&world, &task_path(&task)).send().await.json;
    let path = reservation_path(&task.reservations[0]);
    let rejected = post(&world, &path, &[("ReservationStatus", "rejected")]).send().await;
    let after = get(&world, &task_path(&task)).send().await.json;

    let shown = [
        "routing_target",
        "ignore_capacity",
        "task_queue_sid",
        "assignment_status",
        "reason",
    ];
    assert_eq!(
        shown.map(|name| &read[name]),
        [
            &json!(AI_WORKER_SID),
            &json!(true),
            &json!(AI_QUEUE_SID),
            &json!("reserved"),
            &json!(null)
        ]
    );
    assert_eq!(
        (rejected.status, &rejected.json["reservation_status"]),
        (200, &json!("rejected"))
    );
    let reason = format!("RoutingTarget not available for Reservation acceptance: {AI_WORKER_SID}");
    assert_eq!(
        shown.map(|name| &after[name]),
        [
            &json!(AI_WORKER_SID),
            &json!(true),
            &json!(AI_QUEUE_SID),
            &json!("canceled"),
            &json!(reason)
        ]
    );
    let events: Vec<_> = world.twilio.events().into_iter().skip(seen).collect();
    let types: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(
        types,
        [
            "task.created",
            "task-queue.entered",
            "reservation.created",
            "reservation.rejected",
            "task.canceled"
        ]
    );
    assert!(
        events
            .iter()
            .all(|event| event.field("TaskRoutingTarget") == Some(AI_WORKER_SID))
    );
    assert_eq!(events[4].field("TaskCanceledReason"), Some(reason.as_str()));
}

#[tokio::test]
async fn timeout_cancels_a_workers_task_if_the_world_assumes_so() {
    for (target_timeout_cancels, status, offers) in [(true, TaskStatus::Canceled, 1), (false, TaskStatus::Reserved, 2)]
    {
        let world = routing(Assumptions {
            target_timeout_cancels,
            ..Assumptions::default()
        })
        .await;
        let two_days = ("Timeout", "172800");
        let task = create(&world, &[("RoutingTarget", AI_WORKER_SID), two_days]).await;

        world.advance(Duration::from_secs(86_400));

        let task = world.twilio.task(&task.sid).unwrap();
        assert_eq!((task.status, task.reservations.len()), (status, offers));
        assert_eq!(task.reservations[0].status, ReservationStatus::Timeout);
    }
}

#[tokio::test]
async fn capacity_of_the_target_counts_only_if_it_is_asked_for() {
    let world = routing(Assumptions::default()).await;
    world.twilio.set_capacity(REP_WORKER_SID, TASK_CHANNEL_SID, 0).unwrap();
    world.twilio.set_activity(REP_WORKER_SID, BREAK_ACTIVITY_SID).unwrap();
    let to_sam = ("RoutingTarget", REP_WORKER_SID);

    let regardless = create(&world, &[to_sam]).await;
    let waiting = create(&world, &[to_sam, ("IgnoreCapacity", "false")]).await;
    let sid = regardless.reservations[0].sid.clone();
    let pending = (offers(&regardless), offers(&waiting));
    assert_eq!(pending, (vec![(REP_WORKER_SID, ReservationStatus::Pending)], vec![]));

    // Sam comes back and has room for a second chat.
    world
        .twilio
        .set_activity(REP_WORKER_SID, simulator::twilio::sids::AVAILABLE_ACTIVITY_SID)
        .unwrap();
    world.twilio.set_capacity(REP_WORKER_SID, TASK_CHANNEL_SID, 1).unwrap();
    assert_eq!(world.twilio.task(&waiting.sid).unwrap().reservations.len(), 0);
    for status in [ReservationStatus::Accepted, ReservationStatus::Completed] {
        world.twilio.move_reservation(&sid, status).unwrap();
    }

    let waiting = world.twilio.task(&waiting.sid).unwrap();
    assert_eq!(offers(&waiting), [(REP_WORKER_SID, ReservationStatus::Pending)]);
    assert!(regardless.ignore_capacity && !waiting.ignore_capacity);
}

#[tokio::test]
async fn queue_takes_the_place_of_the_workflows_filters() {
    let world = routing(Assumptions::default()).await;
    for fields in [("RoutingTarget", PEOPLE_QUEUE_SID), ("TaskQueueSid", PEOPLE_QUEUE_SID)] {
        let seen = world.twilio.events().len();

        // The workflow itself would lead a web chat to the AI.
        let task = create(&world, &[fields]).await;
        let reject = post(
            &world,
            &reservation_path(&task.reservations[0]),
            &[("ReservationStatus", "rejected")],
        );
        assert_eq!(reject.send().await.status, 200);

        let task = world.twilio.task(&task.sid).unwrap();
        assert_eq!(
            offers(&task),
            [
                (REP_WORKER_SID, ReservationStatus::Rejected),
                (REP_WORKER_SID, ReservationStatus::Pending)
            ]
        );
        assert_eq!(task.queue_sid.as_deref(), Some(PEOPLE_QUEUE_SID));
        let events = world.twilio.events().into_iter().skip(seen);
        let types: Vec<String> = events.map(|event| event.event_type).collect();
        assert_eq!(
            types,
            [
                "task.created",
                "task-queue.entered",
                "reservation.created",
                "reservation.rejected",
                "reservation.created"
            ]
        );
        world.twilio.delete_task(&task.sid).unwrap();
    }
}

#[tokio::test]
async fn unknown_targets_and_a_capacity_without_a_worker_are_refused() {
    let world = routing(Assumptions::default()).await;
    let nobody = format!("WK{}", "0".repeat(32));
    for fields in [
        [("RoutingTarget", nobody.as_str()), ("Priority", "1")],
        [("RoutingTarget", TASK_CHANNEL_SID), ("Priority", "1")],
        [("TaskQueueSid", nobody.as_str()), ("Priority", "1")],
        [("RoutingTarget", WORKFLOW_SID), ("IgnoreCapacity", "true")],
        [("RoutingTarget", AI_QUEUE_SID), ("IgnoreCapacity", "false")],
    ] {
        let answer = post(&world, &tasks_path(), &fields).send().await;
        assert_eq!(answer.refusal(), (400, 20001), "{fields:?}");
    }
    assert!(world.twilio.tasks().is_empty());
}

#[tokio::test]
async fn target_event_names_the_known_worker() {
    let world = routing(Assumptions::default()).await;
    let target = json!({ "queue": PEOPLE_QUEUE_SID, "known_worker_friendly_name": "task.agents[0]" });
    let filters = json!([{ "filter_friendly_name": "All", "targets": [target] }]);
    let configuration = json!({ "task_routing": { "filters": filters } });
    world
        .twilio
        .set_workflow_configuration(&configuration.to_string(), false)
        .unwrap();

    world.twilio.create_task(r#"{"agents":["Sam"]}"#).unwrap();
    world.twilio.create_task(r#"{"agents":["Nobody"]}"#).unwrap();

    let events = world.twilio.events();
    let matched = events
        .iter()
        .filter(|event| event.event_type == "workflow.target-matched");
    let known: Vec<_> = matched.map(|event| event.field("KnownWorkerSid")).collect();
    assert_eq!(known, [Some(REP_WORKER_SID), None]);
}
