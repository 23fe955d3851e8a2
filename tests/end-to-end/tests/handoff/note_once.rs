//! Each handoff has only one note, even if several runs post.

use end_to_end::LIMIT;
use http::Method;
use simulator::exchange::Upstream;
use simulator::fault::{Fault, Gate};
use simulator::twilio::NewMessage;

use super::*;

#[tokio::test]
async fn uncertain_note_is_searched_before_it_is_resent() {
    for (was_taken, effect) in [
        (true, Effect::Reset),
        (true, Effect::Answer(Answer::status(503))),
        (false, Effect::Reset),
        (false, Effect::Answer(Answer::status(500))),
    ] {
        let scene = Scene::start().await;
        let fault = scene.at(POST_NOTE);
        scene.strike(if was_taken {
            fault.after(effect)
        } else {
            fault.before(effect)
        });

        let answered = hand_over(&scene).await;

        assert_eq!(answered, Ok(answer(&scene, FIRST)));
        assert_handed_over(&scene);
        let mut requests = scene.requests();
        requests.retain(|request| request.contains("Conversations"));
        let first_try = requests.iter().position(|request| request == POST_NOTE).unwrap();
        let and_then: &[&str] = match was_taken {
            true => &[READ_MESSAGES],
            // The second note is posted directly after the messages that were searched.
            false => &[READ_MESSAGES, POST_NOTE],
        };
        assert_eq!(requests[first_try + 1..], *and_then);
    }
}

#[tokio::test]
async fn note_refused_by_429_is_simply_resent() {
    let scene = Scene::start().await;
    scene.strike(scene.at(POST_NOTE).times(2).before(refusal(429, 20429)));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
    assert_eq!(exchanges(&scene, READ_MESSAGES).len(), 1);
    assert_eq!(exchanges(&scene, POST_NOTE).len(), 3);
}

#[tokio::test]
async fn note_far_back_in_the_messages_is_found() {
    let scene = Scene::start().await;
    hand_over(&scene).await.unwrap();
    chat(&scene, 250);
    scene.world.exchanges.clear();

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, REPEAT)));
    let pages = exchanges(&scene, READ_MESSAGES);
    assert_eq!(pages.len(), 3);
    assert!(
        pages
            .iter()
            .all(|page| page.query.contains("Order=desc") && page.query.contains("PageSize=100"))
    );
}

#[tokio::test]
async fn messages_before_the_reservation_are_not_read() {
    let scene = Scene::start().await;
    chat(&scene, 250);
    let long_ago = rewrite_json(|list| {
        for message in list["messages"].as_array_mut().unwrap() {
            message["date_created"] = json!("2026-01-01T00:00:00Z");
        }
    });
    scene.strike(scene.at(READ_MESSAGES).always().after(long_ago));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_eq!(exchanges(&scene, READ_MESSAGES).len(), 1);
}

/// The customer writes more messages.
fn chat(scene: &Scene, count: usize) {
    for number in 0..count {
        let message = NewMessage {
            author: Some("ana".to_owned()),
            body: format!("Hello? ({number})"),
            attributes: None,
        };
        scene
            .world
            .twilio
            .post_message(&scene.conversation_sid, message)
            .unwrap();
    }
}

/// The writes of another run that may be about to post the note.
fn all_but_the_note(scene: &Scene) {
    scene.set_attributes(&with_six(&untouched(scene), &request(scene, json!({}))));
    move_reservation(scene, ReservationStatus::Rejected);
}

#[tokio::test]
async fn note_after_a_crash_is_posted_at_once_without_a_queue() {
    let scene = Scene::start().await;
    all_but_the_note(&scene);

    let answered = hand_over(&scene).await;

    assert_eq!(
        answered,
        Ok(answer(&scene, ["unchanged", "already-released", "posted"]))
    );
    assert_handed_over(&scene);
    assert_eq!(exchanges(&scene, READ_MESSAGES).len(), 1);
}

#[tokio::test]
async fn repeats_after_a_crash_post_one_note() {
    let scene = Scene::start().await;
    all_but_the_note(&scene);

    let outcomes = invoke_at_once(&scene, vec![request(&scene, json!({})); 3]).await;

    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_handed_over(&scene);
    let reads = exchanges(&scene, READ_MESSAGES).len();
    assert!((3..=6).contains(&reads), "{reads}");
}

#[tokio::test]
async fn completed_note_has_the_first_runs_text() {
    let scene = Scene::start().await;
    all_but_the_note(&scene);

    let answered = hand_over_with(&scene, json!({ "reason": "another reason", "summary": "Another one." })).await;

    assert_eq!(
        answered,
        Ok(answer(&scene, ["unchanged", "already-released", "posted"]))
    );
    assert_handed_over(&scene);
}

