//! Notes that are left on the queue of `deferred`.

use end_to_end::LIMIT;
use simulator::exchange::Upstream;
use simulator::fault::Fault;

use super::*;

const DEFERRED: [&str; 3] = ["updated", "rejected", "deferred"];

/// A scene with a queue and only a short delay for deferred notes.
async fn queue_scene() -> Scene {
    Scene::with(|options| {
        options.handoff.timeout = HURRY;
        options.queue = true;
        options.batching_window = Duration::ZERO;
    })
    .await
}

/// Waits until `deferred` has posted the note.
async fn deferred_note(scene: &Scene) {
    let is_note =
        |exchange: &Exchange| exchange.applied && exchange.method == "POST" && exchange.path.ends_with("/Messages");
    assert!(scene.world.exchanges.wait_for(is_note, LIMIT).await.is_some());
}

#[tokio::test]
async fn note_is_deferred_if_conversations_is_unavailable() {
    let scene = queue_scene().await;
    scene.strike(Fault::at(Upstream::Conversations).always().before(refusal(503, 20503)));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, DEFERRED)));

    let requests = scene.exchanges().len();
    assert!(requests <= 12, "{:?}", scene.requests());
    let log = scene.log(HANDOFF).pop().unwrap();
    assert_eq!((&log["level"], &log["outcome"]), (&json!("WARN"), &json!("deferred")));
    scene.world.faults.clear();
    deferred_note(&scene).await;
    assert_handed_over(&scene);
    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, REPEAT)));
}

#[tokio::test]
async fn repeat_after_a_crash_defers_the_note() {
    let scene = queue_scene().await;
    scene.set_attributes(&with_six(&untouched(&scene), &request(&scene, json!({}))));
    move_reservation(&scene, ReservationStatus::Rejected);
    let started = std::time::Instant::now();

    let answered = hand_over(&scene).await;

    assert_eq!(
        answered,
        Ok(answer(&scene, ["unchanged", "already-released", "deferred"]))
    );
    assert_eq!(notes(&scene), [""; 0]);
    deferred_note(&scene).await;
    assert!(started.elapsed() > HURRY, "another run may still be about to post it");
    assert_handed_over(&scene);
}

#[tokio::test]
async fn note_is_posted_late_if_the_queue_is_unavailable_too() {
    let scene = queue_scene().await;
    scene.strike(
        Fault::at(Upstream::Sqs)
            .always()
            .before(Effect::Answer(Answer::status(400))),
    );
    scene.strike(scene.at(READ_PARTICIPANTS).times(2).before(refusal(503, 20503)));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);

    let scene = scene.next();
    scene.strike(scene.at(READ_PARTICIPANTS).always().before(refusal(503, 20503)));
    assert_eq!(error_type(hand_over(&scene).await), "Unavailable");
}
