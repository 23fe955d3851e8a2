//! The log has one line for each invocation, without text of the customers or the AI.

use simulator::twilio::NewMessage;

use super::*;

#[tokio::test]
async fn handoff_logs_outcome_sids_and_steps() {
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
    // Some steps run side by side.
    line["steps"]
        .as_array_mut()
        .unwrap()
        .sort_by_key(|step| step["step"].to_string());
    for name in ["timestamp", "requestId"] {
        assert!(line[name].take().is_string(), "{name}");
    }
    let step = |step: &str, status: u16| json!({ "step": step, "ms": null, "status": status });
    let expected = json!({
        "timestamp": null,
        "level": "INFO",
        "function": "handoff",
        "version": env!("CARGO_PKG_VERSION"),
        "requestId": null,
        "taskSid": scene.task_sid,
        "reservationSid": scene.reservation_sid,
        "conversationSid": scene.conversation_sid,
        "results": { "attributes": "updated", "reservation": "rejected", "note": "posted", "routing": "released" },
        "outcome": "done",
        "ms": null,
        "steps": [
            step("list reservations", 200),
            step("post message", 201),
            step("read messages", 200),
            step("read participants", 200),
            step("read reservation", 200),
            step("read task", 200),
            step("read task", 200),
            step("reject reservation", 200),
            step("write attributes", 200),
        ],
    });
    assert_eq!(line, expected);
}

#[tokio::test]
async fn invocation_logs_its_outcome_and_request_id() {
    let scene = Scene::start().await;
    let never_offered = scene.world.twilio.create_task("{}").unwrap().sid;
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
            request(&scene, json!({ "taskSid": never_offered, "reservationSid": null })),
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

#[tokio::test]
async fn logs_and_errors_hold_no_private_text() {
    let scene = marked_scene().await;
    let words = json!({ "reason": "private reason", "summary": "private summary", "language": "en-x-private" });
    let private = request(&scene, words);
    let too_large = format!(r#"{{"a":"{}"}}"#, "private".repeat(700));
    let attributes = |text: String| rewrite_json(move |task| task["attributes"] = json!(text));
    let refused = || Effect::Answer(Answer::status(400).body(r#"{"code":20001,"message":"private"}"#));
    let away = Answer::status(503).header("Retry-After", "3600").body("private");
    let cases = [
        ("Refused", scene.at(READ_TASK).before(refused())),
        (
            "AttributesUnreadable",
            scene.at(READ_TASK).after(attributes("private".to_owned())),
        ),
        ("AttributesTooLarge", scene.at(READ_TASK).after(attributes(too_large))),
        ("Unavailable", scene.at(READ_TASK).before(Effect::Answer(away))),
    ];

    let mut at_fault = private.clone();
    for field in ["taskSid", "sessionId", "reservationSid", "what is private"] {
        at_fault[field] = json!("private?");
    }
    let error = invoke(&scene, &at_fault).await.unwrap_err();
    assert_eq!(error.error_type, "InvalidRequest");
    let mut told = error.error_message;
    for (error_type, fault) in cases {
        scene.strike(fault);
        let error = invoke(&scene, &private).await.unwrap_err();
        assert_eq!(error.error_type, error_type);
        told += &error.error_message;
        scene.world.faults.clear();
    }
    let no_json = Effect::Answer(Answer::status(200).body("private"));
    scene.strike(scene.at(READ_TASK).before(no_json));
    scene.strike(scene.at(POST_NOTE).before(refused()));
    assert_eq!(invoke(&scene, &private).await.unwrap()["note"], "refused");

    assert_eq!(scene.log(HANDOFF).len(), 6);
    told += &scene.world.lambda.logs(HANDOFF).concat();
    let secret: Value = serde_json::from_str(&scene.world.secrets.secret_string()).unwrap();
    let secret = secret
        .as_object()
        .unwrap()
        .values()
        .map(|value| value.as_str().unwrap());
    for mark in secret.chain(["private", "Basic "]) {
        assert!(!told.contains(mark), "{mark}: {told}");
    }
}

/// A scene with the mark in every text of a customer, an agent or the AI.
async fn marked_scene() -> Scene {
    let scene = Scene::start().await;
    scene.set_attributes(r#"{"private name":"private value"}"#);
    let message = NewMessage {
        author: Some("private author".to_owned()),
        body: "private body".to_owned(),
        attributes: Some(r#"{"handoff":"private"}"#.to_owned()),
    };
    let (twilio, conversation) = (&scene.world.twilio, &scene.conversation_sid);
    twilio.post_message(conversation, message).unwrap();
    twilio.add_chat_participant(conversation, "private identity").unwrap();
    scene
}

#[tokio::test]
async fn requests_name_the_function_and_log_line() {
    let scene = Scene::start().await;

    hand_over(&scene).await.unwrap();

    let function = format!("flex-handoff/{} (handoff)", env!("CARGO_PKG_VERSION"));
    let request_id = scene.log(HANDOFF)[0]["requestId"].as_str().unwrap().to_owned();
    for exchange in scene.exchanges() {
        let told = ["user-agent", "x-request-id"].map(|name| exchange.header(name));
        assert_eq!(told, [Some(&*function), Some(&*request_id)], "{exchange:?}");
    }
}

#[tokio::test]
async fn refusal_is_logged_with_twilios_code_and_request_id() {
    let scene = Scene::start().await;
    let body = r#"{"code":20001,"message":"m","more_info":"","status":400}"#;
    let refused = Answer::status(400).body(body).header("Twilio-Request-Id", "RQ7");
    scene.strike(scene.at(WRITE).before(Effect::Answer(refused)));

    assert_eq!(error_type(hand_over(&scene).await), "Refused");

    let mut line = scene.log(HANDOFF).pop().unwrap();
    assert_eq!(line["level"], "ERROR");
    let mut steps = line["steps"].take();
    let step = steps
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|step| step["step"] == "write attributes");
    let step = step.unwrap();
    step["ms"].take();
    let expected = json!({
        "step": "write attributes", "ms": null, "status": 400, "code": 20001, "twilioRequestId": "RQ7",
    });
    assert_eq!(*step, expected);
}

#[tokio::test]
async fn missing_conversation_is_a_warning_if_one_is_named() {
    let scene = Scene::start().await;
    scene.world.twilio.delete_conversation(&scene.conversation_sid).unwrap();
    hand_over(&scene).await.unwrap();
    let scene = scene.next();
    scene.set_attributes("{}");
    hand_over_with(&scene, json!({ "conversationSid": null }))
        .await
        .unwrap();

    let lines = scene.log(HANDOFF).into_iter();
    let lines: Vec<_> = lines
        .map(|mut line| (line["level"].take(), line["results"]["note"].take()))
        .collect();
    let expected = ["WARN", "INFO"].map(|level| (json!(level), json!("no-conversation")));
    assert_eq!(lines, expected);
}
