//! The events of routing.

use simulator::twilio::ReservationStatus::{Accepted, Completed, Rejected, Wrapping};
use simulator::twilio::sids::{
    AI_WORKER_SID, BREAK_ACTIVITY_SID, OPERATING_UNIT_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID, WORKFLOW_SID,
};

use crate::scene::{HANDED_OFF, WEB_CHAT, answer, types, world};

#[tokio::test]
async fn a_whole_handoff_is_told_in_order() {
    let world = world().await;
    let twilio = &world.twilio;

    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;
    twilio.set_attributes(&sid, HANDED_OFF).unwrap();
    answer(twilio, &sid, Rejected);
    answer(twilio, &sid, Accepted);
    answer(twilio, &sid, Wrapping);
    answer(twilio, &sid, Completed);

    assert_eq!(
        types(twilio, 0),
        [
            "task.created",
            "workflow.entered",
            "workflow.target-matched",
            "task-queue.entered",
            "reservation.created",
            "task.updated",
            "reservation.rejected",
            "workflow.target-matched",
            "task-queue.moved",
            "task-queue.entered",
            "reservation.created",
            "reservation.accepted",
            "reservation.wrapup",
            "task.wrapup",
            "reservation.completed",
            "task.completed",
        ]
    );
}

#[tokio::test]
async fn a_task_whose_reservation_is_completed_says_so_in_its_reason() {
    let world = world().await;
    let twilio = &world.twilio;
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    answer(twilio, &sid, Accepted);
    answer(twilio, &sid, Completed);

    let reason = Some("All reservations were completed");
    assert_eq!(twilio.task(&sid).unwrap().reason.as_deref(), reason);
    let last = twilio.events().pop().unwrap();
    assert_eq!(
        (last.event_type.as_str(), last.field("TaskCompletedReason")),
        ("task.completed", reason)
    );
}

#[tokio::test]
async fn each_event_of_a_task_has_its_queue_and_its_workflow() {
    let world = world().await;
    let twilio = &world.twilio;

    let sid = twilio.create_task("{}").unwrap().sid;

    let fields = [
        "ResourceType",
        "ResourceSid",
        "TaskQueueName",
        "WorkflowFilterName",
        "WorkerName",
    ];
    let told: Vec<_> = twilio
        .events()
        .iter()
        .map(|event| fields.map(|name| event.field(name).map(str::to_owned)))
        .collect();
    let reservation = twilio.task(&sid).unwrap().reservations.remove(0).sid;
    let told: Vec<_> = told
        .iter()
        .map(|fields| fields.each_ref().map(Option::as_deref))
        .collect();
    let people = Some("People");
    assert_eq!(
        told,
        [
            [Some("task"), Some(&*sid), None, None, None],
            [Some("task"), Some(&*sid), None, None, None],
            [Some("task"), Some(&*sid), people, Some("Default"), None],
            [Some("task"), Some(&*sid), people, None, None],
            [Some("reservation"), Some(&*reservation), people, None, Some("Sam")],
        ]
    );
    let last = twilio.events().pop().unwrap();
    assert_eq!(last.field("TaskQueueSid"), Some(PEOPLE_QUEUE_SID));
    assert_eq!(last.field("TaskQueueTargetExpression"), Some("roles HAS 'agent'"));
    assert_eq!(last.field("WorkflowSid"), Some(WORKFLOW_SID));
    assert_eq!(last.field("WorkflowName"), Some("Handoff"));
    assert_eq!(last.field("WorkerActivityName"), Some("Available"));
    assert_eq!(last.field("OperatingUnitSid"), Some(OPERATING_UNIT_SID));
    assert_eq!(last.field("TaskQueueEnteredDate"), last.field("TaskDateCreated"));
}

#[tokio::test]
async fn a_change_of_activity_says_what_was_before_and_for_how_long() {
    let world = world().await;
    let twilio = &world.twilio;
    world.advance(std::time::Duration::from_secs(75));

    twilio.set_activity(REP_WORKER_SID, BREAK_ACTIVITY_SID).unwrap();

    let event = twilio.events().pop().unwrap();
    let fields = [
        "EventType",
        "ResourceType",
        "WorkerName",
        "WorkerActivityName",
        "WorkerPreviousActivityName",
        "WorkerTimeInPreviousActivity",
    ];
    let expected = ["worker.activity.update", "worker", "Sam", "Break", "Available", "75"];
    assert_eq!(fields.map(|name| event.field(name).unwrap()), expected);
}

#[tokio::test]
async fn a_change_of_capacity_says_what_it_was() {
    let world = world().await;
    let twilio = &world.twilio;
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;
    answer(twilio, &sid, Accepted);

    twilio.set_capacity(AI_WORKER_SID, "chat", 5).unwrap();

    let event = twilio.events().pop().unwrap();
    let fields = [
        "EventType",
        "TaskChannelUniqueName",
        "WorkerChannelAvailable",
        "WorkerChannelPreviousCapacity",
        "WorkerChannelTaskCount",
    ];
    let expected = ["worker.capacity.update", "chat", "true", "50", "1"];
    assert_eq!(fields.map(|name| event.field(name).unwrap()), expected);
}

#[tokio::test]
async fn only_what_the_filter_names_is_sent_and_all_is_kept() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio
        .set_event_callback("http://127.0.0.1:9/", "task.created, reservation.created")
        .unwrap();

    twilio.create_task(WEB_CHAT).unwrap();

    let sent: Vec<String> = twilio.deliveries().into_iter().map(|one| one.event_type).collect();
    assert_eq!(sent, ["task.created", "reservation.created"]);
    assert_eq!(twilio.events().len(), 5);
}
