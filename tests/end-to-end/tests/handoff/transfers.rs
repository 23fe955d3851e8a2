//! Accepted reservations: a new task in the same interaction, after which the AI leaves the conversation.

use std::time::Instant;

use end_to_end::LIMIT;
use http::Method;
use simulator::exchange::Upstream;
use simulator::fault::Fault;
use simulator::twilio::sids::AI_WORKER_SID;
use simulator::twilio::{Interaction, NewTask, Task, TaskStatus};

use super::*;

/// A web chat in an interaction that the AI has accepted.
pub(super) async fn accepted_chat() -> Scene {
    chat_in(Scene::start().await)
}

pub(super) fn chat_in(scene: Scene) -> Scene {
    let scene = offered_chat_in(scene);
    scene.world.twilio.accept_in_flex(&scene.reservation_sid).unwrap();
    scene
}

/// The same scene before the AI accepts.
pub(super) fn offered_chat_in(mut scene: Scene) -> Scene {
    let twilio = scene.world.twilio.clone();
    let attributes = r#"{"session_id":"session-1","price":1.10,"handoffOf":"an older one"}"#;
    let interaction = twilio
        .create_interaction(attributes, Some(&scene.conversation_sid))
        .unwrap();
    scene.task_sid = interaction.task_sid().unwrap().to_owned();
    scene.reservation_sid = twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid;
    scene
}

fn interaction(scene: &Scene) -> Interaction {
    scene
        .world
        .twilio
        .interactions()
        .pop()
        .expect("there is an interaction")
}

/// The tasks of the interaction's invites after the first invite.
pub(super) fn new_tasks(scene: &Scene) -> Vec<Task> {
    let invites = interaction(scene).channel.invites;
    let tasks = invites
        .iter()
        .skip(1)
        .map(|invite| scene.world.twilio.task(&invite.task_sid).unwrap());
    tasks.collect()
}

pub(super) fn transferred(scene: &Scene, said: [&str; 3]) -> Value {
    let mut answer = answer(scene, said);
    answer["newTaskSid"] = json!(new_tasks(scene)[0].sid);
    answer
}

pub(super) const TRANSFERRED: [&str; 3] = ["updated", "transferred", "posted"];

/// Asserts that there is one new task with all attributes and one note, and that the AI has left.
#[track_caller]
pub(super) fn assert_transferred(scene: &Scene, before: &str) {
    let request = request(scene, json!({}));
    let with_six = with_six(before, &request);
    assert_eq!(scene.task().attributes, with_six);
    let [new] = new_tasks(scene).try_into().expect("there is one new task");
    let of = format!(
        r#"{{"taskSid":"{}","reservationSid":"{}"}}"#,
        scene.task_sid, scene.reservation_sid
    );
    // Flex sets the invite's own SID.
    let parse = |text: &str| {
        let mut attributes: Value = serde_json::from_str(text).unwrap();
        assert!(attributes["flexChannelInviteSid"].take().is_string());
        attributes
    };
    assert_eq!(
        parse(&new.attributes),
        parse(&with_six.replace(r#""an older one""#, &of))
    );
    assert!(new.attributes.contains("1.10"), "{}", new.attributes);
    assert_eq!(scene.reservation().status, ReservationStatus::Completed);
    assert_eq!(scene.task().status, TaskStatus::Completed);
    assert_eq!(notes(scene), [note_text(&request)]);
}

/// Retries until the interrupted run can't be under way any more.
async fn hand_over_after_a_while(scene: &Scene) -> Value {
    let started = Instant::now();
    loop {
        match hand_over(scene).await {
            Ok(answered) => return answered,
            Err(error) => assert!(
                started.elapsed() < LIMIT && error.error_type == "Unavailable",
                "{error:?}"
            ),
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

pub(super) fn at_flex(method: Method, end: &'static str) -> Fault {
    Fault::at(Upstream::Flex)
        .method(method)
        .path(move |path| path.contains(end))
}

#[tokio::test]
async fn accepted_reservation_makes_a_new_task() {
    let scene = accepted_chat().await;
    let before = scene.task().attributes;

    assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, TRANSFERRED)));
    assert_transferred(&scene, &before);

    let repeat = transferred(&scene, ["unchanged", "already-released", "already-posted"]);
    assert_eq!(hand_over(&scene).await, Ok(repeat.clone()));
    // The new task with the old reservation means the same handoff.
    let by_new_task = json!({ "taskSid": new_tasks(&scene)[0].sid });
    assert_eq!(hand_over_with(&scene, by_new_task).await, Ok(repeat));
    assert_transferred(&scene, &before);
}

#[tokio::test]
async fn lost_answers_make_no_second_task() {
    for lost in [Effect::Reset, Effect::Answer(Answer::status(503))] {
        for (method, end) in [
            (Method::POST, "/Invites"),
            (Method::POST, "/Participants/"),
            (Method::GET, "/Invites"),
        ] {
            let scene = accepted_chat().await;
            let before = scene.task().attributes;
            scene.strike(at_flex(method, end).after(lost.clone()));

            assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, TRANSFERRED)), "{end}");
            assert_transferred(&scene, &before);
        }
    }
    let scene = accepted_chat().await;
    let before = scene.task().attributes;
    scene.strike(scene.at(WRITE).after(Effect::Reset));
    assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, TRANSFERRED)));
    assert_transferred(&scene, &before);
}

