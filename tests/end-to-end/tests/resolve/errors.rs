//! Tasks that can't be resolved and for which nothing is written.

use simulator::twilio::TaskChange;

use super::*;

#[tokio::test]
async fn task_that_the_ai_has_lost_is_not_resolved() {
    let scene = Scene::with(with_attribute).await;
    rep_accepts(&scene.world.twilio, &scene.task_sid);
    assert_eq!(error_type(resolve(&scene).await), "HumanActive");
    scene.set_attributes(r#"{"session_id":"session-1","handedOff":true}"#);
    assert_eq!(error_type(resolve(&scene).await), "HandedOff");
    scene.set_attributes(r#"{"session_id":"session-1","handedOff":"true"}"#);
    assert_eq!(error_type(resolve(&scene).await), "HumanActive");
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn reservation_must_be_the_ais() {
    let scene = Scene::start().await;
    let human = scene.world.twilio.reserve(&scene.task_sid, REP_WORKER_SID).unwrap();
    let request = json!({ "taskSid": scene.task_sid, "reservationSid": human.sid });
    assert_eq!(error_type(resolve_with(&scene, request).await), "ReservationNotAi");

    let task = scene.world.twilio.create_task("{}").unwrap();
    let request = json!({ "taskSid": task.sid });
    assert_eq!(error_type(resolve_with(&scene, request).await), "ReservationNotFound");
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn task_must_exist() {
    let scene = Scene::start().await;
    for request in [
        json!({ "taskSid": "WT00000000000000000000000000000000" }),
        json!({ "sessionId": "another" }),
    ] {
        assert_eq!(error_type(resolve_with(&scene, request).await), "TaskNotFound");
    }
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn every_fault_of_a_request_is_named() {
    let scene = Scene::start().await;
    let message = "the request is invalid: taskSid is malformed: it must be a task's SID (WT and 32 hexadecimal \
                   digits); reservationSid is malformed: it must be a reservation's SID (WR and 32 hexadecimal digits)";
    let expected = FunctionError {
        error_type: "InvalidRequest".to_owned(),
        error_message: message.to_owned(),
    };
    let request = json!({ "taskSid": "WT1", "reservationSid": 7 });
    assert_eq!(resolve_with(&scene, request).await, Err(expected));
    assert_eq!(error_type(resolve_with(&scene, json!([])).await), "InvalidRequest");
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn session_cannot_be_looked_for_by_a_hyphenated_name() {
    let scene = Scene::with(|options| options.resolve.set("SESSION_ID_ATTRIBUTE", "session-id")).await;
    assert_eq!(
        error_type(resolve_with(&scene, json!({ "sessionId": SESSION_ID })).await),
        "InvalidRequest"
    );
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn attributes_must_be_an_object_that_has_room() {
    let scene = Scene::with(with_attribute).await;
    let filler = "x".repeat(4070);
    scene.set_attributes(&format!(r#"{{"session_id":"s","a":"{filler}"}}"#));
    assert_eq!(error_type(resolve(&scene).await), "AttributesTooLarge");
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn task_for_one_worker_is_rejected_only_towards_its_end() {
    for close_queue in [false, true] {
        let scene = Scene::with(|options| options.close_queue = close_queue).await;
        let target = Effect::rewrite(|answer| {
            let mut task: Value = serde_json::from_slice(&answer.body).expect("a task is JSON");
            task["routing_target"] = json!("WK00000000000000000000000000000001");
            answer.body(task.to_string())
        });
        scene.strike(scene.at(READ_TASK).always().after(target));
        let answered = resolve(&scene).await;
        match close_queue {
            true => assert_eq!(answered, Ok(answer(&scene, ["marked", "rejected", "queued"]))),
            false => {
                assert_eq!(error_type(answered), "ReservationNotRejectable");
                assert_nothing_written(&scene);
            }
        }
    }
}

#[tokio::test]
async fn unknown_statuses_are_looked_at_once_more() {
    for (request, field) in [
        (READ_TASK, "assignment_status"),
        (READ_RESERVATION, "reservation_status"),
    ] {
        let scene = Scene::start().await;
        let unknown = Effect::rewrite(move |answer| {
            let mut resource: Value = serde_json::from_slice(&answer.body).expect("Twilio answers in JSON");
            resource[field] = json!("transferring");
            answer.body(resource.to_string())
        });
        let struck = scene.strike(scene.at(request).always().after(unknown));
        assert_eq!(error_type(resolve(&scene).await), "Unavailable", "{field}");
        assert_eq!(struck.count(), 2, "{field}");
        assert_nothing_written(&scene);
    }
}

#[tokio::test]
async fn changed_priority_stops_nothing() {
    let scene = Scene::with(with_attribute).await;
    let task_sid = scene.task_sid.clone();
    let change = meanwhile(&scene, move |twilio| {
        let change = TaskChange {
            priority: Some(9),
            ..TaskChange::default()
        };
        drop(twilio.update_task(&task_sid, change).unwrap());
    });
    scene.strike(scene.at(WRITE_TASK).before(change));
    assert_eq!(resolve(&scene).await, Ok(answer(&scene, ["marked", "rejected", "off"])));
    assert_eq!(scene.writes(), [WRITE_SESSION, WRITE_TASK, WRITE_TASK, RELEASE]);
}
