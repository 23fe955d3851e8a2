//! Invalid requests, and fields that are replaced with a warning.

use super::*;

/// The error of a request with these faults.
fn at_fault(faults: &[&str]) -> FunctionError {
    error(
        "InvalidRequest",
        &format!("the request is invalid: {}", faults.join("; ")),
    )
}

#[tokio::test]
async fn all_faults_are_named_without_any_request() {
    let scene = Scene::start().await;
    let request = json!({
        "taskSid": 7,
        "sessionId": "a b",
        "reservationSid": "WR7",
        "sentiment": "furious",
        "priority": 1,
    });

    let outcome = invoke(&scene, &request).await;

    let faults = [
        "taskSid is malformed: it must be a task's SID (WT and 32 hexadecimal digits)",
        "sessionId is malformed: it must be 1 to 255 letters, digits, '.', '_', ':' and '-'",
        "reservationSid is malformed: it must be a reservation's SID (WR and 32 hexadecimal digits)",
    ];
    assert_eq!(outcome, Err(at_fault(&faults)));
    let nulls = json!({ "taskSid": null, "sessionId": null });
    assert_eq!(
        invoke(&scene, &nulls).await,
        Err(at_fault(&["taskSid or sessionId must be given"]))
    );
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn sid_is_two_letters_and_32_hexadecimal_digits() {
    let scene = Scene::start().await;
    let digits = "0123456789abcdef0123456789abcdef";
    for (field, prefix, whose) in [
        ("taskSid", "WT", "a task's"),
        ("reservationSid", "WR", "a reservation's"),
    ] {
        let malformed = [
            json!(""),
            json!(format!("{prefix}{}", &digits[1..])),
            json!(format!("{prefix}{digits}0")),
            json!(format!("{prefix}{}", digits.replace('f', "g"))),
            json!(format!("AC{digits}")),
            json!(format!("{}{digits}", prefix.to_lowercase())),
            json!(format!("{prefix}{}/..", &digits[3..])),
            json!([format!("{prefix}{digits}")]),
        ];
        let fault = format!("{field} is malformed: it must be {whose} SID ({prefix} and 32 hexadecimal digits)");
        for value in malformed {
            let outcome = hand_over_with(&scene, json!({ field: value })).await;

            assert_eq!(outcome, Err(at_fault(&[&fault])), "{value}");
        }
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn payload_must_be_an_object() {
    let scene = Scene::start().await;
    for payload in ["[]", "null", "7", "\"{}\""] {
        let invocation = scene.world.lambda.invoke(HANDOFF, payload.into()).await;

        assert_eq!(
            outcome(&invocation),
            Err(at_fault(&["it must be a JSON object"])),
            "{payload}"
        );
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn task_alone_is_enough() {
    let scene = Scene::start().await;

    let answered = invoke(&scene, &json!({ "taskSid": scene.task_sid })).await.unwrap();

    let warnings = [
        "reason is missing",
        "summary is missing",
        "sentiment is missing, so it is neutral",
        "language is missing, so it is und",
    ];
    let written = json!({
        "reason": "",
        "summary": "",
        "sentiment": "neutral",
        "language": "und",
        "timestamp": answered["handoffTimestamp"],
    });
    let mut expected = answer_to(&scene, &written, FIRST);
    expected["warnings"] = json!(warnings);
    assert_eq!(answered, expected);
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &written));
    assert_eq!(notes(&scene), [note_text(&written)]);
}

#[tokio::test]
async fn unusable_field_is_replaced_with_a_warning() {
    const SENTIMENT: &str = "sentiment is not positive, neutral or negative, so it is neutral";
    const LANGUAGE: &str = "language is not a BCP 47 language tag, so it is und";
    const CONVERSATION: &str =
        "conversationSid is not a conversation's SID (CH and 32 hexadecimal digits), so the task's own is used";
    let cases = [
        ("reason", json!(" \u{a0}\n"), json!(""), "reason is empty"),
        ("reason", json!(["text"]), json!(""), "reason is not a text"),
        ("summary", json!(null), json!(""), "summary is missing"),
        ("sentiment", json!("furious"), json!("neutral"), SENTIMENT),
        ("sentiment", json!(1), json!("neutral"), SENTIMENT),
        ("language", json!("English"), json!("und"), LANGUAGE),
        ("language", json!("auto"), json!("und"), LANGUAGE),
        ("language", json!(["en"]), json!("und"), LANGUAGE),
        ("conversationSid", json!("CH7"), json!(null), CONVERSATION),
    ];
    let mut scene = Scene::start().await;
    for (field, given, written, warning) in cases {
        let answered = hand_over_with(&scene, json!({ field: given })).await;

        let mut expected = answer(&scene, FIRST);
        expected["warnings"] = json!([warning]);
        assert_eq!(answered, Ok(expected), "{given}");
        let written = request(&scene, json!({ field: written }));
        assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &written));
        assert_eq!(notes(&scene), [note_text(&written)]);
        scene = scene.next();
    }
}

#[tokio::test]
async fn malformed_timestamp_is_now() {
    let mut scene = Scene::start().await;
    for malformed in [
        json!("2026-11-22 09:00:00Z"),
        json!("2026-11-22T09:00Z"),
        json!(1_795_338_000),
    ] {
        let answered = hand_over_with(&scene, json!({ "timestamp": malformed })).await.unwrap();

        let written = json!({ "timestamp": answered["handoffTimestamp"] });
        let mut expected = answer_to(&scene, &written, FIRST);
        let warning = "timestamp is not an RFC 3339 date and time with seconds and an offset, so the time is now";
        expected["warnings"] = json!([warning]);
        assert_eq!(answered, expected, "{malformed}");
        assert_eq!(
            scene.task().attributes,
            with_six(&untouched(&scene), &request(&scene, written))
        );
        scene = scene.next();
    }
}

#[tokio::test]
async fn unknown_fields_are_ignored_with_a_warning() {
    let scene = Scene::start().await;

    let answered = hand_over_with(&scene, json!({ "Reason": null, "called at 9": 1 })).await;

    let mut expected = answer(&scene, FIRST);
    expected["warnings"] = json!([
        "Reason is not a field of the request, so it is ignored",
        "called at 9 is not a field of the request, so it is ignored",
    ]);
    assert_eq!(answered, Ok(expected));
    assert_handed_over(&scene);
}

#[tokio::test]
async fn session_names_its_newest_open_task() {
    let scene = Scene::start().await;
    let mut by_session = request(&scene, json!({ "sessionId": "session-1", "reservationSid": null }));
    by_session["taskSid"].take();

    assert_eq!(invoke(&scene, &by_session).await, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
    by_session["sessionId"] = json!("session-2");
    assert_eq!(error_type(invoke(&scene, &by_session).await), "TaskNotFound");
}

#[tokio::test]
async fn hyphen_in_the_session_attributes_name_is_named() {
    let scene = Scene::with(|options| options.handoff.set("SESSION_ID_ATTRIBUTE", "session-id")).await;
    let outcome = invoke(&scene, &json!({ "sessionId": "session-1" })).await;

    assert_eq!(error_type(outcome), "InvalidRequest");
    assert_eq!(scene.requests(), [""; 0]);
}
