//! Faults at each request, and changes of other programs in between.

use end_to_end::refusal;

use super::*;

#[tokio::test]
async fn handoff_in_between_keeps_its_reservation() {
    for attribute in [false, true] {
        let scene = Scene::with(|options| {
            if attribute {
                with_attribute(options)
            }
        })
        .await;
        let task_sid = scene.task_sid.clone();
        let handed_off = meanwhile(&scene, move |twilio| {
            let attributes = r#"{"session_id":"session-1","handedOff":true}"#;
            drop(twilio.set_attributes(&task_sid, attributes).unwrap());
        });
        let fault = match attribute {
            true => scene.at(WRITE_TASK),
            false => at_session(),
        };
        scene.strike(fault.before(handed_off));

        assert_eq!(error_type(resolve(&scene).await), "HandedOff");

        assert_marked(&scene);
        assert_eq!(scene.reservation().status, ReservationStatus::Pending);
    }
}

#[tokio::test]
async fn human_agent_in_between_keeps_the_task() {
    let scene = Scene::start().await;
    let task_sid = scene.task_sid.clone();
    let accept = meanwhile(&scene, move |twilio| rep_accepts(twilio, &task_sid));
    scene.strike(at_session().before(accept));
    assert_eq!(error_type(resolve(&scene).await), "HumanActive");
    assert_eq!(scene.writes(), [WRITE_SESSION]);
}

#[tokio::test]
async fn lost_answer_to_a_release_counts_as_released() {
    let scene = Scene::start().await;
    scene.strike(scene.at(RELEASE).after(Effect::Reset));
    assert_eq!(resolve(&scene).await, Ok(answer(&scene, ["marked", "rejected", "off"])));
    assert_eq!(scene.writes(), [WRITE_SESSION, RELEASE]);
}

#[tokio::test]
async fn every_request_is_tried_again() {
    for (request, status) in [
        (READ_TASK, 500),
        (READ_RESERVATION, 503),
        (WRITE_TASK, 409),
        (RELEASE, 425),
        (RELEASE, 408),
    ] {
        let scene = Scene::with(with_attribute).await;
        let struck = scene.strike(scene.at(request).before(refusal(status, 0)));
        assert_eq!(
            resolve(&scene).await,
            Ok(answer(&scene, ["marked", "rejected", "off"])),
            "{request}"
        );
        assert_eq!(struck.count(), 1);
    }
}

#[tokio::test]
async fn refused_release_is_looked_at_before_it_is_an_error() {
    let scene = Scene::start().await;
    scene.strike(scene.at(RELEASE).before(refusal(400, 40135)));
    assert_eq!(resolve(&scene).await, Ok(answer(&scene, ["marked", "rejected", "off"])));

    for (status, error) in [
        (ReservationStatus::Pending, "Refused"),
        (ReservationStatus::Accepted, "ReservationNotRejectable"),
    ] {
        let scene = Scene::start().await;
        if status == ReservationStatus::Accepted {
            move_reservation(&scene, status);
        }
        let struck = scene.strike(scene.at(RELEASE).always().before(refusal(400, 20001)));
        assert_eq!(error_type(resolve(&scene).await), error);
        assert_eq!(struck.count(), 2);
    }
}

#[tokio::test]
async fn conflict_on_an_unchanged_version_is_given_up() {
    let scene = Scene::start().await;
    let struck = scene.strike(scene.at(RELEASE).always().before(refusal(412, 20412)));
    assert_eq!(error_type(resolve(&scene).await), "Unavailable");
    assert_eq!(struck.count(), 2);
}

#[tokio::test]
async fn task_without_an_etag_is_refused() {
    let scene = Scene::with(with_attribute).await;
    let without = Effect::rewrite(|mut answer| {
        answer.headers.remove("etag");
        answer
    });
    scene.strike(scene.at(READ_TASK).always().after(without));
    assert_eq!(error_type(resolve(&scene).await), "Refused");
    assert_eq!(scene.reservation().status, ReservationStatus::Pending);
}
