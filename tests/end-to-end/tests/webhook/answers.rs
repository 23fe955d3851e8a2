//! The answer to each kind of request: every row of the reference's table for both webhooks.

use end_to_end::Scene;
use http::Method;
use serde_json::json;
use simulator::exchange::Answer as UpstreamAnswer;
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};

use super::callback::FORM;
use super::{Callback, WEBHOOKS, body_hash, error, invoke, log, no_content, tell_both};

/// The longest accepted body in bytes.
const LONGEST: usize = 262_144;

/// An event that both webhooks handle.
const WRAPUP: &str = "task.wrapup";

#[tokio::test]
async fn authentic_irrelevant_event_is_answered_204() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let event = || Callback::event(&scene, function, WRAPUP);
        let not_for_us = [
            (event().without("TaskSid"), "an event without a task"),
            (event().with("TaskSid", ""), "an event without a task"),
            (
                event().with("WorkspaceSid", "WSf1e00000000000000000000000005e02"),
                "an event of another workspace",
            ),
            (
                event().with("AccountSid", "ACf1e0000000000000000000000000ac02"),
                "an event of another account",
            ),
        ];
        for (callback, cause) in not_for_us {
            assert_eq!(callback.send().await, no_content(), "{function}: {cause}");
            let mut line = json!({
                "level": "INFO", "outcome": "nothing-to-do", "cause": cause, "eventType": WRAPUP, "steps": [],
            });
            if cause.contains("another") {
                // Only events for this function are described.
                line.as_object_mut().unwrap().remove("eventType");
            }
            assert_eq!(log(&scene, function).last(), Some(&line));
        }
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn event_without_account_or_workspace_counts() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let callback = Callback::event(&scene, function, WRAPUP);
        let callback = callback.with("AccountSid", "").without("WorkspaceSid");
        assert_eq!(callback.send().await, no_content(), "{function}");
        let steps = log(&scene, function).remove(0)["steps"].to_string();
        assert!(steps.contains("read task 200"), "{steps}");
    }
}

#[tokio::test]
async fn authentic_unreadable_request_is_answered_400() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let event = || Callback::event(&scene, function, WRAPUP);
        let attributes = |text| {
            (
                event().with("TaskAttributes", text),
                "the task's attributes are not a JSON object",
            )
        };
        let unreadable = [
            (event().without("EventType"), "there is no event type"),
            (event().with("EventType", ""), "there is no event type"),
            (
                event().with("TaskSid", "WT1"),
                "the task's SID is not the SID of a task",
            ),
            attributes("[]"),
            attributes("null"),
            attributes("\"text\""),
            attributes("{"),
            attributes("{}{}"),
        ];
        for (callback, cause) in unreadable {
            assert_eq!(callback.send().await, error(400, "unreadable"), "{function}: {cause}");
            let line = json!({ "level": "WARN", "outcome": "unreadable", "cause": cause, "steps": [] });
            assert_eq!(log(&scene, function).last(), Some(&line));
        }
        assert_eq!(
            event().body("").signed_with_fields(vec![]).send().await,
            error(400, "unreadable")
        );
        assert_eq!(event().with("TaskAttributes", "").send().await, no_content());
    }
}

#[tokio::test]
async fn unauthentic_request_is_answered_403() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let event = || Callback::event(&scene, function, WRAPUP);
        let right = event().right_signature();
        let credentials = scene.world.twilio.credentials();
        let api_key_secret = credentials.api_keys.values().next().expect("there is one");
        let forged = [
            ("no signature", event().signature(None)),
            ("an empty signature", event().signature(Some(""))),
            ("not base64", event().signature(Some("äöü"))),
            ("a part of the signature", event().signature(Some(&right[..8]))),
            ("an API key's secret", event().signed_by(api_key_secret)),
            (
                "the session API's token",
                event().signed_by(&scene.world.session_api.settings().token),
            ),
            ("an empty token", event().signed_by("")),
            ("another field", event().signature(Some(&right)).with("TaskAge", "7")),
            (
                "another value",
                event().signature(Some(&right)).with("EventType", "task.completed"),
            ),
            ("another query", event().signature(Some(&right)).query("a=b")),
            (
                "another path",
                event().signed_for(format!("{}/", scene.world.webhook_url(function))),
            ),
            (
                "plain HTTP",
                event().signed_for(scene.world.webhook_url(function).replace("https", "http")),
            ),
        ];
        for (what, callback) in forged {
            let answer = callback.send().await;
            // After the first wrong signature the secret isn't read again for a minute.
            let answers = [error(403, "forbidden"), error(503, "unavailable")];
            assert!(answers.contains(&answer), "{function}: {what}: {answer:?}");
        }
        let lines = log(&scene, function);
        for (line, cause) in lines
            .iter()
            .zip(["there is no signature", "the signature doesn't verify"])
        {
            let expected = ["WARN", "forbidden", cause].map(|text| json!(text));
            assert_eq!(["level", "outcome", "cause"].map(|field| line[field].clone()), expected);
        }
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn non_post_request_is_answered_405() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
            let event = || Callback::event(&scene, function, WRAPUP).method(method.clone());
            assert_eq!(
                event().send().await,
                error(405, "method_not_allowed"),
                "{function} {method}"
            );
            let all_wrong = event().signature(None).content_type(None).body("x".repeat(LONGEST + 1));
            assert_eq!(
                all_wrong.send().await,
                error(405, "method_not_allowed"),
                "{function} {method}"
            );
        }
    }
}

