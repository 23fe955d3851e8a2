//! Secrets that are invalid or cannot be read.

use end_to_end::Scene;
use serde_json::{Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::secrets_manager::secret_arn;
use simulator::twilio::sids::{ACCOUNT_SID, API_KEY_SID};
use simulator::world::{AUTO_CLOSE, HANDOFF, TASK_EVENTS};

use super::{FUNCTIONS, PRIVATE, named, stopped_in_lambda};
use crate::webhook::{WEBHOOKS, error, no_content, tell};

const FIELDS: [&str; 6] = [
    "account_sid",
    "auth_token",
    "next_auth_token",
    "api_key_sid",
    "api_key_secret",
    "session_api_token",
];

async fn scene_with_secret(secret: &Value) -> Scene {
    let text = secret.as_str().map_or_else(|| secret.to_string(), str::to_owned);
    Scene::with(|options| options.secret = Some(text)).await
}

#[tokio::test]
async fn faulty_fields_are_named_together() {
    let good = json!({ "account_sid": ACCOUNT_SID, "auth_token": PRIVATE, "session_api_token": PRIVATE });
    let with = |field: &str, value: Value| {
        let mut secret = good.clone();
        secret[field] = value;
        secret
    };
    let cases: [(Value, &[&str]); 8] = [
        (json!({}), &["account_sid", "auth_token", "session_api_token"]),
        (
            json!({ "account_sid": PRIVATE, "auth_token": "", "api_key_secret": PRIVATE }),
            &["account_sid", "auth_token", "session_api_token"],
        ),
        (with("account_sid", json!(API_KEY_SID)), &["account_sid"]),
        (with("auth_token", json!(null)), &["auth_token"]),
        (
            with("api_key_sid", json!(API_KEY_SID)),
            &["api_key_sid", "api_key_secret"],
        ),
        (
            with("api_key_secret", json!(PRIVATE)),
            &["api_key_sid", "api_key_secret"],
        ),
        (with("session_api_token", json!("")), &["session_api_token"]),
        (with("session_api_token", json!("hunter\n2")), &["session_api_token"]),
    ];
    for (secret, fields) in cases {
        let scene = scene_with_secret(&secret).await;
        let message = stopped_in_lambda(&scene, TASK_EVENTS).await;
        assert_eq!(named(&message, &FIELDS), fields, "{secret}: {message}");
    }
}

#[tokio::test]
async fn secret_must_be_an_object_of_strings() {
    for secret in [
        json!(""),
        json!(PRIVATE),
        json!("[]"),
        json!("null"),
        json!("{\"auth_token\":\"hunter2"),
        json!({ "auth_token": 7 }),
    ] {
        let scene = scene_with_secret(&secret).await;
        let message = stopped_in_lambda(&scene, AUTO_CLOSE).await;
        assert_eq!(message, "the secret is not a JSON object of strings", "{secret}");
    }
}

#[tokio::test]
async fn session_api_token_is_required_by_task_events_only() {
    let secret = json!({ "account_sid": ACCOUNT_SID, "auth_token": PRIVATE, "something": "else" });
    let scene = scene_with_secret(&secret).await;
    let message = stopped_in_lambda(&scene, TASK_EVENTS).await;
    assert_eq!(named(&message, &FIELDS), ["session_api_token"]);
    for function in [HANDOFF, AUTO_CLOSE] {
        scene.world.lambda.invoke(function, b"{}".to_vec()).await;
        assert!(
            scene.log(function).iter().all(|line| line["outcome"] != "not-started"),
            "{function}"
        );
    }
}

#[tokio::test]
async fn unreadable_secret_is_named_by_its_variable() {
    let answers = [
        (
            Answer::status(400).body(r#"{"__type":"ResourceNotFoundException","Message":"hunter2"}"#),
            "ResourceNotFoundException",
        ),
        (
            Answer::status(400).body(r#"{"__type":"AccessDeniedException","Message":"hunter2"}"#),
            "AccessDeniedException",
        ),
        (
            Answer::status(200).body(r#"{"SecretBinary":"aHVudGVyMg=="}"#),
            "it is binary, not text",
        ),
    ];
    for (answer, why) in answers {
        let scene = Scene::start().await;
        let fault = Fault::at(Upstream::SecretsManager).always();
        scene.world.faults.add(fault.before(Effect::Answer(answer)));
        let message = stopped_in_lambda(&scene, TASK_EVENTS).await;
        assert_eq!(message, format!("SECRET_ID names a secret that can't be read: {why}"));
    }
}

#[tokio::test]
async fn redirect_of_secrets_manager_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let scene = Scene::start().await;
        let elsewhere = scene.world.server(Upstream::SessionApi).url();
        let redirect = Answer::status(status).header("Location", &elsewhere);
        let fault = Fault::at(Upstream::SecretsManager).always();
        scene.world.faults.add(fault.before(Effect::Answer(redirect)));
        let message = stopped_in_lambda(&scene, AUTO_CLOSE).await;
        let expected = format!("SECRET_ID names a secret that can't be read: status {status}");
        assert_eq!(message, expected);
        assert_eq!(scene.world.exchanges.of(Upstream::SessionApi).len(), 0, "{status}");
    }
}

#[tokio::test]
async fn secret_by_another_name_is_not_found() {
    let scene = Scene::with(|options| {
        options.queue = true;
        for function in [
            &mut options.task_events,
            &mut options.handoff,
            &mut options.auto_close,
            &mut options.deferred,
        ] {
            function.set("SECRET_ID", PRIVATE);
        }
    })
    .await;
    for function in FUNCTIONS {
        let message = stopped_in_lambda(&scene, function).await;
        let expected = "SECRET_ID names a secret that can't be read: ResourceNotFoundException";
        assert_eq!(message, expected, "{function}");
    }
}

#[tokio::test]
async fn secret_is_read_by_an_invocation_if_secrets_manager_was_unavailable() {
    let scene = Scene::start().await;
    let server = scene.world.server(Upstream::SecretsManager);
    server.take_down().await.unwrap();
    for function in WEBHOOKS {
        let answer = tell(&scene, function, "worker.created").await;
        assert_eq!(answer, error(503, "unavailable"), "{function}");
    }
    server.bring_back().await.unwrap();
    for function in WEBHOOKS {
        assert_eq!(
            tell(&scene, function, "worker.created").await,
            no_content(),
            "{function}"
        );
    }
}

#[tokio::test]
async fn transient_secrets_manager_fault_is_retried() {
    let scene = Scene::start().await;
    let away = Effect::Answer(Answer::status(503));
    let struck = scene.world.faults.add(Fault::at(Upstream::SecretsManager).before(away));
    assert_eq!(tell(&scene, AUTO_CLOSE, "worker.created").await, no_content());
    assert_eq!(struck.count(), 1);
}

#[tokio::test]
async fn secret_can_be_named_by_its_arn() {
    let arn = secret_arn();
    let scene = Scene::with(|options| {
        options.task_events.set("SECRET_ID", &arn);
        options.auto_close.set("SECRET_ID", &arn);
    })
    .await;
    for function in WEBHOOKS {
        assert_eq!(
            tell(&scene, function, "worker.created").await,
            no_content(),
            "{function}"
        );
    }
}
