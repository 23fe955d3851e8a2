//! Credentials that change without a deployment while the functions run.

use end_to_end::Scene;
use serde_json::json;
use simulator::exchange::{Answer as UpstreamAnswer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::session_api::Settings;
use simulator::twilio::sids::ACCOUNT_SID;
use simulator::world::TASK_EVENTS;

use super::{Callback, SHORT, WEBHOOKS, error, log, no_content, tell, tell_both};

const WRAPUP: &str = "task.wrapup";

/// Stores a new version of the secret with one field changed.
fn rotate(scene: &Scene, field: &str, value: &str) {
    scene.rotate_secret(|secret| drop(secret.insert(field.to_owned(), value.into())));
}

#[tokio::test]
async fn signature_by_either_token_is_valid_during_rotation() {
    let scene = Scene::start().await;
    rotate(&scene, "next_auth_token", "the-next-token");
    for function in WEBHOOKS {
        let event = || Callback::event(&scene, function, "worker.created");
        assert_eq!(event().send().await, no_content(), "{function}");
        assert_eq!(
            event().signed_by("the-next-token").send().await,
            no_content(),
            "{function}"
        );
        assert_eq!(
            event().signed_by("another-token").send().await,
            error(403, "forbidden"),
            "{function}"
        );
    }
}

#[tokio::test]
async fn new_tokens_first_signature_rereads_the_secret() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let event = || Callback::event(&scene, function, "worker.created");
        assert_eq!(event().send().await, no_content(), "{function}");
        let before = scene.secret_reads();

        let old = scene.world.twilio.credentials().auth_token;
        let new = format!("the-token-after-{old}");
        rotate(&scene, "auth_token", &new);
        assert_eq!(
            event().send().await,
            no_content(),
            "the old token, as long as nothing speaks against it"
        );
        assert_eq!(event().signed_by(&new).send().await, no_content(), "{function}");
        assert_eq!(event().signed_by(&new).send().await, no_content(), "{function}");
        // A newer secret may be there but isn't read again for a minute.
        assert_eq!(
            event().signed_by(&old).send().await,
            error(503, "unavailable"),
            "{function}"
        );

        assert_eq!(scene.secret_reads(), before + 1);
        assert_eq!(log(&scene, function)[2]["steps"], json!(["read secret 200"]));
        rotate(&scene, "auth_token", &old);
    }
}

#[tokio::test]
async fn forged_signatures_reread_the_secret_once_a_minute() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        let before = scene.secret_reads();
        for answer in [
            error(403, "forbidden"),
            error(503, "unavailable"),
            error(503, "unavailable"),
        ] {
            let forged = Callback::event(&scene, function, "worker.created").signed_by("forged");
            assert_eq!(forged.send().await, answer, "{function}");
        }
        let unsigned = Callback::event(&scene, function, "worker.created").signature(None);
        assert_eq!(unsigned.send().await, error(403, "forbidden"), "{function}");
        assert_eq!(
            scene.secret_reads(),
            before + 2,
            "{function}: at its start, and at the first of them"
        );
    }
}

#[tokio::test]
async fn missing_signature_does_not_reread_the_secret() {
    let scene = Scene::start().await;
    let unsigned = Callback::event(&scene, TASK_EVENTS, "worker.created").signature(None);
    assert_eq!(unsigned.send().await, error(403, "forbidden"));
    assert_eq!(scene.secret_reads(), 1);
}

/// Spoils the secret. A signature by a new token must then get 503 twice for one more read of the secret. A signature
/// by the old token must be accepted.
async fn assert_old_secret_in_use(scene: &Scene, spoil: impl Fn()) {
    for function in WEBHOOKS {
        let event = || Callback::event(scene, function, "worker.created");
        assert_eq!(event().send().await, no_content(), "{function}");
        let good = scene.world.secrets.secret_string();
        spoil();
        for _ in 0..2 {
            let answer = event().signed_by("new").send().await;
            assert_eq!(answer, error(503, "unavailable"), "{function}");
            assert_eq!(event().send().await, no_content(), "{function}");
        }
        let reads = log(scene, function)
            .iter()
            .flat_map(|line| line["steps"].as_array().cloned())
            .flatten()
            .count();
        assert_eq!(reads, 1, "{function}: once a minute, if it fails too");
        scene.world.faults.clear();
        scene.world.secrets.rotate(good);
    }
}

