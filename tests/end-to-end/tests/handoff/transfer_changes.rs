//! Accepted reservations whose state changes during the handoff.

use http::Method;
use simulator::twilio::{Task, TaskChange};

use super::transfers::{
    TRANSFERRED, accepted_chat, assert_transferred, at_flex, chat_in, new_tasks, offered_chat_in, transferred,
};
use super::*;

#[tokio::test]
async fn reservation_that_is_accepted_meanwhile_makes_a_new_task() {
    let scene = offered_chat_in(Scene::start().await);
    let twilio = scene.world.twilio.clone();
    let before = scene.task().attributes;
    let reservation_sid = scene.reservation_sid.clone();
    let accept = Effect::run(move || drop(twilio.accept_in_flex(&reservation_sid).unwrap()));
    scene.strike(scene.at(REJECT).before(accept));

    assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, TRANSFERRED)));
    assert_transferred(&scene, &before);
}

#[tokio::test]
async fn reservation_with_an_unknown_status_is_read_again() {
    let scene = accepted_chat().await;
    let before = scene.task().attributes;
    let unknown = rewrite_json(|reservation| reservation["reservation_status"] = json!("x"));
    scene.strike(scene.at(READ_RESERVATION).after(unknown));

    assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, TRANSFERRED)));
    assert_transferred(&scene, &before);
}

#[tokio::test]
async fn handoff_between_two_reads_is_a_repeat() {
    let scene = accepted_chat().await;
    let before = scene.task().attributes;
    assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, TRANSFERRED)));
    let earlier = json!(before);
    let earlier = rewrite_json(move |task| {
        task["attributes"] = earlier.clone();
        task["assignment_status"] = json!("assigned");
    });
    scene.strike(scene.at(READ_TASK).after(earlier));

    let repeat = ["unchanged", "already-released", "already-posted"];
    assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, repeat)));
    assert_transferred(&scene, &before);
}

/// Writes the six attributes, as a run does that ends before it makes the new task. Returns the task's attributes.
fn interrupt_handoff(scene: &Scene) -> String {
    let long_ago = json!({ "timestamp": "2000-01-01T00:00:00Z" });
    let six = with_six(&scene.task().attributes, &request(scene, long_ago));
    scene.set_attributes(&six);
    six
}

#[tokio::test]
async fn simultaneous_repeats_of_an_interrupted_handoff_make_one_new_task() {
    let scene = accepted_chat().await;
    let six = interrupt_handoff(&scene);

    let repeat = request(&scene, json!({ "timestamp": null }));
    let outcomes = invoke_at_once(&scene, vec![repeat; 4]).await;

    let answers: Vec<&Value> = outcomes.iter().flatten().collect();
    assert_eq!(
        answers
            .iter()
            .filter(|answer| answer["reservation"] == "transferred")
            .count(),
        1,
        "{outcomes:?}"
    );
    assert!(answers.iter().all(|answer| answer["attributes"] == "unchanged"));
    assert_eq!(new_tasks(&scene).len(), 1);
    assert_eq!(scene.task().attributes, six);
    assert_eq!(scene.reservation().status, ReservationStatus::Completed);
}

#[tokio::test]
async fn change_after_the_takeover_of_an_interrupted_handoff_leaves_no_mark() {
    let scene = accepted_chat().await;
    let six = interrupt_handoff(&scene);
    let (twilio, task_sid) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let change = Effect::run(move || {
        let more_urgent = TaskChange {
            priority: Some(9),
            ..TaskChange::default()
        };
        twilio.update_task(&task_sid, more_urgent).unwrap();
    });
    // The first write is the takeover. The second removes the mark.
    scene.strike(scene.at(WRITE).skip(1).before(change));

    let answer = hand_over_with(&scene, json!({ "timestamp": null })).await.unwrap();

    assert_eq!(answer["reservation"], "transferred");
    assert_eq!(scene.task().attributes, six);
    assert_eq!(scene.task().priority, 9);
    assert_eq!(new_tasks(&scene).len(), 1);
}

#[tokio::test]
async fn mark_stays_if_taskrouter_refuses_an_unchanged_version() {
    let scene = accepted_chat().await;
    let six = interrupt_handoff(&scene);
    let refused = Effect::Answer(Answer::status(412));
    let removals = scene.strike(scene.at(WRITE).skip(1).always().before(refused));

    let answer = hand_over_with(&scene, json!({ "timestamp": null })).await.unwrap();

    assert_eq!(answer["reservation"], "transferred");
    assert_eq!(removals.count(), 1);
    let marked = format!("{} }}", six.strip_suffix('}').unwrap());
    assert_eq!(scene.task().attributes, marked);
    assert_eq!(new_tasks(&scene).len(), 1);
}

#[tokio::test]
async fn new_task_whose_invite_is_not_listed_is_found() {
    let scene = Scene::with(|options| options.assumptions.answered_invites_are_listed = false).await;
    let scene = chat_in(scene);
    let before = scene.task().attributes;
    let twilio = scene.world.twilio.clone();
    let accept = Effect::run(move || {
        let invites = twilio.interactions().pop().unwrap().channel.invites;
        rep_accepts(&twilio, &invites.last().unwrap().task_sid);
    });
    for effect in [accept, Effect::Reset] {
        scene.strike(at_flex(Method::POST, "/Invites").after(effect));
    }
    let new_task = |answered: Result<Value, FunctionError>| answered.unwrap()["newTaskSid"].clone();

    let first = new_task(hand_over(&scene).await);
    assert_eq!(new_task(hand_over(&scene).await), first);
    let is_new = |task: &Task| task.attributes.contains(r#""handoffOf":{"#);
    let tasks = scene.world.twilio.tasks();
    assert_eq!(tasks.iter().filter(|task| is_new(task)).count(), 1);
    assert_eq!(scene.reservation().status, ReservationStatus::Completed);
    assert_eq!(scene.task().attributes, with_six(&before, &request(&scene, json!({}))));
    assert_eq!(notes(&scene), [note_text(&request(&scene, json!({})))]);
}
