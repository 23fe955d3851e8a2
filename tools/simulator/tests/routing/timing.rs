//! Timeouts with a clock that is moved by hand.

use std::time::Duration;

use serde_json::json;
use simulator::twilio::ReservationStatus::{Pending, Rejected, Timeout};
use simulator::twilio::sids::{
    AI_QUEUE_SID, AI_WORKER_SID, OFFLINE_ACTIVITY_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID, WORKFLOW_SID,
};
use simulator::twilio::{TaskStatus, WorkflowChange};

use crate::scene::{WEB_CHAT, add_person, answer, offered, offers, queue_name, route_by, task, world};

#[tokio::test]
async fn a_task_goes_on_to_the_next_target_when_its_time_has_passed() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    route_by(
        twilio,
        json!([{ "queue": AI_QUEUE_SID, "timeout": 60 }, { "queue": PEOPLE_QUEUE_SID }]),
    );
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    world.advance(Duration::from_secs(40));
    assert_eq!(queue_name(twilio, &sid), "AI");
    world.advance(Duration::from_secs(20));

    assert_eq!(queue_name(twilio, &sid), "People");
    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending)]));
    let task = task(twilio, &sid);
    assert_eq!(task.queue_entered, task.date_created + Duration::from_secs(60));
}

#[tokio::test]
async fn a_task_that_waited_through_its_last_target_is_canceled() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    route_by(twilio, json!([{ "queue": AI_QUEUE_SID, "timeout": 60 }]));
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    world.advance(Duration::from_secs(60));

    let task = task(twilio, &sid);
    assert_eq!(task.status, TaskStatus::Canceled);
    assert_eq!(task.reason.as_deref(), Some("Task canceled on Workflow timeout"));
    let route = task.last_route.unwrap().to_string();
    assert!(route.contains("target 1: its time is up"), "{route}");
}

#[tokio::test]
async fn a_reservation_times_out_moves_its_worker_and_lets_the_task_be_routed_again() {
    let world = world().await;
    let twilio = &world.twilio;
    let change = WorkflowChange {
        task_reservation_timeout: Some(120),
        ..WorkflowChange::default()
    };
    twilio.update_workflow(WORKFLOW_SID, change).unwrap();
    add_person(twilio, "Kim", 1);
    let sid = twilio.create_task("{}").unwrap().sid;
    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending)]));

    world.advance(Duration::from_secs(100));
    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending)]));
    world.advance(Duration::from_secs(20));

    assert_eq!(offers(twilio, &sid), offered([("Sam", Timeout), ("Kim", Pending)]));
    let mut workers = twilio.workers().into_iter();
    let sam = workers.find(|worker| worker.sid == REP_WORKER_SID).unwrap();
    assert_eq!(sam.activity_sid, OFFLINE_ACTIVITY_SID);
}

#[tokio::test]
async fn each_thing_happens_at_its_own_time_however_far_the_clock_is_moved() {
    let world = world().await;
    let twilio = &world.twilio;
    let change = WorkflowChange {
        task_reservation_timeout: Some(120),
        ..WorkflowChange::default()
    };
    twilio.update_workflow(WORKFLOW_SID, change).unwrap();
    let seen = twilio.events().len();
    let made = twilio.create_task("{}").unwrap().date_created;

    world.advance(Duration::from_secs(7 * 86_400));

    let events = twilio.events().into_iter().skip(seen);
    let timed: Vec<(String, i64)> = events
        .map(|event| (event.event_type, (event.date - made).whole_seconds()))
        .collect();
    let expected = [
        ("task.created", 0),
        ("workflow.entered", 0),
        ("workflow.target-matched", 0),
        ("task-queue.entered", 0),
        ("reservation.created", 0),
        ("reservation.timeout", 120),
        ("worker.activity.update", 120),
        ("task.canceled", 86_400),
        ("task.system-deleted", 86_700),
    ];
    assert_eq!(timed, expected.map(|(name, at)| (name.to_owned(), at)));
}