#[tokio::test]
async fn forbidden_secret_leaves_the_old_one_active() {
    let scene = Scene::start().await;
    let spoil = || {
        let refused = UpstreamAnswer::status(400).body(r#"{"__type":"AccessDeniedException"}"#);
        let fault = Fault::at(Upstream::SecretsManager).always();
        scene.world.faults.add(fault.before(Effect::Answer(refused)));
    };
    assert_old_secret_in_use(&scene, spoil).await;
}

#[tokio::test]
async fn malformed_secret_leaves_the_old_one_active() {
    let scene = Scene::start().await;
    let spoil = || scene.world.secrets.rotate(r#"{"auth_token":"new"}"#);
    assert_old_secret_in_use(&scene, spoil).await;
}

#[tokio::test]
async fn unknown_signature_is_retryable_without_secrets_manager() {
    let scene = Scene::start().await;
    let spoil = || {
        let fault = Fault::at(Upstream::SecretsManager).always();
        scene
            .world
            .faults
            .add(fault.before(Effect::Answer(UpstreamAnswer::status(500))));
    };
    assert_old_secret_in_use(&scene, spoil).await;
}

#[tokio::test]
async fn upstreams_401_is_retryable_without_secrets_manager() {
    let scene = Scene::with(|options| {
        options.task_events.timeout = SHORT;
        options.auto_close.timeout = SHORT;
    })
    .await;
    assert_eq!(tell_both(&scene, "worker.created").await, [no_content(), no_content()]);
    scene.replace_api_key("new");
    scene.world.server(Upstream::SecretsManager).take_down().await.unwrap();
    let unavailable = || error(503, "unavailable");
    assert_eq!(tell_both(&scene, WRAPUP).await, [unavailable(), unavailable()]);
}

#[tokio::test]
async fn taskrouters_401_rereads_the_secret_and_retries() {
    let scene = Scene::start().await;
    for function in WEBHOOKS {
        assert_eq!(tell(&scene, function, WRAPUP).await, no_content(), "{function}");
        let key = format!("a-new-key-for-{function}");
        scene.replace_api_key(&key);
        rotate(&scene, "api_key_secret", &key);
        assert_eq!(tell(&scene, function, WRAPUP).await, no_content(), "{function}");
        let steps = log(&scene, function)[1]["steps"].to_string();
        assert!(steps.contains(r#""read task 401""#), "{steps}");
        assert!(steps.contains(r#""read secret 200""#), "{steps}");
        assert!(steps.contains(r#""read task 200""#), "{steps}");
    }
    assert_eq!(scene.secret_reads(), 4);
}

#[tokio::test]
async fn session_apis_401_rereads_the_secret_and_retries() {
    let scene = Scene::start().await;
    assert_eq!(tell(&scene, TASK_EVENTS, "task.updated").await, no_content());
    let token = "a-new-session-api-token".to_owned();
    rotate(&scene, "session_api_token", &token);
    let settings = scene.world.session_api.settings();
    scene.world.session_api.set(Settings { token, ..settings });

    assert_eq!(tell(&scene, TASK_EVENTS, "task.updated").await, no_content());

    let steps = json!([
        "read task 200",
        "write session 401",
        "read secret 200",
        "write session 200",
        "read task 200",
    ]);
    assert_eq!(log(&scene, TASK_EVENTS)[1]["steps"], steps);
}

#[tokio::test]
async fn lasting_401_is_a_refusal_after_one_retry() {
    let scene = Scene::start().await;
    scene.replace_api_key("nobody-told-the-function");
    for function in WEBHOOKS {
        scene.world.exchanges.clear();
        let answer = tell(&scene, function, "task.wrapup").await;
        assert_eq!(answer, error(500, "refused"), "{function}");
        // The task and its reservations are read side by side. The first final refusal ends the other read.
        let requests = scene.requests();
        let times = |request| requests.iter().filter(|other| *other == request).count();
        assert_eq!(requests.iter().map(times).max(), Some(2), "{function}: {requests:?}");
    }
}

#[tokio::test]
async fn auth_token_is_used_without_an_api_key() {
    let scene = Scene::with(|options| {
        options.credentials.api_keys.clear();
        let secret = json!({
            "account_sid": ACCOUNT_SID,
            "auth_token": options.credentials.auth_token,
            "session_api_token": options.session_api.token,
        });
        options.secret = Some(secret.to_string());
    })
    .await;
    for function in WEBHOOKS {
        assert_eq!(tell(&scene, function, WRAPUP).await, no_content(), "{function}");
    }
    let mut statuses: Vec<_> = scene
        .exchanges()
        .iter()
        .filter_map(|exchange| exchange.status())
        .collect();
    statuses.dedup();
    assert_eq!(statuses, [http::StatusCode::OK]);
}
