//! Upstreams that are slow, unavailable or answer nonsense.

use std::time::Instant;

use end_to_end::LIMIT;
use simulator::exchange::Upstream;
use time::format_description::well_known::Rfc2822;

use super::*;

const READS: [&str; 4] = [READ_TASK, READ_RESERVATION, READ_PARTICIPANTS, READ_MESSAGES];
const WRITES: [&str; 3] = [WRITE, REJECT, POST_NOTE];

/// Transient faults: retryable answers and missing answers.
fn passing() -> Vec<Effect> {
    let mut effects: Vec<_> = [408, 409, 425, 429, 500, 502, 503, 504, 599]
        .map(|status| refusal(status, 20500))
        .into();
    effects.push(Effect::Answer(Answer::status(503).body("<html>")));
    effects.push(Effect::Reset);
    effects
}

/// Asserts that each read was done twice, and that the task was read once more after the handoff.
#[track_caller]
fn assert_reads(scene: &Scene) {
    let counts = READS.map(|read| exchanges(scene, read).len());
    assert_eq!(counts, [3, 2, 2, 2]);
}

#[tokio::test]
async fn reads_are_retried_after_transient_faults() {
    let mut effects = passing();
    let nonsense = ["", "<html>", "null", "[]", "{}", r#"{"sid":7,"meta":{}}"#];
    effects.extend(nonsense.map(|body| Effect::Answer(Answer::status(200).body(body))));
    let mut scene = Scene::start().await;
    for effect in effects {
        for read in READS {
            scene.strike(scene.at(read).before(effect.clone()));
        }

        assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
        assert_handed_over(&scene);
        assert_reads(&scene);
        scene = scene.next();
    }
}

#[tokio::test]
async fn read_is_retried_if_the_answer_breaks_off() {
    let scene = Scene::start().await;
    for read in READS {
        scene.strike(scene.at(read).after(Effect::rewrite(Answer::cut_off)));
    }

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_reads(&scene);
}

#[tokio::test]
async fn writes_are_retried_after_transient_faults() {
    let mut scene = Scene::start().await;
    for effect in passing() {
        for write in WRITES {
            scene.strike(scene.at(write).before(effect.clone()));
        }

        assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
        assert_handed_over(&scene);
        for write in WRITES {
            assert_eq!(exchanges(&scene, write).len(), 2, "{write}");
        }
        scene = scene.next();
    }
}

#[tokio::test]
async fn handoff_survives_repeated_faults() {
    let scene = Scene::start().await;
    let away = || refusal(503, 20503);
    scene.strike(scene.at(READ_TASK).times(3).before(away()));
    scene.strike(scene.at(WRITE).times(3).before(away()));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
}

#[tokio::test]
async fn retry_after_is_honoured_in_both_formats() {
    // A date has whole seconds. At least one of these two seconds is left.
    let as_date = |now: OffsetDateTime| {
        let date = (now + Duration::from_secs(2)).format(&Rfc2822).unwrap();
        date.replace("+0000", "GMT")
    };
    for status in [429, 503] {
        let scene = Scene::start().await;
        let started = Instant::now();
        let retry_after = match status {
            429 => "1".to_owned(),
            _ => as_date(OffsetDateTime::now_utc()),
        };
        let wait = Answer::status(status).header("Retry-After", &retry_after);
        scene.strike(scene.at(READ_TASK).before(Effect::Answer(wait)));

        assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
        assert!(
            started.elapsed() >= Duration::from_secs(1),
            "{status}: {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn retry_after_beyond_the_deadline_fails_at_once() {
    for step in [READ_TASK, WRITE, REJECT, READ_PARTICIPANTS, POST_NOTE] {
        let scene = Scene::start().await;
        let in_an_hour = Answer::status(429).header("Retry-After", "3600");
        scene.strike(scene.at(step).before(Effect::Answer(in_an_hour)));
        let started = Instant::now();

        assert_eq!(error_type(hand_over(&scene).await), "Unavailable", "{step}");
        assert_eq!(exchanges(&scene, step).len(), 1, "{step}");
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{step}: {:?}",
            started.elapsed()
        );
    }
}

#[tokio::test]
async fn hanging_request_is_given_up_and_retried() {
    let handoffs = [
        (READ_TASK, false),
        (READ_MESSAGES, false),
        (WRITE, true),
        (REJECT, true),
        (POST_NOTE, true),
    ];
    let handoffs: JoinSet<()> = handoffs
        .into_iter()
        .map(|(step, is_applied)| async move {
            let scene = Scene::start().await;
            let fault = scene.at(step);
            scene.strike(match is_applied {
                true => fault.after(Effect::Hang),
                false => fault.before(Effect::Hang),
            });

            assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)), "{step}");
            assert_handed_over(&scene);
        })
        .collect();
    handoffs.join_all().await;
}

