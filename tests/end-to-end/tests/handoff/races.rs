//! Concurrent changes of the task or reservation between a read and a write.

use std::sync::atomic::{AtomicUsize, Ordering};

use simulator::twilio::TaskStatus;

use super::*;

/// A change in Twilio just before a request is applied.
fn meanwhile(scene: &Scene, happen: impl Fn(&Twilio) + Send + Sync + 'static) -> Effect {
    let twilio = scene.world.twilio.clone();
    Effect::run(move || happen(&twilio))
}

/// Another writer that adds an attribute each time: `"added1":1` then `"added2":2` and so on.
fn another_writer(scene: &Scene) -> Effect {
    let (task_sid, count) = (scene.task_sid.clone(), AtomicUsize::default());
    meanwhile(scene, move |twilio| {
        let count = 1 + count.fetch_add(1, Ordering::Relaxed);
        let attributes = twilio.task(&task_sid).unwrap().attributes;
        let open = attributes.strip_suffix('}').unwrap();
        let more = format!(r#"{open},"added{count}":{count}}}"#);
        twilio.set_attributes(&task_sid, &more).unwrap();
    })
}

#[tokio::test]
async fn attributes_of_another_writer_are_not_lost() {
    let scene = Scene::start().await;
    scene.strike(scene.at(WRITE).times(3).before(another_writer(&scene)));

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    let others = untouched(&scene).replace('}', r#","added1":1,"added2":2,"added3":3}"#);
    assert_eq!(scene.task().attributes, with_six(&others, &request(&scene, json!({}))));
    assert_eq!(scene.writes(), [WRITE, WRITE, WRITE, WRITE, REJECT, POST_NOTE]);
    assert_eq!(exchanges(&scene, READ_TASK).len(), 5);
}

#[tokio::test]
async fn handoff_gives_up_after_ten_conflicts() {
    let scene = Scene::start().await;
    scene.strike(scene.at(WRITE).times(9).before(another_writer(&scene)));
    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));

    let scene = scene.next();
    scene.world.exchanges.clear();
    scene.world.faults.clear();
    scene.strike(scene.at(WRITE).always().before(another_writer(&scene)));

    assert_eq!(error_type(hand_over(&scene).await), "Unavailable");
    assert_eq!(scene.writes(), [WRITE; 10]);
    let added: Vec<String> = (1..=10).map(|count| format!(r#""added{count}":{count}"#)).collect();
    let others = untouched(&scene).replace('}', &format!(",{}}}", added.join(",")));
    assert_eq!(scene.task().attributes, others);
    assert_eq!(scene.reservation().status, ReservationStatus::Pending);
}

#[tokio::test]
async fn changes_outside_the_attributes_are_read_again() {
    let scene = Scene::start().await;
    let task_sid = scene.task_sid.clone();
    let urgent = meanwhile(&scene, move |twilio| drop(twilio.set_priority(&task_sid, 9).unwrap()));
    scene.strike(scene.at(WRITE).before(urgent));

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
    assert_eq!(scene.task().priority, 9);
}

#[tokio::test]
async fn task_closed_in_between_is_left_alone() {
    let scene = Scene::start().await;
    let task_sid = scene.task_sid.clone();
    let cancel = meanwhile(&scene, move |twilio| {
        twilio
            .end_task(&task_sid, TaskStatus::Canceled, "the customer left")
            .unwrap();
    });
    scene.strike(scene.at(WRITE).before(cancel));

    assert_eq!(error_type(hand_over(&scene).await), "TaskClosed");
    assert_eq!(scene.task().attributes, untouched(&scene));
    assert_eq!(scene.writes(), [WRITE]);
}

#[tokio::test]
async fn task_deleted_in_between_is_not_found() {
    for step in [WRITE, REJECT] {
        let scene = Scene::start().await;
        let task_sid = scene.task_sid.clone();
        let delete = meanwhile(&scene, move |twilio| twilio.delete_task(&task_sid).unwrap());
        scene.strike(scene.at(step).before(delete));

        assert_eq!(error_type(hand_over(&scene).await), "TaskNotFound", "{step}");
        assert_eq!(scene.writes().last().map(String::as_str), Some(step));
        assert_eq!(notes(&scene), [""; 0]);
    }
}

#[tokio::test]
async fn task_closed_before_the_reject_is_reported() {
    let scene = Scene::start().await;
    let task_sid = scene.task_sid.clone();
    let reservation_sid = scene.reservation_sid.clone();
    let wrap_up = meanwhile(&scene, move |twilio| {
        twilio
            .move_reservation(&reservation_sid, ReservationStatus::Accepted)
            .unwrap();
        twilio.end_task(&task_sid, TaskStatus::Wrapping, "over").unwrap();
    });
    scene.strike(scene.at(REJECT).before(wrap_up));

    assert_eq!(error_type(hand_over(&scene).await), "TaskClosed");
    assert_eq!(scene.task().status, TaskStatus::Wrapping);
    assert_eq!(notes(&scene), [""; 0]);
}

#[tokio::test]
async fn reservation_released_in_between_needs_no_reject() {
    use ReservationStatus::{Canceled, Rescinded, Timeout};
    for (status, is_named) in [(Timeout, true), (Canceled, true), (Rescinded, true), (Timeout, false)] {
        let scene = Scene::start().await;
        let reservation_sid = scene.reservation_sid.clone();
        let release = meanwhile(&scene, move |twilio| {
            twilio.move_reservation(&reservation_sid, status).unwrap();
        });
        scene.strike(scene.at(REJECT).before(release));
        let reservation = is_named.then_some(&scene.reservation_sid);

        let answered = hand_over_with(&scene, json!({ "reservationSid": reservation })).await;

        let expected = answer(&scene, ["updated", "already-released", "posted"]);
        assert_eq!(answered, Ok(expected), "{status}");
        assert_eq!(scene.reservation().status, status);
        assert_eq!(scene.writes(), [WRITE, REJECT, POST_NOTE]);
    }
}

#[tokio::test]
async fn reservation_accepted_in_between_is_rejected_or_reported() {
    for (allowed, expected) in [(true, None), (false, Some("ReservationNotRejectable"))] {
        let scene = Scene::with(|options| options.accepted_can_be_rejected = allowed).await;
        let reservation_sid = scene.reservation_sid.clone();
        let accept = meanwhile(&scene, move |twilio| {
            twilio
                .move_reservation(&reservation_sid, ReservationStatus::Accepted)
                .unwrap();
        });
        scene.strike(scene.at(REJECT).before(accept));

        let outcome = hand_over(&scene).await;

        assert_eq!(outcome.err().map(|error| error.error_type).as_deref(), expected);
        let attributes = match allowed {
            true => with_six(&untouched(&scene), &request(&scene, json!({}))),
            false => untouched(&scene),
        };
        assert_eq!(scene.task().attributes, attributes);
    }
}

#[tokio::test]
async fn agent_accepting_after_the_reject_keeps_the_task() {
    let scene = Scene::start().await;
    let task_sid = scene.task_sid.clone();
    let route = meanwhile(&scene, move |twilio| {
        rep_accepts(twilio, &task_sid);
    });
    // The answer to the reject is lost. The function then reads everything again.
    scene.strike(scene.at(REJECT).after(route));
    scene.strike(scene.at(REJECT).after(Effect::Reset));

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
    assert_eq!(scene.task().status, TaskStatus::Assigned);
    assert_eq!(scene.task().reservations[1].status, ReservationStatus::Accepted);
}
