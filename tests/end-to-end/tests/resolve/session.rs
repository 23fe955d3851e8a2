//! The mark on the session.

use end_to_end::refusal;

use super::*;

#[tokio::test]
async fn mark_and_resolved_body_are_one_write() {
    let scene = Scene::with(|options| {
        options.resolve.set(
            "SESSION_RESOLVED_BODY",
            r#"{"status":"closed_resolved","custom_data":{"by":"ai"}}"#,
        );
    })
    .await;

    assert_eq!(resolve(&scene).await, Ok(answer(&scene, ["marked", "rejected", "off"])));

    let [mut write] = <[Value; 1]>::try_from(session_writes(&scene)).expect("one write");
    let timestamp = write["custom_data"]["flex_resolved_timestamp"].take();
    let expected = json!({
        "status": "closed_resolved",
        "custom_data": {
            "by": "ai",
            "flex_resolved": true,
            "flex_resolved_task_sid": scene.task_sid,
            "flex_resolved_timestamp": null,
        },
    });
    assert_eq!(write, expected);
    let timestamp = timestamp.as_str().expect("a text");
    assert!(timestamp.ends_with('Z') && timestamp.len() <= 24, "{timestamp}");
}

#[tokio::test]
async fn keys_of_the_mark_are_always_allowed() {
    let scene = Scene::with(|options| options.resolve.set("SESSION_KEYS", "flex_task_sid")).await;
    assert_eq!(resolve(&scene).await, Ok(answer(&scene, ["marked", "rejected", "off"])));
    assert_marked(&scene);
}

#[tokio::test]
async fn task_without_a_session_is_released() {
    let scene = Scene::start().await;
    for attributes in ["{}", r#"{"session_id":""}"#, r#"{"session_id":"nobody's"}"#] {
        scene.set_attributes(attributes);
        let answered = resolve(&scene).await.expect("it can be resolved");
        assert_eq!(answered["session"], "unknown", "{attributes}");
    }
    assert_eq!(scene.reservation().status, ReservationStatus::Rejected);
}

#[tokio::test]
async fn session_api_that_refuses_stops_nothing() {
    for status in [400, 401, 403] {
        let scene = Scene::start().await;
        scene.strike(at_session().always().before(refusal(status, 0)));
        let answered = resolve(&scene).await;
        assert_eq!(answered, Ok(answer(&scene, ["unknown", "rejected", "off"])), "{status}");
        let line = scene.log(RESOLVE).pop().expect("a log line");
        assert_eq!((&line["level"], &line["outcome"]), (&json!("WARN"), &json!("done")));
    }
}

#[tokio::test]
async fn session_api_that_is_unavailable_stops_everything() {
    let scene = Scene::with(|options| {
        with_attribute(options);
        options.resolve.timeout = std::time::Duration::from_secs(3);
    })
    .await;
    scene.strike(at_session().always().before(refusal(503, 0)));

    assert_eq!(error_type(resolve(&scene).await), "Unavailable");

    let writes = scene.writes();
    assert!(
        writes.len() > 1 && writes.iter().all(|write| write == WRITE_SESSION),
        "{writes:?}"
    );
    assert_eq!(scene.reservation().status, ReservationStatus::Pending);
}
