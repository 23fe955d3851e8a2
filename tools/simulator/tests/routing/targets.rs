//! Several targets, tasks and workers.

use serde_json::json;
use simulator::twilio::ReservationStatus::{Accepted, Pending, Rejected, Rescinded};
use simulator::twilio::sids::{AI_QUEUE_SID, AI_WORKER_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID};
use simulator::twilio::{NewTask, TaskQueueChange, TaskStatus};

use crate::scene::{WEB_CHAT, add_person, answer, offered, offers, route_by, task, world};

#[tokio::test]
async fn a_target_sets_the_priority() {
    let world = world().await;
    let twilio = &world.twilio;
    route_by(twilio, json!([{ "queue": PEOPLE_QUEUE_SID, "priority": 7 }]));

    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    assert_eq!(task(twilio, &sid).priority, 7);
}

#[tokio::test]
async fn a_target_that_nobody_can_serve_is_skipped_if_it_says_so() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    let skip_if = "workers.available >= 0";
    route_by(
        twilio,
        json!([{ "queue": AI_QUEUE_SID, "skip_if": skip_if }, { "queue": PEOPLE_QUEUE_SID }]),
    );

    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending)]));
}

#[tokio::test]
async fn the_task_of_the_higher_priority_gets_the_worker_who_becomes_free() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(REP_WORKER_SID, "chat", 1).unwrap();
    let create = |priority| {
        let new = NewTask {
            task_channel: Some("chat".to_owned()),
            priority: Some(priority),
            ..NewTask::default()
        };
        twilio.create(new).unwrap().sid
    };
    let [first, low, high] = [0, 1, 2].map(create);

    answer(twilio, &first, Accepted);
    assert_eq!(offers(twilio, &high), []);
    twilio.end_task(&first, TaskStatus::Completed, "resolved").unwrap();

    assert_eq!(offers(twilio, &high), offered([("Sam", Pending)]));
    assert_eq!(offers(twilio, &low), []);
}

#[tokio::test]
async fn whoever_accepts_first_has_the_task_that_was_offered_to_several() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio
        .update_task_queue(
            PEOPLE_QUEUE_SID,
            TaskQueueChange {
                max_reserved_workers: Some(2),
                ..TaskQueueChange::default()
            },
        )
        .unwrap();
    add_person(twilio, "Kim", 1);
    add_person(twilio, "Lee", 1);
    let sid = twilio.create_task("{}").unwrap().sid;
    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending), ("Kim", Pending)]));

    let sams = task(twilio, &sid).reservations.remove(0);
    twilio.move_reservation(&sams.sid, Accepted).unwrap();

    assert_eq!(offers(twilio, &sid), offered([("Sam", Accepted), ("Kim", Rescinded)]));
}

#[tokio::test]
async fn a_task_that_was_offered_to_several_is_routed_again_once_all_have_rejected() {
    let world = world().await;
    let twilio = &world.twilio;
    let two = TaskQueueChange {
        max_reserved_workers: Some(2),
        ..TaskQueueChange::default()
    };
    twilio.update_task_queue(PEOPLE_QUEUE_SID, two).unwrap();
    let kim = add_person(twilio, "Kim", 1);
    let sid = twilio.create_task("{}").unwrap().sid;

    answer(twilio, &sid, Rejected);
    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending), ("Kim", Rejected)]));
    assert_eq!(task(twilio, &sid).status, TaskStatus::Reserved);
    twilio.set_capacity(&kim.sid, "chat", 0).unwrap();
    let sams = task(twilio, &sid).reservations.remove(0);
    twilio.move_reservation(&sams.sid, Rejected).unwrap();

    assert_eq!(
        offers(twilio, &sid),
        offered([("Sam", Rejected), ("Kim", Rejected), ("Sam", Pending)])
    );
}
