//! The states of a task and its reservation at the start of a handoff.

use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{NewWorker, TaskStatus};

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
async fn long_rejected_reservation_is_handed_off_at_once() {
    let scene = Scene::start().await;
    move_reservation(&scene, ReservationStatus::Rejected);
    let long_ago = rewrite_json(|reservation| reservation["date_updated"] = json!("2026-01-01T00:00:00Z"));
    scene.strike(scene.at(READ_RESERVATION).always().after(long_ago));

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, ["updated", "already-released", "posted"])));
    assert_handed_over(&scene);
    assert_eq!(scene.writes(), [WRITE, POST_NOTE]);
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
async fn unrejectable_reservation_is_reported_and_attributes_stay() {
    let scene = Scene::start().await;
    move_reservation(&scene, ReservationStatus::Accepted);

    let outcome = hand_over(&scene).await;

    assert_eq!(error_type(outcome), "ReservationNotRejectable");
    assert_eq!(
        scene.task().attributes,
        with_six(&untouched(&scene), &request(&scene, json!({})))
    );
    assert_eq!(scene.reservation().status, ReservationStatus::Accepted);
    assert_eq!(scene.task().status, TaskStatus::Assigned);
    assert_eq!(scene.writes(), [WRITE, REJECT]);

    // On a repeat, only the reject is tried.
    assert_eq!(error_type(hand_over(&scene).await), "ReservationNotRejectable");
    assert_eq!(scene.writes(), [WRITE, REJECT, REJECT]);
    assert_eq!(notes(&scene), [""; 0]);
}

#[tokio::test]
async fn wrapping_or_completed_reservation_prevents_all_writes() {
    use ReservationStatus::{Completed, Wrapping};
    for statuses in [vec![Wrapping], vec![Wrapping, Completed]] {
        let scene = Scene::start().await;
        move_reservation(&scene, ReservationStatus::Accepted);
        // A human agent also has the task, which keeps it open.
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
async fn reservation_of_another_task_is_not_found() {
    let scene = Scene::start().await;
    let (task_sid, reservation_sid) = (scene.task_sid.clone(), scene.reservation_sid.clone());
    let scene = scene.next();
    let requests = [
        request(&scene, json!({ "reservationSid": format!("WR{:032x}", 7) })),
        request(&scene, json!({ "reservationSid": reservation_sid })),
        request(&scene, json!({ "taskSid": task_sid })),
    ];
    for request in requests {
        assert_eq!(
            error_type(invoke(&scene, &request).await),
            "ReservationNotFound",
            "{request}"
        );
    }
    assert_nothing_written(&scene);
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
