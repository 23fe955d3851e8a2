//! Invalid requests.

use super::*;

/// The error of a request with these faults.
fn at_fault(faults: &[&str]) -> FunctionError {
    error(
        "InvalidRequest",
        &format!("the request is at fault: {}", faults.join("; ")),
    )
}

#[tokio::test]
async fn all_faults_are_named_without_any_request() {
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

    let outcome = invoke(&scene, &request).await;

    let faults = [
        "priority is not a field of it",
        "taskSid is missing",
        "reservationSid must be a reservation's SID (WR and 32 hexadecimal digits)",
        "conversationSid must be a conversation's SID (CH and 32 hexadecimal digits)",
        "reason must be a text",
        "summary is missing",
        "sentiment must be positive, neutral or negative",
        "language must be a BCP 47 language tag of at most 255 characters",
        "timestamp must be an RFC 3339 date and time with seconds and an offset, of at most 255 characters",
    ];
    assert_eq!(outcome, Err(at_fault(&faults)));
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn sid_is_two_letters_and_32_hexadecimal_digits() {
    let digits = "0123456789abcdef0123456789abcdef";
    for (field, prefix, whose) in [
        ("taskSid", "WT", "a task's"),
        ("reservationSid", "WR", "a reservation's"),
        ("conversationSid", "CH", "a conversation's"),
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
        let fault = format!("{field} must be {whose} SID ({prefix} and 32 hexadecimal digits)");
        assert_refused(field, &malformed, &fault).await;
    }
}

#[tokio::test]
async fn reason_and_summary_must_not_be_blank() {
    for field in ["reason", "summary"] {
        let malformed = [
            json!(""),
            json!("\u{a0}\t\n"),
            json!({}),
            json!(["text"]),
            json!(true),
            json!(7),
        ];
        assert_refused(field, &malformed, &format!("{field} must be a text")).await;
    }
}

#[tokio::test]
async fn sentiment_and_language_values_are_checked() {
    let sentiments = [json!(""), json!("Positive"), json!("sad"), json!(1)];
    assert_refused(
        "sentiment",
        &sentiments,
        "sentiment must be positive, neutral or negative",
    )
    .await;
    let endless = format!("en-x{}", "-a".repeat(126));
    let languages = ["", "e", "en_US", "en-", "english language", &endless].map(Value::from);
    let fault = "language must be a BCP 47 language tag of at most 255 characters";
    assert_refused("language", &languages, fault).await;
}

#[tokio::test]
async fn timestamp_needs_date_seconds_and_offset() {
    let malformed = [
        json!(""),
        json!("2026-11-22"),
        json!("2026-11-22T09:00Z"),
        json!("2026-11-22T09:00:00"),
        json!("2026-11-22 09:00:00Z"),
        json!("2026-13-22T09:00:00Z"),
        json!(format!("2026-11-22T09:00:00.{}Z", "0".repeat(235))),
        json!(1_795_338_000),
    ];
    let fault = "timestamp must be an RFC 3339 date and time with seconds and an offset, of at most 255 characters";
    assert_refused("timestamp", &malformed, fault).await;
}

/// Asserts that each value of this field is refused, and that no upstream is called.
async fn assert_refused(field: &str, values: &[Value], fault: &str) {
    let scene = Scene::start().await;
    for value in values {
        let outcome = hand_over_with(&scene, json!({ field: value })).await;

        assert_eq!(outcome, Err(at_fault(&[fault])), "{value}");
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn required_field_is_missing_if_absent_or_null() {
    let scene = Scene::start().await;
    for field in ["taskSid", "reason", "summary", "sentiment", "language"] {
        let is_null = request(&scene, json!({ field: null }));
        let mut is_absent = is_null.clone();
        is_absent.as_object_mut().unwrap().remove(field);
        for request in [is_null, is_absent] {
            let outcome = invoke(&scene, &request).await;

            assert_eq!(outcome, Err(at_fault(&[&format!("{field} is missing")])));
        }
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn null_optional_fields_count_as_absent() {
    let scene = Scene::start().await;
    let nulls = json!({ "reservationSid": null, "conversationSid": null, "timestamp": null });

    let answered = hand_over_with(&scene, nulls).await.unwrap();

    let written = json!({ "timestamp": answered["handoffTimestamp"] });
    assert_eq!(answered, answer_to(&scene, &written, FIRST));
}

#[tokio::test]
async fn payload_must_be_an_object() {
    let scene = Scene::start().await;
    for payload in ["[]", "null", "7", "\"{}\"", "", "{"] {
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
async fn unknown_field_is_named_unless_it_looks_private() {
    let scene = Scene::start().await;
    for (name, fault) in [
        ("Reason", "Reason is not a field of it"),
        ("task_sid", "task_sid is not a field of it"),
        (
            "Ana called at 9",
            "a field of another name than the known ones is in it",
        ),
    ] {
        let outcome = hand_over_with(&scene, json!({ name: null })).await;

        assert_eq!(outcome, Err(at_fault(&[fault])));
    }
    assert_eq!(scene.requests(), [""; 0]);
}
