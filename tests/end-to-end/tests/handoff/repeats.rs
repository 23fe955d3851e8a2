//! Repeats of a handoff and earlier handoffs of the same task.

use simulator::twilio::TaskStatus;
use simulator::twilio::sids::AI_WORKER_SID;

use super::*;

/// A time before every reservation and a time after every test.
const LONG_AGO: &str = "2020-02-02T02:02:02Z";
const FAR_OFF: &str = "2199-01-01T00:00:00Z";

#[tokio::test]
async fn repeat_changes_nothing() {
    let scene = Scene::start().await;
    hand_over(&scene).await.unwrap();
    let version = scene.task().version;
    scene.world.exchanges.clear();

    let again = hand_over(&scene).await;

    assert_eq!(again, Ok(answer(&scene, REPEAT)));
    assert_handed_over(&scene);
    assert_nothing_written(&scene);
    assert_eq!(scene.task().version, version);
}

#[tokio::test]
async fn first_text_and_timestamp_stay() {
    let scene = Scene::start().await;
    reserve_long_ago(&scene);
    hand_over(&scene).await.unwrap();
    let others = json!({
        "reason": "another reason",
        "summary": "Another summary.",
        "sentiment": "positive",
        "language": "de",
    });
    for timestamp in [json!(null), json!(LONG_AGO), json!(FAR_OFF)] {
        let mut fields = others.clone();
        fields["timestamp"] = timestamp;

        let again = hand_over_with(&scene, fields).await;

        assert_eq!(again, Ok(answer(&scene, REPEAT)));
        assert_handed_over(&scene);
    }
}

/// Makes the reservation older. Twilio gives its creation in whole seconds. A handoff timestamp within that second
/// doesn't tell whether the six attributes are of an earlier handoff.
fn reserve_long_ago(scene: &Scene) {
    let created = |reservation: &mut Value| reservation["date_created"] = json!("2026-01-01T00:00:00Z");
    scene.strike(scene.at(READ_RESERVATION).always().after(rewrite_json(created)));
    let list = rewrite_json(move |list| {
        list["reservations"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(created)
    });
    scene.strike(scene.at(LIST_RESERVATIONS).always().after(list));
}

#[tokio::test]
async fn other_texts_within_the_reservations_second_replace_the_first() {
    let scene = Scene::start().await;
    let created = rfc3339(scene.reservation().date_created);
    let first = format!("{}.500Z", created.trim_end_matches('Z'));
    hand_over_with(&scene, json!({ "timestamp": first })).await.unwrap();
    let later = json!({ "reason": "another reason", "timestamp": created });

    let again = hand_over_with(&scene, later.clone()).await;

    let expected = answer(&scene, ["updated", "already-released", "already-posted"]);
    assert_eq!(again, Ok(expected));
    assert_eq!(
        scene.task().attributes,
        with_six(&untouched(&scene), &request(&scene, later))
    );
}

#[tokio::test]
async fn repeat_without_a_timestamp_returns_the_first_one() {
    let scene = Scene::start().await;
    let fields = json!({ "timestamp": null });
    let first = hand_over_with(&scene, fields.clone()).await.unwrap();

    let again = hand_over_with(&scene, fields).await.unwrap();

    assert_eq!(again["handoffTimestamp"], first["handoffTimestamp"]);
    assert_eq!(again["attributes"], "unchanged");
}

#[tokio::test]
async fn timestamp_may_precede_the_reservation_by_a_minute() {
    let scene = Scene::start().await;
    let created = scene.reservation().date_created;
    let skewed = rfc3339(created - Duration::from_secs(55));
    let given = request(&scene, json!({ "timestamp": skewed }));
    invoke(&scene, &given).await.unwrap();

    let again = hand_over_with(&scene, json!({ "timestamp": skewed, "reason": "another reason" })).await;

    assert_eq!(again, Ok(answer_to(&scene, &given, REPEAT)));
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &given));
}

#[tokio::test]
async fn implausible_timestamp_needs_equal_text_for_a_repeat() {
    for timestamp in [LONG_AGO, FAR_OFF] {
        let scene = Scene::start().await;
        let given = request(&scene, json!({ "timestamp": timestamp }));
        assert_eq!(invoke(&scene, &given).await, Ok(answer_to(&scene, &given, FIRST)));
        assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &given));

        assert_eq!(invoke(&scene, &given).await, Ok(answer_to(&scene, &given, REPEAT)));

        let others = request(&scene, json!({ "timestamp": timestamp, "reason": "another reason" }));
        let replaced = ["updated", "already-released", "already-posted"];
        assert_eq!(invoke(&scene, &others).await, Ok(answer_to(&scene, &others, replaced)));
        assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &others));
    }
}

#[tokio::test]
async fn earlier_reservations_attributes_are_all_replaced() {
    let mut scene = Scene::start().await;
    let earlier = request(
        &scene,
        json!({ "reason": "hungry", "summary": "Wants lunch.", "sentiment": "neutral", "language": "nb", "timestamp": LONG_AGO }),
    );
    invoke(&scene, &earlier).await.unwrap();
    let after_the_first = scene.task().attributes;
    // The human agent returns the task to the AI, which hands off the task again.
    scene.reservation_sid = scene.world.twilio.reserve(&scene.task_sid, AI_WORKER_SID).unwrap().sid;

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    let later = request(&scene, json!({}));
    assert_eq!(after_the_first, with_six(&untouched(&scene), &earlier));
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &later));
    assert_eq!(notes(&scene), [note_text(&earlier), note_text(&later)]);
}

