//! Early ends of a task's routing.

use serde_json::json;
use simulator::twilio::ReservationStatus::{Canceled, Pending, Rejected};
use simulator::twilio::TaskStatus;
use simulator::twilio::sids::{AI_QUEUE_SID, AI_WORKER_SID};

use crate::scene::{WEB_CHAT, answer, offered, offers, route_by, task, types, world};

#[tokio::test]
async fn a_task_is_canceled_after_a_thousand_rejections() {
    let world = world().await;
    let twilio = &world.twilio;
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    for _ in 0..999 {
        answer(twilio, &sid, Rejected);
    }
    assert_eq!(offers(twilio, &sid).pop().unwrap().1, Pending);
    answer(twilio, &sid, Rejected);

    assert_eq!(task(twilio, &sid).status, TaskStatus::Canceled);
    assert_eq!(offers(twilio, &sid).len(), 1_000);
}

#[tokio::test]
async fn a_task_that_skips_its_last_target_is_canceled() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    route_by(twilio, json!([{ "queue": AI_QUEUE_SID, "skip_if": "1 == 1" }]));
    let seen = twilio.events().len();

    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    assert_eq!(task(twilio, &sid).status, TaskStatus::Canceled);
    assert_eq!(
        types(twilio, seen),
        ["task.created", "workflow.entered", "workflow.skipped", "task.canceled"]
    );
}

#[tokio::test]
async fn a_task_that_is_canceled_is_taken_back_from_whoever_it_was_offered_to() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 1).unwrap();
    let [first, second] = [(); 2].map(|()| twilio.create_task(WEB_CHAT).unwrap().sid);

    twilio.end_task(&first, TaskStatus::Canceled, "left").unwrap();

    assert_eq!(offers(twilio, &first), offered([("ai", Canceled)]));
    assert_eq!(offers(twilio, &second), offered([("ai", Pending)]));
}