#[tokio::test]
async fn killed_run_is_completed_with_one_new_task() {
    for (end, is_applied) in [
        ("/Invites", false),
        ("/Invites", true),
        ("/Participants/", false),
        ("/Participants/", true),
    ] {
        let scene = chat_in(hurried_scene().await);
        let before = scene.task().attributes;
        let lambda = scene.world.lambda.clone();
        let kill = Effect::run(move || lambda.kill_environments(HANDOFF));
        for effect in [kill, Effect::Hang] {
            let fault = at_flex(Method::POST, end);
            scene.strike(match is_applied {
                true => fault.after(effect),
                false => fault.before(effect),
            });
        }
        assert_eq!(error_type(hand_over(&scene).await), "Runtime.ExitError");

        let answered = hand_over_after_a_while(&scene).await;

        assert_eq!(answered["newTaskSid"], new_tasks(&scene)[0].sid, "{end}");
        assert_transferred(&scene, &before);
    }
}

#[tokio::test]
async fn run_without_the_six_waits_for_the_invite_of_another() {
    let scene = accepted_chat().await;
    scene.set_attributes(&with_six(&scene.task().attributes, &request(&scene, json!({}))));

    assert_eq!(error_type(hand_over(&scene).await), "Unavailable");
    assert_eq!(new_tasks(&scene).len(), 0);
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test]
async fn simultaneous_handoffs_make_one_new_task() {
    let scene = chat_in(hurried_scene().await);
    let before = scene.task().attributes;

    let outcomes = invoke_at_once(&scene, vec![request(&scene, json!({})); 3]).await;

    let count = |value: &str| {
        outcomes
            .iter()
            .flatten()
            .filter(|answer| answer["reservation"] == value)
            .count()
    };
    assert_eq!(count("transferred"), 1, "{outcomes:?}");
    assert_eq!(
        hand_over_after_a_while(&scene).await["newTaskSid"],
        new_tasks(&scene)[0].sid
    );
    assert_transferred(&scene, &before);
}

#[tokio::test]
async fn refused_invite_takes_the_six_back() {
    let scene = accepted_chat().await;
    let before = scene.task().attributes;
    scene.strike(at_flex(Method::POST, "/Invites").before(refusal(400, 45600)));

    assert_eq!(error_type(hand_over(&scene).await), "Refused");
    assert_eq!(scene.task().attributes, before);
    assert_eq!(scene.reservation().status, ReservationStatus::Accepted);
    assert_eq!(notes(&scene), [""; 0]);
}

#[tokio::test]
async fn participant_that_left_meanwhile_is_no_obstacle() {
    let scene = accepted_chat().await;
    let (twilio, reservation_sid) = (scene.world.twilio.clone(), scene.reservation_sid.clone());
    let leave = Effect::run(move || twilio.leave_interaction(&reservation_sid).unwrap());
    scene.strike(at_flex(Method::POST, "/Participants/").before(leave));
    scene.strike(at_flex(Method::POST, "/Participants/").before(refusal(400, 45601)));

    let expected = ["updated", "already-released", "posted"];
    assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, expected)));
    let scene = accepted_chat().await;
    scene.strike(at_flex(Method::POST, "/Participants/").before(refusal(400, 45601)));
    assert_eq!(error_type(hand_over(&scene).await), "Refused");
}

#[tokio::test]
async fn task_addressed_to_the_ai_makes_a_new_task_before_the_reject() {
    let mut scene = Scene::start().await;
    let twilio = scene.world.twilio.clone();
    let interaction = twilio.create_interaction("{}", Some(&scene.conversation_sid)).unwrap();
    let attributes = twilio.task(interaction.task_sid().unwrap()).unwrap().attributes;
    let addressed = NewTask {
        attributes: Some(attributes),
        routing_target: Some(AI_WORKER_SID.to_owned()),
        task_channel: Some("chat".to_owned()),
        ..NewTask::default()
    };
    scene.task_sid = twilio.create(addressed).unwrap().sid;
    scene.reservation_sid = match scene.task().reservations.first() {
        Some(reservation) => reservation.sid.clone(),
        None => twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid,
    };

    assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, TRANSFERRED)));
    assert_eq!(scene.task().status, TaskStatus::Canceled);
    assert_eq!(new_tasks(&scene)[0].status, TaskStatus::Pending);
    let repeat = ["unchanged", "already-released", "already-posted"];
    assert_eq!(hand_over(&scene).await, Ok(transferred(&scene, repeat)));
}

#[tokio::test]
async fn accepted_reservation_without_a_participant_is_rejected() {
    let mut scene = Scene::start().await;
    let twilio = scene.world.twilio.clone();
    let interaction = twilio.create_interaction("{}", Some(&scene.conversation_sid)).unwrap();
    scene.task_sid = interaction.task_sid().unwrap().to_owned();
    scene.reservation_sid = twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid;
    scene.strike(at_flex(Method::GET, "/Participants").after(rewrite_json(|page| page["participants"] = json!([]))));
    twilio.accept_in_flex(&scene.reservation_sid).unwrap();
    let before = scene.task().attributes;

    assert_eq!(error_type(hand_over(&scene).await), "ReservationNotRejectable");
    assert_eq!(scene.task().attributes, before);
    assert_eq!(new_tasks(&scene).len(), 0);
}
