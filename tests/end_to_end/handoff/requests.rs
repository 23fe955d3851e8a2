//! Requests that are at fault.

use std::iter::once;

use super::*;

const NO_OBJECT: &str = "the request is at fault: it must be a JSON object";

#[tokio::test]
async fn every_fault_of_a_request_is_named_at_once_and_nobody_is_asked_anything() {
    let scene = Scene::start().await;
    let request = json!({
        "reservationSid": "WR7",
        "conversationSid": 7,
        "reason": " \n",
        "sentiment": "furious",
        "language": "en_US",
        "timestamp": "yesterday",
        "priority": 1,
    });

    let error = invoke(&scene, &request).await.unwrap_err();

    let faults = [
        "priority is not a field of it",
        "taskSid is missing",
        "reservationSid must be a reservation's SID (WR and 32 hexadecimal digits)",
        "conversationSid must be a conversation's SID (CH and 32 hexadecimal digits)",
        "reason must be a text",
        "summary is missing",
        "sentiment must be positive, neutral or negative",
        "language must be a BCP 47 language tag",
        "timestamp must be an RFC 3339 date and time with seconds and an offset",
    ];
    let expected = FunctionError {
        error_type: "InvalidRequest".to_owned(),
        error_message: format!("the request is at fault: {}", faults.join("; ")),
    };
    assert_eq!(error, expected);
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn each_field_is_refused_by_its_name_when_it_is_at_fault() {
    let scene = Scene::start().await;
    let a_sid = |prefix: &str, digits: &str| json!(format!("{prefix}{digits}"));
    let digits = "0123456789abcdef0123456789abcdef";
    let cases = [
        (
            "taskSid",
            vec![
                a_sid("WR", digits),
                a_sid("WT", &digits[1..]),
                a_sid("WT", &digits.replace('a', "g")),
            ],
        ),
        ("reservationSid", vec![json!(""), a_sid("WT", digits), json!("../WR")]),
        ("conversationSid", vec![json!(""), a_sid("ch", digits), json!([])]),
        ("reason", vec![json!(""), json!("\u{a0}\t"), json!({}), json!(true)]),
        ("summary", vec![json!(""), json!(["text"]), json!(1)]),
        ("sentiment", vec![json!(""), json!("Positive"), json!("sad"), json!(1)]),
        (
            "language",
            vec![
                json!(""),
                json!("e"),
                json!("en_US"),
                json!("english language"),
                json!(1),
            ],
        ),
        (
            "timestamp",
            [
                "",
                "2026-11-22",
                "2026-11-22T09:00Z",
                "2026-11-22T09:00:00",
                "2026-11-22 09:00:00Z",
                "2026-13-22T09:00:00Z",
            ]
            .map(Value::from)
            .into_iter()
            .chain(once(json!(1_795_338_000)))
            .collect(),
        ),
    ];
    for (field, values) in cases {
        for value in values {
            let error = hand_over_with(&scene, json!({ field: value })).await.unwrap_err();

            assert_eq!(error.error_type, "InvalidRequest", "{field}: {value}");
            let message = format!("the request is at fault: {field} must be ");
            assert!(
                error.error_message.starts_with(&message),
                "{value}: {}",
                error.error_message
            );
        }
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn each_required_field_is_missing_when_it_is_not_there_or_null() {
    let scene = Scene::start().await;
    for field in ["taskSid", "reason", "summary", "sentiment", "language"] {
        let is_null = request(&scene, json!({ field: null }));
        let mut is_absent = is_null.clone();
        is_absent.as_object_mut().unwrap().remove(field);
        for request in [is_null, is_absent] {
            let error = invoke(&scene, &request).await.unwrap_err();

            let message = format!("the request is at fault: {field} is missing");
            assert_eq!(
                (error.error_type.as_str(), error.error_message),
                ("InvalidRequest", message)
            );
        }
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn optional_fields_that_are_null_are_absent() {
    let scene = Scene::start().await;
    let nulls = json!({ "reservationSid": null, "conversationSid": null, "timestamp": null });

    let mut answered = hand_over_with(&scene, nulls).await.unwrap();

    answered["handoffTimestamp"] = answer(&scene, FIRST)["handoffTimestamp"].clone();
    assert_eq!(answered, answer(&scene, FIRST));
}

#[tokio::test]
async fn what_is_not_an_object_is_no_request() {
    let scene = Scene::start().await;
    for payload in ["[]", "null", "7", "\"{}\"", "", "{"] {
        let invocation = scene.world.lambda.invoke(HANDOFF, payload.into()).await;

        let error = outcome(&invocation).unwrap_err();
        assert_eq!(
            (error.error_type.as_str(), error.error_message.as_str()),
            ("InvalidRequest", NO_OBJECT),
            "{payload}"
        );
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn an_unknown_field_is_refused_even_if_it_is_null_and_its_name_is_told_only_if_it_looks_like_one() {
    let scene = Scene::start().await;
    for (name, fault) in [
        ("Reason", "Reason is not a field of it"),
        ("task_sid", "task_sid is not a field of it"),
        (
            "Ana called at 9",
            "a field of another name than the known ones is in it",
        ),
    ] {
        let error = hand_over_with(&scene, json!({ name: null })).await.unwrap_err();

        let message = format!("the request is at fault: {fault}");
        assert_eq!(
            (error.error_type.as_str(), error.error_message),
            ("InvalidRequest", message)
        );
    }
    assert_eq!(scene.requests(), [""; 0]);
}
