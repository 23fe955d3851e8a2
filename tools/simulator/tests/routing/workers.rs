//! The workers to whom a task can be offered: activities, capacity, attributes.

use serde_json::json;
use simulator::twilio::ReservationStatus::{Accepted, Completed, Pending, Rejected};
use simulator::twilio::sids::{
    AVAILABLE_ACTIVITY_SID, BREAK_ACTIVITY_SID, OFFLINE_ACTIVITY_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID,
};
use simulator::twilio::{NewTask, TaskQueueChange, WorkerChange};

use crate::scene::{add_person, add_worker, answer, offered, offers, world};

#[tokio::test]
async fn nobody_on_a_break_is_offered_a_task_until_they_are_back() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_activity(REP_WORKER_SID, BREAK_ACTIVITY_SID).unwrap();
    let sid = twilio.create_task("{}").unwrap().sid;
    assert_eq!(offers(twilio, &sid), []);

    twilio.set_activity(REP_WORKER_SID, AVAILABLE_ACTIVITY_SID).unwrap();

    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending)]));
}

#[tokio::test]
async fn a_worker_has_no_more_chats_than_the_capacity_says() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(REP_WORKER_SID, "chat", 2).unwrap();
    let sids = [(); 3].map(|()| twilio.create_task("{}").unwrap().sid);
    assert_eq!(offers(twilio, &sids[1]), offered([("Sam", Pending)]));
    assert_eq!(offers(twilio, &sids[2]), []);

    answer(twilio, &sids[0], Accepted);
    assert_eq!(offers(twilio, &sids[2]), []);
    answer(twilio, &sids[0], Completed);

    assert_eq!(offers(twilio, &sids[2]), offered([("Sam", Pending)]));
}

#[tokio::test]
async fn each_channel_has_a_capacity_of_its_own() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(REP_WORKER_SID, "chat", 1).unwrap();
    twilio.create_task("{}").unwrap();

    let email = NewTask {
        task_channel: Some("email".to_owned()),
        ..NewTask::default()
    };
    let sid = twilio.create(email).unwrap().sid;

    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending)]));
}

#[tokio::test]
async fn a_worker_who_comes_into_the_queue_by_new_attributes_is_offered_what_waits() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_activity(REP_WORKER_SID, BREAK_ACTIVITY_SID).unwrap();
    let kim = add_worker(twilio, "Kim", json!({}), 1);
    let sid = twilio.create_task("{}").unwrap().sid;
    assert_eq!(offers(twilio, &sid), []);

    let change = WorkerChange {
        attributes: Some(json!({ "roles": ["agent"] }).to_string()),
        ..WorkerChange::default()
    };
    twilio.update_worker(&kim.sid, change).unwrap();

    assert_eq!(offers(twilio, &sid), offered([("Kim", Pending)]));
}

#[tokio::test]
async fn who_has_been_idle_for_the_longest_time_comes_first() {
    let world = world().await;
    let twilio = &world.twilio;
    add_person(twilio, "Kim", 2);
    let first = twilio.create_task("{}").unwrap().sid;
    answer(twilio, &first, Accepted);

    let second = twilio.create_task("{}").unwrap().sid;

    assert_eq!(offers(twilio, &first), offered([("Sam", Accepted)]));
    assert_eq!(offers(twilio, &second), offered([("Kim", Pending)]));
}

#[tokio::test]
async fn a_worker_may_be_offered_again_what_was_rejected() {
    let world = world().await;
    let twilio = &world.twilio;
    let sid = twilio.create_task("{}").unwrap().sid;

    answer(twilio, &sid, Rejected);

    assert_eq!(offers(twilio, &sid), offered([("Sam", Rejected), ("Sam", Pending)]));
}

#[tokio::test]
async fn who_leaves_for_a_break_can_reject_all_that_is_pending() {
    let world = world().await;
    let twilio = &world.twilio;
    let sids = [(); 2].map(|()| twilio.create_task("{}").unwrap().sid);
    answer(twilio, &sids[0], Accepted);
    let leave = |activity: &str| WorkerChange {
        activity_sid: Some(activity.to_owned()),
        reject_pending_reservations: true,
        ..WorkerChange::default()
    };

    let refused = twilio.update_worker(REP_WORKER_SID, leave(AVAILABLE_ACTIVITY_SID));
    assert_eq!(refused.unwrap_err().code, 20001);
    twilio.update_worker(REP_WORKER_SID, leave(BREAK_ACTIVITY_SID)).unwrap();

    assert_eq!(offers(twilio, &sids[0]), offered([("Sam", Accepted)]));
    assert_eq!(offers(twilio, &sids[1]), offered([("Sam", Rejected)]));
}

#[tokio::test]
async fn a_queue_says_what_its_workers_do_once_they_are_offered_a_task_and_once_they_have_it() {
    let world = world().await;
    let twilio = &world.twilio;
    let change = TaskQueueChange {
        reservation_activity_sid: Some(BREAK_ACTIVITY_SID.to_owned()),
        assignment_activity_sid: Some(OFFLINE_ACTIVITY_SID.to_owned()),
        ..TaskQueueChange::default()
    };
    twilio.update_task_queue(PEOPLE_QUEUE_SID, change).unwrap();
    let activity = || {
        let mut workers = twilio.workers().into_iter();
        workers.find(|one| one.sid == REP_WORKER_SID).unwrap().activity_sid
    };

    let sid = twilio.create_task("{}").unwrap().sid;
    assert_eq!(activity(), BREAK_ACTIVITY_SID);
    answer(twilio, &sid, Accepted);

    assert_eq!(activity(), OFFLINE_ACTIVITY_SID);
}
