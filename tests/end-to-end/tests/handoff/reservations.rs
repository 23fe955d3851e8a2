//! The states of a task and its reservation at the start of a handoff.

use http::Method;
use simulator::exchange::Upstream;
use simulator::fault::Fault;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{NewTask, NewWorker, TaskStatus};

use super::*;

#[tokio::test]
async fn released_reservation_is_no_obstacle() {
    use ReservationStatus::{Canceled, Rescinded, Timeout};
    let mut scene = Scene::start().await;
    for status in [Timeout, Canceled, Rescinded] {
        move_reservation(&scene, status);

        let answered = hand_over(&scene).await;

        assert_eq!(
            answered,
            Ok(answer(&scene, ["updated", "already-released", "posted"])),
            "{status}"
        );
        let request = request(&scene, json!({}));
        assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &request));
        assert_eq!(scene.reservation().status, status);
        assert_eq!(notes(&scene), [note_text(&request)]);
        scene = scene.next();
        scene.world.exchanges.clear();
    }
}

#[tokio::test]
async fn reservation_rejected_by_others_is_handed_off_at_once() {
    let scene = Scene::start().await;
    move_reservation(&scene, ReservationStatus::Rejected);

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, ["updated", "already-released", "posted"])));
    assert_handed_over(&scene);
    assert_eq!(scene.writes(), [WRITE, POST_NOTE]);
    assert_eq!(exchanges(&scene, READ_MESSAGES).len(), 1);
}

#[tokio::test]
async fn released_reservation_and_a_lost_write_end_with_a_note() {
    for (status, lost) in [
        (ReservationStatus::Timeout, Effect::Reset),
        (ReservationStatus::Timeout, Effect::Answer(Answer::status(503))),
        (ReservationStatus::Rejected, Effect::Reset),
    ] {
        let scene = Scene::start().await;
        move_reservation(&scene, status);
        scene.strike(scene.at(WRITE).after(lost));

        let answered = hand_over(&scene).await;

        assert_eq!(answered, Ok(answer(&scene, ["updated", "already-released", "posted"])));
        assert_eq!(scene.writes(), [WRITE, POST_NOTE]);
    }
}

#[tokio::test]
async fn open_reservation_replaces_a_wrapped_up_one() {
    for status in ["wrapping", "completed"] {
        let mut scene = Scene::start().await;
        let old = request(&scene, json!({}));
        move_reservation(&scene, ReservationStatus::Timeout);
        let path = format!("/Reservations/{}", scene.reservation_sid);
        let wrapped_up = rewrite_json(move |reservation| reservation["reservation_status"] = json!(status));
        let read = Fault::at(Upstream::TaskRouter).method(Method::GET).path_ends_with(path);
        scene.strike(read.always().after(wrapped_up));
        scene.reservation_sid = scene.world.twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid;

        assert_eq!(
            invoke(&scene, &old).await,
            Ok(answer_to(&scene, &old, FIRST)),
            "{status}"
        );
        assert_eq!(scene.reservation().status, ReservationStatus::Rejected);
    }
}

#[tokio::test]
async fn newer_open_reservation_replaces_a_released_one() {
    for status in [ReservationStatus::Pending, ReservationStatus::Accepted] {
        let mut scene = Scene::with(|options| options.accepted_can_be_rejected = true).await;
        let old = request(&scene, json!({}));
        move_reservation(&scene, ReservationStatus::Timeout);
        scene.reservation_sid = scene.world.twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid;
        if status == ReservationStatus::Accepted {
            move_reservation(&scene, status);
        }

        assert_eq!(
            invoke(&scene, &old).await,
            Ok(answer_to(&scene, &old, FIRST)),
            "{status}"
        );
        assert_handed_over(&scene);
        // A repeat that names the old reservation finds the reservation of the first run.
        assert_eq!(
            invoke(&scene, &old).await,
            Ok(answer_to(&scene, &old, REPEAT)),
            "{status}"
        );
        assert_handed_over(&scene);
    }
}