#[tokio::test]
async fn deadline_is_reported_before_lambdas_timeout() {
    let away = refusal(503, 20503);
    let nonsense = Effect::Answer(Answer::status(200).body("<html>"));
    let hanging = READS.into_iter().chain(WRITES).map(|step| (step, Effect::Hang));
    let others = [(READ_TASK, away.clone()), (WRITE, away), (READ_MESSAGES, nonsense)];
    let handoffs: JoinSet<()> = hanging
        .chain(others)
        .map(|(step, endless)| async move {
            let scene = hurried_scene().await;
            scene.strike(scene.at(step).always().before(endless));

            assert_eq!(error_type(hand_over(&scene).await), "Unavailable", "{step}");
        })
        .collect();
    handoffs.join_all().await;
}

#[tokio::test]
async fn repeat_posts_the_note_after_an_outage() {
    let scene = hurried_scene().await;
    scene.strike(scene.at(READ_PARTICIPANTS).always().before(refusal(503, 20503)));
    assert_eq!(error_type(hand_over(&scene).await), "Unavailable");
    assert_eq!(scene.reservation().status, ReservationStatus::Rejected);
    scene.world.faults.clear();

    let answered = hand_over_until_done(&scene).await;

    assert_eq!(answered, answer(&scene, ["unchanged", "already-released", "posted"]));
    assert_handed_over(&scene);
}

#[tokio::test]
async fn refused_connection_is_retried() {
    let scene = Scene::start().await;
    let conversations = scene.world.server(Upstream::Conversations);
    conversations.take_down().await.unwrap();
    let rejected = async {
        let is_reject = |exchange: &Exchange| {
            exchange.answer.is_some() && exchange.method == "POST" && exchange.path.ends_with(&scene.reservation_sid)
        };
        assert!(scene.world.exchanges.wait_for(is_reject, LIMIT).await.is_some());
        conversations.bring_back().await.unwrap();
    };

    let (answered, ()) = tokio::join!(hand_over(&scene), rejected);

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    let log = scene.log(HANDOFF).pop().unwrap();
    assert!(
        log["steps"]
            .as_array()
            .unwrap()
            .iter()
            .any(|step| step["status"] == "no connection"),
        "{log}"
    );
}

#[tokio::test]
async fn refused_request_is_not_retried() {
    for (status, code) in [(400, 20001), (403, 20003), (405, 20004), (410, 1), (422, 1)] {
        for step in [READ_TASK, READ_RESERVATION, WRITE, REJECT] {
            let scene = Scene::start().await;
            scene.strike(scene.at(step).always().before(refusal(status, code)));

            assert_eq!(error_type(hand_over(&scene).await), "Refused", "{step} {status}");
            assert_eq!(exchanges(&scene, step).len(), 1, "{step} {status}");
            assert_eq!(scene.reservation().status, ReservationStatus::Pending);
        }
    }
}

#[tokio::test]
async fn answer_gets_out_if_the_outcome_cannot_be_read() {
    for (read, skipped) in [(READ_TASK, 1), (LIST_RESERVATIONS, 0)] {
        for effect in [refusal(503, 20503), refusal(403, 20003), Effect::Hang] {
            let scene = hurried_scene().await;
            scene.strike(scene.at(read).skip(skipped).always().before(effect));

            let mut expected = answer(&scene, FIRST);
            expected["routing"] = json!("unknown");
            assert_eq!(hand_over(&scene).await, Ok(expected), "{read}");
            assert_handed_over(&scene);
        }
    }
}