#[tokio::test]
async fn a_task_that_nobody_accepts_in_its_time_is_canceled() {
    let world = world().await;
    let twilio = &world.twilio;
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    world.advance(Duration::from_secs(86_400));

    let task = task(twilio, &sid);
    assert_eq!(task.status, TaskStatus::Canceled);
    assert_eq!(task.reason.as_deref(), Some("Task TTL Exceeded"));
    let events = twilio.events();
    let canceled = events.iter().find(|event| event.event_type == "task.canceled").unwrap();
    assert_eq!(canceled.field("EventDescription"), Some("Task TTL Exceeded"));
}

#[tokio::test]
async fn a_task_that_ended_is_gone_after_five_minutes() {
    let world = world().await;
    let twilio = &world.twilio;
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;
    twilio.end_task(&sid, TaskStatus::Canceled, "gone").unwrap();

    world.advance(Duration::from_secs(280));
    assert!(twilio.task(&sid).is_some());
    world.advance(Duration::from_secs(20));

    assert!(twilio.task(&sid).is_none());
    assert_eq!(twilio.events().pop().unwrap().event_type, "task.system-deleted");
}

#[tokio::test]
async fn each_step_through_the_targets_is_told() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    twilio.set_capacity(REP_WORKER_SID, "chat", 0).unwrap();
    route_by(
        twilio,
        json!([{ "queue": AI_QUEUE_SID, "timeout": 60 }, { "queue": PEOPLE_QUEUE_SID, "timeout": 60 }]),
    );
    let seen = twilio.events().len();
    twilio.create_task(WEB_CHAT).unwrap();

    world.advance(Duration::from_secs(120));

    let events = twilio.events().into_iter().skip(seen);
    let told: Vec<(String, Option<String>)> = events
        .map(|event| {
            let queue = event.field("TaskQueueName").map(str::to_owned);
            (event.event_type, queue)
        })
        .collect();
    let expected = [
        ("task.created", None),
        ("workflow.entered", None),
        ("workflow.target-matched", Some("AI")),
        ("task-queue.entered", Some("AI")),
        ("task-queue.timeout", Some("AI")),
        ("workflow.target-matched", Some("People")),
        ("task-queue.moved", Some("AI")),
        ("task-queue.entered", Some("People")),
        ("task-queue.timeout", Some("People")),
        ("workflow.timeout", Some("People")),
        ("task.canceled", Some("People")),
    ];
    let owned = expected.map(|(name, queue)| (name.to_owned(), queue.map(str::to_owned)));
    assert_eq!(told, owned);
}

#[tokio::test]
async fn a_rejection_does_not_start_the_time_in_the_target_anew() {
    let world = world().await;
    let twilio = &world.twilio;
    route_by(
        twilio,
        json!([{ "queue": AI_QUEUE_SID, "timeout": 60 }, { "queue": PEOPLE_QUEUE_SID }]),
    );
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    // A task stays in its target while a worker has an offer.
    world.advance(Duration::from_secs(90));
    assert_eq!(offers(twilio, &sid), offered([("ai", Pending)]));
    answer(twilio, &sid, Rejected);

    assert_eq!(offers(twilio, &sid), offered([("ai", Rejected), ("Sam", Pending)]));
}

#[tokio::test]
async fn what_is_due_happens_though_nobody_asks() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    route_by(
        twilio,
        json!([{ "queue": AI_QUEUE_SID, "timeout": 60 }, { "queue": PEOPLE_QUEUE_SID }]),
    );
    twilio.create_task(WEB_CHAT).unwrap();
    let mut changed = twilio.changed();
    changed.mark_unchanged();

    // Only the clock is moved, by less than the remaining time.
    world.clock.advance(Duration::from_millis(59_800));

    let moved = tokio::time::timeout(Duration::from_secs(10), changed.changed()).await;
    moved.unwrap().unwrap();
    assert_eq!(twilio.events().pop().unwrap().event_type, "reservation.created");
}