#[tokio::test]
async fn body_over_256_kib_is_answered_413_unverified() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let event = |length| Callback::event(&scene, function, WRAPUP).padded_to(length);
        assert_eq!(event(LONGEST).send().await, no_content(), "{function}");
        assert_eq!(event(LONGEST).send_plain().await, no_content(), "{function}");
        for length in [LONGEST + 1, LONGEST + 2, LONGEST + 3] {
            assert_eq!(
                event(length).send().await,
                error(413, "too_large"),
                "{function} {length}"
            );
            assert_eq!(
                event(length).send_plain().await,
                error(413, "too_large"),
                "{function} {length}"
            );
        }
        let all_wrong = event(LONGEST + 1).signature(None).content_type(Some("text/plain"));
        assert_eq!(all_wrong.send().await, error(413, "too_large"), "{function}");
    }
}

#[tokio::test]
async fn authentic_other_content_type_is_answered_415() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        for content_type in [None, Some("text/plain"), Some("multipart/form-data; boundary=x")] {
            let event = || Callback::event(&scene, function, WRAPUP).content_type(content_type);
            let answer = error(415, "unsupported_media_type");
            // If the body is not a form, the signature covers the URL with the body's hash.
            let hashed = event().body("{}").signed_with_fields(vec![]).query(&body_hash("{}"));
            assert_eq!(hashed.send().await, answer, "{function} {content_type:?}");
            let forged = event().signature(None);
            assert_eq!(
                forged.send().await,
                error(403, "forbidden"),
                "{function} {content_type:?}"
            );
        }
        for content_type in [
            "application/x-www-form-urlencoded",
            "Application/X-WWW-Form-URLencoded ;charset=utf-8",
            FORM,
        ] {
            let event = Callback::event(&scene, function, WRAPUP).content_type(Some(content_type));
            assert_eq!(event.send().await, no_content(), "{function} {content_type}");
        }
    }
}

#[tokio::test]
async fn upstream_refusal_gives_500_and_outage_503() {
    let scene = Scene::with(|options| {
        options.task_events.timeout = super::SHORT;
        options.auto_close.timeout = super::SHORT;
    })
    .await;
    let causes = [
        (400, error(500, "refused"), "ERROR", "refused"),
        (403, error(500, "refused"), "ERROR", "refused"),
        (500, error(503, "unavailable"), "WARN", "unavailable"),
        (429, error(503, "unavailable"), "WARN", "unavailable"),
    ];
    for (status, answer, level, outcome) in causes {
        let refusal = Effect::Answer(UpstreamAnswer::status(status).body("a customer's name"));
        let fault = Fault::at(Upstream::TaskRouter).method(Method::GET).always();
        let struck = scene.world.faults.add(fault.before(refusal));
        for answered in tell_both(&scene, WRAPUP).await {
            assert_eq!(answered, answer, "{status}");
        }
        assert!(struck.count() > 1);
        for function in WEBHOOKS {
            let log = log(&scene, function);
            let line = log.last().map(|line| (&line["level"], &line["outcome"]));
            assert_eq!(line, Some((&json!(level), &json!(outcome))));
        }
        scene.world.faults.clear();
    }
}

#[tokio::test]
async fn non_http_payload_is_answered_400_and_logged() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        for payload in ["{}", "null", "[]", r#"{"httpMethod":7}"#] {
            let answer = invoke(&scene, function, payload.into()).await;
            assert_eq!(answer, error(400, "unreadable"), "{function} {payload}");
        }
        assert_eq!(log(&scene, function).len(), 4);
    }
}
