//! The log: one line for each invocation, and nobody's words in it.

use simulator::twilio::NewMessage;
use simulator::twilio::sids::API_KEY_SID;

use super::*;

#[tokio::test]
async fn a_handoff_leaves_one_line_with_its_outcome_its_sids_and_its_steps() {
    let scene = Scene::start().await;

    hand_over(&scene).await.unwrap();

    let mut lines = scene.log(HANDOFF);
    assert_eq!(lines.len(), 1, "{lines:?}");
    let mut line = lines.remove(0);
    let is_number = |value: Value| assert!(value.is_u64(), "{value}");
    is_number(line["ms"].take());
    for step in line["steps"].as_array_mut().unwrap() {
        is_number(step["ms"].take());
    }
    // Some of them run side by side.
    line["steps"]
        .as_array_mut()
        .unwrap()
        .sort_by_key(|step| step["step"].to_string());
    for name in ["timestamp", "requestId"] {
        assert!(line[name].take().is_string(), "{name}");
    }
    let step = |step: &str, answer: u16| json!({ "step": step, "ms": null, "answer": answer });
    let expected = json!({
        "timestamp": null,
        "level": "INFO",
        "requestId": null,
        "taskSid": scene.task_sid,
        "reservationSid": scene.reservation_sid,
        "conversationSid": scene.conversation_sid,
        "results": { "attributes": "updated", "reservation": "rejected", "note": "posted" },
        "outcome": "done",
        "ms": null,
        "steps": [
            step("post note", 201),
            step("read messages", 200),
            step("read participants", 200),
            step("read reservation", 200),
            step("read task", 200),
            step("reject reservation", 200),
            step("write attributes", 200),
        ],
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn every_invocation_leaves_one_line_that_names_its_outcome_and_its_request() {
    let scene = Scene::start().await;
    let requests = [
        (request(&scene, json!({})), "INFO", "done"),
        (request(&scene, json!({})), "INFO", "done"),
        (json!([]), "WARN", "InvalidRequest"),
        (
            request(&scene, json!({ "taskSid": format!("WT{:032x}", 7) })),
            "WARN",
            "TaskNotFound",
        ),
        (
            request(&scene, json!({ "reservationSid": format!("WR{:032x}", 7) })),
            "WARN",
            "ReservationNotFound",
        ),
    ];
    let mut expected = Vec::new();
    for (request, level, outcome) in requests {
        let invocation = scene
            .world
            .lambda
            .invoke(HANDOFF, request.to_string().into_bytes())
            .await;
        expected.push((json!(invocation.request_id), json!(level), json!(outcome)));
    }

    let lines = scene.log(HANDOFF).into_iter();
    let lines: Vec<_> = lines
        .map(|mut line| (line["requestId"].take(), line["level"].take(), line["outcome"].take()))
        .collect();
    assert_eq!(lines, expected);
}

/// What must not be found in any log line or error message: it marks what a customer, a rep or the AI said.
const MARK: &str = "marked";

#[tokio::test]
async fn nobodys_words_and_no_secret_are_logged_or_told_in_an_error() {
    let scene = marked_scene().await;
    let marked = request(
        &scene,
        json!({ "reason": "marked reason", "summary": "marked summary", "language": "x-marked" }),
    );
    let mut at_fault = marked.clone();
    at_fault["sentiment"] = json!("marked");
    at_fault["timestamp"] = json!("marked");
    at_fault["what is marked"] = json!("marked");
    let refused = Answer::status(400).body(r#"{"code":20001,"message":"marked"}"#);
    let no_json = Answer::status(200).body("marked");
    let unreadable = rewrite_json(|task| task["attributes"] = json!("marked"));
    let too_large = rewrite_json(|task| task["attributes"] = json!(format!(r#"{{"a":"{}"}}"#, "marked".repeat(700))));

    let mut errors = vec![invoke(&scene, &at_fault).await];
    for fault in [
        scene.at(READ_TASK).before(Effect::Answer(refused.clone())),
        scene.at(READ_TASK).after(unreadable),
        scene.at(READ_TASK).after(too_large),
        scene.at(READ_TASK).always().before(Effect::Answer(no_json)),
    ] {
        scene.world.faults.add(fault);
        errors.push(invoke(&scene, &marked).await);
        scene.world.faults.clear();
    }
    scene
        .world
        .faults
        .add(scene.at(POST_NOTE).before(Effect::Answer(refused)));
    let answered = invoke(&scene, &marked).await.unwrap();

    let messages: Vec<FunctionError> = errors.into_iter().map(Result::unwrap_err).collect();
    let types: Vec<&str> = messages.iter().map(|error| error.error_type.as_str()).collect();
    assert_eq!(
        types,
        [
            "InvalidRequest",
            "Refused",
            "AttributesUnreadable",
            "AttributesTooLarge",
            "Unavailable"
        ]
    );
    assert_eq!(answered["note"], "refused");
    assert_eq!(scene.log(HANDOFF).len(), 6);
    let credentials = scene.world.twilio.credentials();
    let told = format!("{messages:?} {:?}", scene.world.lambda.logs(HANDOFF));
    for secret in [
        MARK,
        &credentials.auth_token,
        &credentials.api_keys[API_KEY_SID],
        "Basic ",
        "+47",
    ] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

/// A scene in which everything that anybody can have said is marked.
async fn marked_scene() -> Scene {
    let scene = hurried_scene().await;
    scene.set_attributes(r#"{"marked name":"marked value"}"#);
    let message = NewMessage {
        author: Some("marked author".to_owned()),
        body: "marked body".to_owned(),
        attributes: Some(r#"{"handoff":"marked"}"#.to_owned()),
    };
    let twilio = &scene.world.twilio;
    twilio.post_message(&scene.conversation_sid, message).unwrap();
    twilio
        .add_chat_participant(&scene.conversation_sid, "marked identity")
        .unwrap();
    scene
}