#[tokio::test]
async fn reservation_that_times_out_in_between_is_replaced() {
    let scene = Scene::start().await;
    let (twilio, task_sid) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let reservation_sid = scene.reservation_sid.clone();
    let time_out = move || {
        twilio
            .move_reservation(&reservation_sid, ReservationStatus::Timeout)
            .unwrap();
        drop(twilio.reserve(&task_sid, AI_WORKER_SID).unwrap());
    };
    scene.strike(scene.at(REJECT).before(Effect::run(time_out)));
    let asked = request(&scene, json!({}));

    let answered = invoke(&scene, &asked).await;

    let mut scene = scene;
    scene.reservation_sid = scene.task().reservations[1].sid.clone();
    assert_eq!(answered, Ok(answer_to(&scene, &asked, FIRST)));
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &asked));
    assert_eq!(scene.reservation().status, ReservationStatus::Rejected);
    assert_eq!(notes(&scene), [note_text(&asked)]);
    let note: Value = serde_json::from_str(&scene.conversation().messages[0].attributes).unwrap();
    assert_eq!(note["handoff"]["reservationSid"], scene.reservation_sid);
}

#[tokio::test]
async fn every_ai_worker_can_hand_off() {
    let workers = format!("{AI_WORKER_SID}, {REP_WORKER_SID}");
    let mut scene = Scene::with(|options| options.handoff.set("AI_WORKER_SIDS", &workers)).await;
    move_reservation(&scene, ReservationStatus::Timeout);
    scene.reservation_sid = scene.world.twilio.reserve(&scene.task_sid, REP_WORKER_SID).unwrap().sid;

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
}

#[tokio::test]
async fn task_addressed_to_the_ai_is_not_rejected() {
    let mut scene = Scene::start().await;
    let addressed = NewTask {
        attributes: Some(untouched(&scene)),
        routing_target: Some(AI_WORKER_SID.to_owned()),
        ..NewTask::default()
    };
    scene.task_sid = scene.world.twilio.create(addressed).unwrap().sid;
    scene.reservation_sid = match scene.task().reservations.first() {
        Some(reservation) => reservation.sid.clone(),
        None => scene.world.twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid,
    };

    assert_eq!(error_type(hand_over(&scene).await), "ReservationNotRejectable");
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn unknown_status_is_looked_at_once_more() {
    let unknown = |member: &'static str| rewrite_json(move |resource| resource[member] = json!("onHold"));
    let cases = [
        (READ_TASK, unknown("assignment_status")),
        (READ_RESERVATION, unknown("reservation_status")),
    ];
    for (read, effect) in cases {
        let scene = Scene::start().await;
        scene.strike(scene.at(read).always().after(effect.clone()));

        assert_eq!(error_type(hand_over(&scene).await), "Unavailable", "{read}");
        assert_nothing_written(&scene);
        assert_eq!(exchanges(&scene, read).len(), 2, "{read}");

        let scene = scene.next();
        scene.world.faults.clear();
        scene.world.exchanges.clear();
        scene.strike(scene.at(read).after(effect));
        assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)), "{read}");
    }
}

#[tokio::test]
async fn unknown_status_of_an_old_reservation_does_not_matter() {
    let mut scene = Scene::start().await;
    move_reservation(&scene, ReservationStatus::Timeout);
    let old = scene.reservation_sid.clone();
    scene.reservation_sid = scene.world.twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid;
    let unknown = rewrite_json(move |list| {
        let reservations = list["reservations"].as_array_mut().unwrap();
        let old = reservations
            .iter_mut()
            .find(|reservation| reservation["sid"] == json!(old));
        old.unwrap()["reservation_status"] = json!("onHold");
    });
    scene.strike(scene.at(LIST_RESERVATIONS).always().after(unknown));

    let answered = hand_over_with(&scene, json!({ "reservationSid": null })).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert_eq!(exchanges(&scene, LIST_RESERVATIONS).len(), 2);
}

#[tokio::test]
async fn accepted_reservation_is_rejected_if_taskrouter_allows() {
    let scene = Scene::with(|options| options.accepted_can_be_rejected = true).await;
    move_reservation(&scene, ReservationStatus::Accepted);

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
}

#[tokio::test]
async fn attributes_of_an_unrejectable_reservation_are_taken_back() {
    let scene = Scene::start().await;
    let attributes = format!(
        r#"{{"a" : 1.10,"handoffReason":"old", "conversationSid":"{}"}} "#,
        scene.conversation_sid
    );
    scene.set_attributes(&attributes);
    move_reservation(&scene, ReservationStatus::Accepted);
    for _ in 0..2 {
        scene.world.exchanges.clear();

        assert_eq!(error_type(hand_over(&scene).await), "ReservationNotRejectable");

        assert_eq!(scene.task().attributes, attributes);
        assert_eq!(scene.reservation().status, ReservationStatus::Accepted);
        assert_eq!(scene.task().status, TaskStatus::Assigned);
        assert_eq!(scene.writes(), [WRITE, REJECT, WRITE]);
        assert_eq!(notes(&scene), [""; 0]);
    }
}