#[tokio::test]
async fn incomplete_attributes_belong_to_an_earlier_handoff() {
    let mut scene = Scene::start().await;
    for (name, value) in [
        ("handedOff", json!(false)),
        ("handedOff", json!("true")),
        ("handedOff", json!(1)),
        ("handoffLanguage", json!(null)),
        ("handoffSummary", json!(["text"])),
        ("handoffTimestamp", json!("yesterday")),
    ] {
        let request = request(&scene, json!({}));
        let whole = format!("{{{}}}", six(&request));
        let mut broken: Value = serde_json::from_str(&whole).unwrap();
        broken["handoffReason"] = json!("another reason");
        broken[name] = value;
        scene.set_attributes(&broken.to_string());

        assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)), "{broken}");
        let written: Value = serde_json::from_str(&scene.task().attributes).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(&whole).unwrap(), "{broken}");
        scene = scene.next();
    }
}

/// The answer to a repeat after the task's end.
fn closed(scene: &Scene) -> Value {
    let mut answer = answer(scene, REPEAT);
    answer["routing"] = json!("closed");
    answer
}

#[tokio::test]
async fn repeat_on_a_closed_task_answers_as_before() {
    let scene = Scene::start().await;
    hand_over(&scene).await.unwrap();
    rep_accepts(&scene.world.twilio, &scene.task_sid);
    for status in [TaskStatus::Wrapping, TaskStatus::Completed] {
        scene.world.twilio.end_task(&scene.task_sid, status, "helped").unwrap();
        scene.world.exchanges.clear();

        let again = hand_over(&scene).await;

        assert_eq!(again, Ok(closed(&scene)), "{status}");
        assert_nothing_written(&scene);
    }
    scene.world.twilio.close_conversation(&scene.conversation_sid).unwrap();

    assert_eq!(hand_over(&scene).await, Ok(closed(&scene)));

    let request = request(&scene, json!({}));
    scene.world.twilio.expire_task(&scene.task_sid).unwrap();

    assert_eq!(error_type(invoke(&scene, &request).await), "TaskNotFound");
}

#[tokio::test]
async fn task_closed_before_the_release_was_not_handed_off() {
    let scene = Scene::start().await;
    move_reservation(&scene, ReservationStatus::Accepted);
    assert_eq!(error_type(hand_over(&scene).await), "ReservationNotRejectable");
    scene
        .world
        .twilio
        .end_task(&scene.task_sid, TaskStatus::Wrapping, "over")
        .unwrap();

    assert_eq!(error_type(hand_over(&scene).await), "TaskClosed");
    assert_eq!(notes(&scene), [""; 0]);
}

#[tokio::test]
async fn simultaneous_requests_are_one_handoff() {
    for count in [2, 5] {
        let scene = Scene::start().await;

        let outcomes = invoke_at_once(&scene, vec![request(&scene, json!({})); count]).await;

        assert_one_handoff(&outcomes);
        assert_handed_over(&scene);
    }
}

#[tokio::test]
async fn simultaneous_requests_with_different_texts_are_one_handoff() {
    let scene = Scene::start().await;
    reserve_long_ago(&scene);
    let words = |number| json!({ "reason": format!("reason {number}"), "timestamp": null });
    let requests = (0..5).map(|number| request(&scene, words(number))).collect();

    let outcomes = invoke_at_once(&scene, requests).await;

    assert_one_handoff(&outcomes);
    let attributes: Value = serde_json::from_str(&scene.task().attributes).unwrap();
    let written = json!({ "reason": attributes["handoffReason"], "timestamp": attributes["handoffTimestamp"] });
    let written = request(&scene, written);
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &written));
    assert_eq!(notes(&scene), [note_text(&written)]);
}

#[tokio::test]
async fn simultaneous_requests_without_a_reservation_are_one_handoff() {
    let scene = Scene::start().await;
    let unnamed = request(&scene, json!({ "reservationSid": null }));

    let outcomes = invoke_at_once(&scene, vec![unnamed; 3]).await;

    assert_one_handoff(&outcomes);
    assert_handed_over(&scene);
}

/// Asserts that one run wrote the attributes, one run rejected, and one run posted the note. All other runs must report
/// so, and all must give the same time.
fn assert_one_handoff(outcomes: &[Result<Value, FunctionError>]) {
    let answers: Vec<&Value> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap()).collect();
    let count = |field: &str, value: &str| answers.iter().filter(|answer| answer[field] == value).count();
    let others = outcomes.len() - 1;
    assert_eq!(
        (count("attributes", "updated"), count("attributes", "unchanged")),
        (1, others),
        "{answers:?}"
    );
    assert_eq!(
        (
            count("reservation", "rejected"),
            count("reservation", "already-released")
        ),
        (1, others),
        "{answers:?}"
    );
    // A run whose second note was deleted may still report `posted`.
    let notes = count("note", "posted") + count("note", "already-posted");
    assert!(count("note", "posted") >= 1 && notes == answers.len(), "{answers:?}");
    assert!(
        answers
            .iter()
            .all(|answer| answer["handoffTimestamp"] == answers[0]["handoffTimestamp"]),
        "{answers:?}"
    );
}