/// Another run posts the note.
fn another_runs_note(scene: &Scene) -> Effect {
    let handoff = json!({ "taskSid": scene.task_sid, "reservationSid": scene.reservation_sid });
    let note = NewMessage {
        author: None,
        body: note_text(&request(scene, json!({}))),
        attributes: Some(json!({ "handoff": handoff }).to_string()),
    };
    let (twilio, conversation_sid) = (scene.world.twilio.clone(), scene.conversation_sid.clone());
    Effect::run(move || drop(twilio.post_message(&conversation_sid, note.clone()).unwrap()))
}

#[tokio::test]
async fn slow_runs_note_is_deleted_if_another_came_first() {
    let scene = Scene::start().await;
    let may_post = Gate::default();
    scene.strike(scene.at(POST_NOTE).before(Effect::Wait(may_post.clone())));
    let open = Effect::run(move || may_post.open());
    scene.strike(scene.at(POST_NOTE).skip(1).after(open));
    let repeat = async {
        let is_post = |exchange: &Exchange| exchange.method == "POST" && exchange.path.ends_with("/Messages");
        assert!(scene.world.exchanges.wait_for(is_post, LIMIT).await.is_some());
        hand_over(&scene).await
    };

    let (first, second) = tokio::join!(hand_over(&scene), repeat);

    assert_eq!(first, Ok(answer(&scene, ["updated", "rejected", "already-posted"])));
    assert_eq!(second, Ok(answer(&scene, ["unchanged", "already-released", "posted"])));
    assert_handed_over(&scene);
}

#[tokio::test]
async fn later_of_two_completing_runs_deletes_its_note() {
    let scene = Scene::start().await;
    all_but_the_note(&scene);
    // Both runs send their notes before either arrives.
    let both_on_their_way = Gate::default();
    scene.strike(scene.at(POST_NOTE).before(Effect::Wait(both_on_their_way.clone())));
    let open = Effect::run(move || both_on_their_way.open());
    scene.strike(scene.at(POST_NOTE).skip(1).before(open));

    let outcomes = invoke_at_once(&scene, vec![request(&scene, json!({})); 2]).await;

    let mut notes: Vec<_> = outcomes
        .iter()
        .map(|outcome| outcome.as_ref().unwrap()["note"].clone())
        .collect();
    notes.sort_by_key(Value::to_string);
    assert_eq!(notes, ["already-posted", "posted"]);
    assert_handed_over(&scene);
}

#[tokio::test]
async fn second_note_is_deleted_even_by_the_rejecting_run() {
    let scene = Scene::start().await;
    // The other run also believes that it rejected the reservation, since the answer to its reject was lost.
    scene.strike(scene.at(POST_NOTE).before(another_runs_note(&scene)));

    let taken_back = answer(&scene, ["updated", "rejected", "already-posted"]);
    assert_eq!(hand_over(&scene).await, Ok(taken_back));
    assert_handed_over(&scene);
    assert_eq!(scene.conversation().messages[0].index, 0);
}

#[tokio::test]
async fn run_unsure_of_one_note_fails_retryably() {
    let look: fn(&Scene) -> Fault = |scene| scene.at(READ_MESSAGES).skip(1);
    let taking_back: fn(&Scene) -> Fault = |_| Fault::at(Upstream::Conversations).method(Method::DELETE);
    let handoffs: JoinSet<()> = [look, taking_back]
        .into_iter()
        .map(|away| async move {
            let scene = hurried_scene().await;
            scene.strike(scene.at(POST_NOTE).before(another_runs_note(&scene)));
            scene.strike(away(&scene).always().before(refusal(503, 20503)));
            assert_eq!(error_type(hand_over(&scene).await), "Unavailable");
            assert_eq!(notes(&scene).len(), 2);
            scene.world.faults.clear();

            assert_eq!(hand_over_until_done(&scene).await, answer(&scene, REPEAT));
            assert_handed_over(&scene);
            assert_eq!(scene.conversation().messages[0].index, 0);
        })
        .collect();
    handoffs.join_all().await;
}

#[tokio::test]
async fn customer_message_in_between_causes_another_read() {
    let scene = Scene::start().await;
    let (twilio, conversation_sid) = (scene.world.twilio.clone(), scene.conversation_sid.clone());
    let write = move || drop(twilio.post_message(&conversation_sid, NewMessage::default()).unwrap());
    scene.strike(scene.at(POST_NOTE).before(Effect::run(write)));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_eq!(scene.requests().last().map(String::as_str), Some(READ_MESSAGES));
    assert_eq!(notes(&scene).len(), 2);
}

#[tokio::test]
async fn killed_runs_second_note_is_deleted_later() {
    let scene = Scene::start().await;
    hand_over(&scene).await.unwrap();
    let Effect::Run(post) = another_runs_note(&scene) else {
        unreachable!()
    };
    post();

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, REPEAT)));
    assert_handed_over(&scene);
    assert_eq!(scene.conversation().messages[0].index, 0);
}
