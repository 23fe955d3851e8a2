//! The decision to close a task, row by row.

use simulator::exchange::{Answer as UpstreamAnswer, Upstream};
use simulator::fault::Effect;
use simulator::twilio::sids::{AI_WORKER_SID, REP_WORKER_SID};
use simulator::twilio::{ReservationStatus, TaskStatus};
use simulator::world::AUTO_CLOSE;

use super::{Listed, at_list, at_read, cause, end, listed, tell, was_closed, wrapped_up, wrapped_up_with_scope};
use crate::webhook::{Callback, error, no_content};
use end_to_end::Scene;

const AI: Option<&str> = Some(AI_WORKER_SID);
const REP: Option<&str> = Some(REP_WORKER_SID);

#[tokio::test]
async fn ai_ended_task_is_closed_at_wrap_up() {
    for event_type in ["task.wrapup", "reservation.wrapup"] {
        let scene = wrapped_up().await;
        assert_eq!(tell(&scene, event_type).await, no_content());
        assert!(was_closed(&scene), "{event_type}");
        let task = scene.task();
        assert_eq!(task.reason.as_deref(), Some("Closed by auto-close at wrap-up"));
        assert_eq!(scene.reservation().status, ReservationStatus::Completed);
    }
}

#[tokio::test]
async fn other_events_are_ignored() {
    let scene = wrapped_up().await;
    for event_type in [
        "task.created",
        "task.updated",
        "task.completed",
        "task.canceled",
        "task.deleted",
        "reservation.created",
        "reservation.accepted",
        "reservation.completed",
        "reservation.rejected",
        "task-queue.entered",
        "worker.activity.update",
        "TASK.WRAPUP",
        "wrapup",
    ] {
        assert_eq!(tell(&scene, event_type).await, no_content());
        assert_eq!(cause(&scene), "an event that ends no task", "{event_type}");
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn task_is_closed_if_no_other_worker_has_it() {
    let not_ended = "the AI did not end the task";
    let not_alone = "a human agent has the task";
    let cases: [(&[Listed<'_>], Option<&str>); 18] = [
        (&[(AI, "wrapping")], None),
        (&[(AI, "completed")], None),
        (&[(AI, "rejected"), (AI, "timeout"), (AI, "completed")], None),
        (&[(AI, "completed"), (REP, "completed")], None),
        (
            &[(REP, "pending"), (REP, "rejected"), (AI, "wrapping"), (REP, "timeout")],
            None,
        ),
        (&[(REP, "canceled"), (REP, "rescinded"), (AI, "completed")], None),
        (&[], Some(not_ended)),
        (&[(AI, "pending")], Some(not_ended)),
        (&[(AI, "accepted")], Some(not_ended)),
        (&[(AI, "rejected")], Some(not_ended)),
        (&[(AI, "timeout")], Some(not_ended)),
        (&[(AI, "canceled")], Some(not_ended)),
        (&[(AI, "rescinded")], Some(not_ended)),
        (&[(REP, "wrapping")], Some(not_ended)),
        (&[(AI, "rejected"), (REP, "completed")], Some(not_ended)),
        (&[(AI, "wrapping"), (REP, "accepted")], Some(not_alone)),
        (&[(REP, "wrapping"), (AI, "completed")], Some(not_alone)),
        (&[(AI, "completed"), (None, "accepted")], Some(not_alone)),
    ];
    let scene = wrapped_up().await;
    for (reservations, expected) in cases {
        scene.world.faults.add(at_list().before(listed(reservations, None)));
        let write = scene
            .world
            .faults
            .add(super::at_write().before(end_to_end::refusal(400, 20001)));
        assert_eq!(tell(&scene, "task.wrapup").await, no_content(), "{reservations:?}");
        assert_eq!(write.count(), usize::from(expected.is_none()), "{reservations:?}");
        assert_eq!(
            cause(&scene),
            expected.unwrap_or("the task is closed already"),
            "{reservations:?}"
        );
        scene.world.faults.clear();
    }
}

#[tokio::test]
async fn agent_on_a_later_page_keeps_the_task_open() {
    let scene = wrapped_up().await;
    let elsewhere = format!(
        "{}/v1/list?PageToken=PA0",
        scene.world.server(Upstream::Conversations).url()
    );
    scene
        .world
        .faults
        .add(at_list().before(listed(&[(AI, "wrapping")], Some(&elsewhere))));
    scene
        .world
        .faults
        .add(at_list().skip(1).before(listed(&[(REP, "accepted")], None)));
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    assert_eq!(cause(&scene), "a human agent has the task");
    assert!(!was_closed(&scene));
    let queries: Vec<String> = scene
        .exchanges()
        .into_iter()
        .map(|exchange| exchange.query)
        .filter(|query| !query.is_empty())
        .collect();
    assert_eq!(queries, ["PageSize=1000", "PageToken=PA0"]);
    assert!(scene.world.exchanges.of(Upstream::Conversations).is_empty());
}

#[tokio::test]
async fn handed_off_task_is_never_closed() {
    let scene = wrapped_up().await;
    scene.set_attributes(r#"{"handedOff": true}"#);
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    assert_eq!(cause(&scene), "the task was handed off");
    assert!(!was_closed(&scene));
}

#[tokio::test]
async fn handed_off_must_be_true_exactly() {
    for attributes in [
        r#"{}"#,
        r#"{"handedOff":"true"}"#,
        r#"{"handedOff":false}"#,
        r#"{"handedOff":1}"#,
        r#"{"a":{"handedOff":true}}"#,
    ] {
        let scene = wrapped_up().await;
        scene.set_attributes(attributes);
        assert_eq!(tell(&scene, "task.wrapup").await, no_content());
        assert!(was_closed(&scene), "{attributes}");
    }
}

#[tokio::test]
async fn task_no_longer_wrapping_is_left_alone() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with_scope(scope).await;
        let not_closable = "the task is not in a state in which it is closed";
        let closed = "the task is closed already";
        for (status, expected) in [
            ("pending", not_closable),
            ("reserved", not_closable),
            ("assigned", not_closable),
            ("a-later-one", not_closable),
            ("completed", closed),
            ("canceled", closed),
        ] {
            let changed = move |answer: UpstreamAnswer| {
                let body = answer.text().replace(r#""wrapping""#, &format!("\"{status}\""));
                answer.body(body)
            };
            scene.world.faults.add(at_read(&scene).after(Effect::rewrite(changed)));
            assert_eq!(tell(&scene, "task.wrapup").await, no_content());
            assert_eq!(cause(&scene), expected, "{scope} {status}");
            assert!(!was_closed(&scene));
            scene.world.faults.clear();
        }
    }
}

#[tokio::test]
async fn deleted_task_counts_as_closed() {
    for scope in ["ai", "all"] {
        let scene = wrapped_up_with_scope(scope).await;
        scene.world.twilio.delete_task(&scene.task_sid).unwrap();
        assert_eq!(tell(&scene, "task.wrapup").await, no_content());
        assert_eq!(cause(&scene), "the task is closed already");
        assert_eq!(scene.writes(), [""; 0]);
    }
}

#[tokio::test]
async fn non_object_attributes_give_500() {
    let scene = wrapped_up().await;
    for attributes in ["null", "7", r#""[]""#, r#""null""#, r#""""#] {
        let body = format!(r#"{{"assignment_status":"wrapping","attributes":{attributes}}}"#);
        let answer = UpstreamAnswer::status(200).header("etag", "\"1\"").body(body);
        scene.world.faults.add(at_read(&scene).before(Effect::Answer(answer)));
        assert_eq!(tell(&scene, "task.wrapup").await, error(500, "refused"), "{attributes}");
        assert_eq!(cause(&scene), "the task's attributes are not a JSON object");
    }
    assert!(!was_closed(&scene));
}

#[tokio::test]
async fn scope_all_closes_tasks_of_every_worker() {
    for event_type in ["task.wrapup", "reservation.wrapup"] {
        let scene = Scene::with(|options| options.auto_close.set("AUTO_CLOSE_SCOPE", "all")).await;
        scene.set_attributes(r#"{"handedOff":true}"#);
        let twilio = &scene.world.twilio;
        twilio
            .move_reservation(&scene.reservation_sid, ReservationStatus::Rejected)
            .unwrap();
        let reps = twilio.reserve(&scene.task_sid, REP_WORKER_SID).unwrap();
        for status in [ReservationStatus::Accepted, ReservationStatus::Wrapping] {
            twilio.move_reservation(&reps.sid, status).unwrap();
        }
        let event = Callback::event(&scene, AUTO_CLOSE, event_type).with("WorkerSid", REP_WORKER_SID);
        assert_eq!(event.send().await, no_content());
        assert!(was_closed(&scene));
        assert_eq!(scene.writes(), ["POST Tasks/WT"]);
    }
}

#[tokio::test]
async fn status_in_the_event_is_not_trusted() {
    let scene = Scene::start().await;
    end(&scene, ReservationStatus::Completed);
    assert_eq!(scene.task().status, TaskStatus::Completed);
    let event = Callback::event(&scene, AUTO_CLOSE, "task.wrapup").with("TaskAssignmentStatus", "wrapping");
    assert_eq!(event.send().await, no_content());
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test]
async fn outdated_reservation_list_closes_nothing() {
    let scene = wrapped_up().await;
    let (ai, rep) = (Some(AI_WORKER_SID), Some(REP_WORKER_SID));
    scene
        .world
        .faults
        .add(at_list().before(listed(&[(ai, "wrapping")], None)));
    let accepted = listed(&[(ai, "wrapping"), (rep, "accepted")], None);
    scene.world.faults.add(at_list().skip(1).before(accepted));
    assert_eq!(tell(&scene, "task.wrapup").await, no_content());
    assert_eq!(cause(&scene), "a human agent has the task");
    assert!(!was_closed(&scene));
}
