//! Handoffs from the AI to a person. With the filters in the wrong order, the task returns to the AI.

use serde_json::Value;
use simulator::twilio::ReservationStatus::{Accepted, Pending, Rejected};
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{TaskStatus, Twilio};

use crate::scene::{HANDED_OFF, WEB_CHAT, answer, offered, offers, queue_name, task, types, world};

/// Lets the AI hand the task off: attributes first, then the rejection.
fn hand_off(twilio: &Twilio, task_sid: &str) {
    twilio.set_attributes(task_sid, HANDED_OFF).unwrap();
    answer(twilio, task_sid, Rejected);
}

/// Moves the filter for handed-off tasks below the AI's filter.
fn swap_filters(twilio: &Twilio, re_evaluate_tasks: bool) {
    let mut configuration: Value = serde_json::from_str(&twilio.workflow_configuration()).unwrap();
    configuration["task_routing"]["filters"]
        .as_array_mut()
        .unwrap()
        .reverse();
    twilio
        .set_workflow_configuration(&configuration.to_string(), re_evaluate_tasks)
        .unwrap();
}

#[tokio::test]
async fn a_web_chat_is_offered_to_the_ai_and_once_handed_off_to_a_person() {
    let world = world().await;
    let twilio = &world.twilio;

    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;
    assert_eq!(offers(twilio, &sid), offered([("ai", Pending)]));
    assert_eq!(queue_name(twilio, &sid), "AI");
    assert_eq!(task(twilio, &sid).status, TaskStatus::Reserved);

    hand_off(twilio, &sid);
    assert_eq!(offers(twilio, &sid), offered([("ai", Rejected), ("Sam", Pending)]));
    assert_eq!(queue_name(twilio, &sid), "People");

    answer(twilio, &sid, Accepted);
    assert_eq!(task(twilio, &sid).status, TaskStatus::Assigned);
}

#[tokio::test]
async fn a_task_of_another_channel_goes_to_people_at_once() {
    let world = world().await;
    let twilio = &world.twilio;

    let sid = twilio.create_task(r#"{"channelType":"sms"}"#).unwrap().sid;

    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending)]));
}

#[tokio::test]
async fn with_the_filter_of_what_was_handed_off_below_the_ais_a_task_comes_back_to_the_ai() {
    let world = world().await;
    let twilio = &world.twilio;
    swap_filters(twilio, false);
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    hand_off(twilio, &sid);
    hand_off(twilio, &sid);

    assert_eq!(
        offers(twilio, &sid),
        offered([("ai", Rejected), ("ai", Rejected), ("ai", Pending)])
    );
    let route = task(twilio, &sid).last_route.unwrap().to_string();
    assert!(route.contains("AI first") && !route.contains("Handed off"), "{route}");
}

#[tokio::test]
async fn a_change_of_attributes_alone_routes_nothing() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    twilio.set_attributes(&sid, HANDED_OFF).unwrap();

    assert_eq!(offers(twilio, &sid), []);
    assert_eq!(queue_name(twilio, &sid), "AI");
}

#[tokio::test]
async fn a_change_of_the_workflow_routes_what_waits_only_if_it_says_so() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;
    twilio.set_attributes(&sid, HANDED_OFF).unwrap();
    let same = twilio.workflow_configuration();

    twilio.set_workflow_configuration(&same, false).unwrap();
    assert_eq!(queue_name(twilio, &sid), "AI");
    twilio.set_workflow_configuration(&same, true).unwrap();
    assert_eq!(queue_name(twilio, &sid), "People");
    assert_eq!(offers(twilio, &sid), offered([("Sam", Pending)]));
}

#[tokio::test]
async fn a_task_that_comes_to_the_same_place_of_a_changed_workflow_is_told_of_all_the_same() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    twilio.create_task(WEB_CHAT).unwrap();
    let seen = twilio.events().len();

    let same = twilio.workflow_configuration();
    twilio.set_workflow_configuration(&same, true).unwrap();

    assert_eq!(
        types(twilio, seen),
        ["workflow.updated", "workflow.entered", "workflow.target-matched"]
    );
}

#[tokio::test]
async fn a_task_that_waits_stays_where_it_is_when_the_filters_change_places() {
    let world = world().await;
    let twilio = &world.twilio;
    twilio.set_capacity(AI_WORKER_SID, "chat", 0).unwrap();
    let sid = twilio.create_task(WEB_CHAT).unwrap().sid;

    swap_filters(twilio, false);
    twilio.set_capacity(AI_WORKER_SID, "chat", 1).unwrap();

    assert_eq!(offers(twilio, &sid), offered([("ai", Pending)]));
}

#[tokio::test]
async fn one_can_ask_where_a_task_would_go_without_moving_it() {
    let world = world().await;
    let twilio = &world.twilio;
    // This task itself takes up the only room for a chat.
    twilio.set_capacity(REP_WORKER_SID, "chat", 1).unwrap();
    let sid = twilio.create_task("{}").unwrap().sid;
    twilio.set_attributes(&sid, HANDED_OFF).unwrap();
    let (before, seen) = (task(twilio, &sid).version, twilio.events().len());

    let workflow = twilio.workflow_configuration().parse().unwrap();
    let route = twilio.would_route(&workflow, &sid).unwrap();

    assert_eq!(route.offered, [REP_WORKER_SID]);
    assert_eq!(task(twilio, &sid).version, before);
    assert_eq!(twilio.events().len(), seen);
}
