//! Killed runs and lost answers.

use super::*;

const WRITES: [&str; 3] = [WRITE, REJECT, POST_NOTE];

/// Kills the function's processes, as a crash does.
fn kill(scene: &Scene) -> Effect {
    let lambda = scene.world.lambda.clone();
    Effect::run(move || lambda.kill_environments(HANDOFF))
}

#[tokio::test]
async fn run_killed_before_a_write_is_completed() {
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
async fn run_killed_after_a_write_is_completed() {
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
async fn lost_write_is_sent_again() {
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
async fn write_with_a_lost_answer_is_not_repeated() {
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
async fn handoff_survives_losing_every_writes_answer() {
    let scene = Scene::start().await;
    for step in WRITES {
        scene.strike(scene.at(step).after(Effect::Reset));
    }

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
    assert_eq!(scene.writes(), WRITES);
}