#[tokio::test]
async fn taking_back_keeps_what_others_wrote() {
    let scene = Scene::start().await;
    move_reservation(&scene, ReservationStatus::Accepted);
    let (twilio, task_sid) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let add = move || {
        let more = |attributes: &str| format!(r#"{},"more":[ 1 ]}}"#, attributes.strip_suffix('}').unwrap());
        drop(twilio.edit_attributes(&task_sid, more).unwrap());
    };
    scene.strike(scene.at(WRITE).skip(1).before(Effect::run(add)));
    scene.strike(scene.at(WRITE).skip(2).after(Effect::Reset));

    assert_eq!(error_type(hand_over(&scene).await), "ReservationNotRejectable");

    let others = format!(r#"{},"more":[ 1 ]}}"#, untouched(&scene).strip_suffix('}').unwrap());
    assert_eq!(scene.task().attributes, others);
    assert_eq!(scene.writes(), [WRITE, REJECT, WRITE, WRITE]);
}

#[tokio::test]
async fn wrapping_or_completed_reservation_prevents_all_writes() {
    use ReservationStatus::{Completed, Wrapping};
    for statuses in [vec![Wrapping], vec![Wrapping, Completed]] {
        let scene = Scene::start().await;
        move_reservation(&scene, ReservationStatus::Accepted);
        // A human agent also has the task, which keeps the task open.
        rep_accepts(&scene.world.twilio, &scene.task_sid);
        for status in statuses {
            move_reservation(&scene, status);
        }
        assert_eq!(scene.task().status, TaskStatus::Assigned);

        let outcome = hand_over(&scene).await;

        assert_eq!(error_type(outcome), "ReservationNotRejectable");
        assert_nothing_written(&scene);
    }
}

#[tokio::test]
async fn reservation_of_another_worker_is_never_touched() {
    let scene = Scene::start().await;
    let new = NewWorker {
        friendly_name: "another".to_owned(),
        ..NewWorker::default()
    };
    let another = scene.world.twilio.create_worker(new).unwrap();
    for worker in [REP_WORKER_SID, &another.sid] {
        let another = scene.world.twilio.reserve(&scene.task_sid, worker).unwrap();

        let outcome = hand_over_with(&scene, json!({ "reservationSid": another.sid })).await;

        assert_eq!(error_type(outcome), "ReservationNotAi");
        assert_eq!(
            scene.world.twilio.reservation(&another.sid).unwrap().status,
            ReservationStatus::Pending
        );
    }
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn reservation_that_is_not_on_the_task_is_replaced() {
    let mut scene = Scene::start().await;
    for _ in 0..2 {
        let other = scene.reservation_sid.clone();
        scene = scene.next();
        for reservation in [&other, &format!("WR{:032x}", 7)] {
            let answered = hand_over_with(&scene, json!({ "reservationSid": reservation }))
                .await
                .unwrap();

            assert_eq!(answered["reservationSid"], scene.reservation_sid);
        }
        assert_handed_over(&scene);
    }
}

#[tokio::test]
async fn task_never_offered_to_the_ai_is_refused() {
    let scene = Scene::start().await;
    let task = scene.world.twilio.create_task("{}").unwrap();
    scene.world.twilio.reserve(&task.sid, REP_WORKER_SID).unwrap();

    let outcome = hand_over_with(&scene, json!({ "taskSid": task.sid, "reservationSid": null })).await;

    assert_eq!(error_type(outcome), "ReservationNotFound");
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn deleted_task_is_not_found() {
    let scene = Scene::start().await;
    let never = request(
        &scene,
        json!({ "taskSid": format!("WT{:032x}", 7), "reservationSid": null }),
    );
    let deleted = request(&scene, json!({}));
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    for request in [never, deleted] {
        assert_eq!(error_type(invoke(&scene, &request).await), "TaskNotFound", "{request}");
    }
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn closed_task_is_not_handed_off() {
    use TaskStatus::{Canceled, Completed, Wrapping};
    for status in [Canceled, Wrapping, Completed] {
        let scene = Scene::start().await;
        if status != Canceled {
            move_reservation(&scene, ReservationStatus::Accepted);
        }
        scene.world.twilio.end_task(&scene.task_sid, status, "over").unwrap();

        for reservation in [json!(scene.reservation_sid), json!(null)] {
            let outcome = hand_over_with(&scene, json!({ "reservationSid": reservation })).await;

            assert_eq!(error_type(outcome), "TaskClosed", "{status}");
        }
        assert_nothing_written(&scene);
        assert_eq!(scene.task().status, status);
    }
}
