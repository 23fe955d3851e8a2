//! Runs that are killed, and answers that are lost.

use super::*;

const WRITES: [&str; 3] = [WRITE, REJECT, POST_NOTE];

/// Kills the function's processes, as a crash would.
fn kill(scene: &Scene) -> Effect {
    let lambda = scene.world.lambda.clone();
    Effect::run(move || lambda.kill_environments(HANDOFF))
}

#[tokio::test]
async fn a_run_that_is_killed_before_a_write_arrives_is_completed_by_the_next_one() {
    for (step, expected) in [
        (WRITE, FIRST),
        (REJECT, ["unchanged", "rejected", "posted"]),
        (POST_NOTE, ["unchanged", "already-released", "posted"]),
    ] {
        let scene = hurried_scene().await;
        scene.strike(scene.at(step).before(kill(&scene)));
        scene.strike(scene.at(step).before(Effect::Hang));
        assert_killed(&scene).await;

        let answered = hand_over_until_done(&scene).await;

        assert_eq!(answered, answer(&scene, expected), "{step}");
        assert_handed_over(&scene);
    }
}

#[tokio::test]
async fn a_run_that_is_killed_once_a_write_is_applied_is_completed_by_the_next_one() {
    for (step, expected) in [
        (WRITE, ["unchanged", "rejected", "posted"]),
        (REJECT, ["unchanged", "already-released", "posted"]),
        (POST_NOTE, REPEAT),
    ] {
        let scene = hurried_scene().await;
        scene.strike(scene.at(step).after(kill(&scene)));
        scene.strike(scene.at(step).after(Effect::Hang));
        assert_killed(&scene).await;

        let answered = hand_over_until_done(&scene).await;

        assert_eq!(answered, answer(&scene, expected), "{step}");
        assert_handed_over(&scene);
        let mut applied = scene.exchanges();
        applied.retain(|exchange| exchange.method == "POST" && exchange.applied);
        assert_eq!(applied.len(), 3, "{step}");
    }
}

async fn assert_killed(scene: &Scene) {
    let killed = hand_over(scene).await.unwrap_err();
    assert_eq!(killed.error_type, "Runtime.ExitError");
}

#[tokio::test]
async fn a_write_that_never_arrived_is_sent_again() {
    for step in WRITES {
        let scene = Scene::start().await;
        scene.strike(scene.at(step).times(2).before(Effect::Reset));

        let answered = hand_over(&scene).await;

        assert_eq!(answered, Ok(answer(&scene, FIRST)), "{step}");
        assert_handed_over(&scene);
        assert_eq!(exchanges(&scene, step).len(), 3, "{step}");
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_looked_for_and_not_sent_again() {
    for lost in [
        Effect::Reset,
        Effect::Answer(Answer::status(500)),
        Effect::rewrite(Answer::cut_off),
    ] {
        for step in WRITES {
            let scene = Scene::start().await;
            scene.strike(scene.at(step).after(lost.clone()));

            let answered = hand_over(&scene).await;

            assert_eq!(answered, Ok(answer(&scene, FIRST)), "{step}");
            assert_handed_over(&scene);
            assert_eq!(scene.writes(), WRITES, "{step}");
        }
    }
}

#[tokio::test]
async fn every_answer_to_a_write_may_be_lost_in_one_handoff() {
    let scene = Scene::start().await;
    for step in WRITES {
        scene.strike(scene.at(step).after(Effect::Reset));
    }

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
    assert_eq!(scene.writes(), WRITES);
}
