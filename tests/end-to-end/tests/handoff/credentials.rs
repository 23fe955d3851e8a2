//! Which credentials are used, where they are sent and how they are replaced.

use simulator::exchange::Upstream;
use simulator::fault::Fault;

use super::*;

/// The API key's secret after a rotation.
const ANOTHER: &str = "another-secret";

#[tokio::test]
async fn secret_is_read_once_for_all_handoffs() {
    let mut scene = Scene::start().await;
    for _ in 0..3 {
        assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
        assert_eq!(scene.secret_reads(), 1);
        scene = scene.next();
    }
}

#[tokio::test]
async fn auth_token_is_used_without_an_api_key() {
    let scene = Scene::with(|options| {
        options.credentials.api_keys.clear();
    })
    .await;
    scene.rotate_secret(|secret| secret.retain(|name, _| !name.starts_with("api_key")));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
}

#[tokio::test]
async fn api_key_replaces_the_auth_token() {
    let scene = Scene::start().await;
    scene.rotate_secret(|secret| secret["auth_token"] = "not the token".into());

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
}

#[tokio::test]
async fn rotated_secret_is_read_again_once() {
    let scene = Scene::start().await;
    hand_over(&scene).await.unwrap();
    let scene = scene.next();
    scene.replace_api_key(ANOTHER);
    scene.rotate_secret(|secret| secret["api_key_secret"] = ANOTHER.into());

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
    assert_eq!(scene.secret_reads(), 2);
}

#[tokio::test]
async fn secret_rotated_at_any_step_is_read_again() {
    for step in [WRITE, REJECT, POST_NOTE] {
        let scene = Scene::start().await;
        let unauthorized = refusal(401, 20003);
        scene.strike(scene.at(step).before(unauthorized));

        assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)), "{step}");
        assert_handed_over(&scene);
        assert_eq!(scene.secret_reads(), 2, "{step}");
        assert_eq!(exchanges(&scene, step).len(), 2, "{step}");
    }
}

#[tokio::test]
async fn wrong_credentials_invite_a_retry_until_the_next_read() {
    let scene = hurried_scene().await;
    scene.replace_api_key(ANOTHER);

    let outcome = hand_over(&scene).await;

    assert_eq!(outcome, Err(error("Refused", "Twilio refused the credentials")));
    assert_eq!(scene.secret_reads(), 2);
    // Within 5 s the secret isn't read again, so a newer secret can't be excluded.
    assert_eq!(error_type(hand_over(&scene).await), "Unavailable");
    assert_eq!(scene.secret_reads(), 2);
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn unreadable_or_invalid_secret_leaves_the_refusal() {
    let denied = Answer::status(400).body(r#"{"__type":"AccessDeniedException"}"#);
    let malformed = rewrite_json(|answer| answer["SecretString"] = json!("{}"));
    for fault in [
        Fault::at(Upstream::SecretsManager).before(Effect::Answer(denied)),
        Fault::at(Upstream::SecretsManager).after(malformed),
    ] {
        assert_eq!(error_type(hand_over_with_an_old_secret(fault).await), "Refused");
    }
}

#[tokio::test]
async fn credential_failure_is_retryable_without_secrets_manager() {
    let away = Effect::Answer(Answer::status(503));
    let fault = Fault::at(Upstream::SecretsManager).always().before(away);

    assert_eq!(error_type(hand_over_with_an_old_secret(fault).await), "Unavailable");
}

#[tokio::test]
async fn secret_that_cannot_be_read_at_a_cold_start_is_retryable() {
    let scene = hurried_scene().await;
    let away = Effect::Answer(Answer::status(503));
    scene.strike(Fault::at(Upstream::SecretsManager).always().before(away));
    assert_eq!(error_type(hand_over(&scene).await), "Unavailable");
    scene.world.faults.clear();

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
}

/// A handoff with outdated credentials during a fault at Secrets Manager.
async fn hand_over_with_an_old_secret(fault: Fault) -> Result<Value, FunctionError> {
    let scene = Scene::start().await;
    hand_over(&scene).await.unwrap();
    let scene = scene.next();
    scene.replace_api_key(ANOTHER);
    scene.strike(fault);
    let outcome = hand_over(&scene).await;
    assert_eq!(scene.reservation().status, ReservationStatus::Pending);
    outcome
}

#[tokio::test]
async fn redirect_is_not_followed_with_credentials() {
    for status in [301, 302, 303, 307, 308] {
        for step in [READ_TASK, WRITE] {
            let scene = Scene::start().await;
            let elsewhere = scene.world.server(Upstream::SessionApi).url();
            let redirect = Answer::status(status).header("Location", &format!("{elsewhere}/v1/Tasks"));
            scene.strike(scene.at(step).before(Effect::Answer(redirect)));

            assert_eq!(error_type(hand_over(&scene).await), "Refused", "{status}");
            assert_eq!(scene.world.exchanges.of(Upstream::SessionApi).len(), 0, "{status}");
        }
    }
}

#[tokio::test]
async fn next_page_is_read_from_the_configured_host() {
    let scene = Scene::start().await;
    for number in 0..120 {
        let identity = format!("user-{number}");
        scene
            .world
            .twilio
            .add_chat_participant(&scene.conversation_sid, &identity)
            .unwrap();
    }
    let elsewhere = scene.world.server(Upstream::SessionApi).url();
    let other_host = rewrite_json(move |page| {
        if let Some(next) = page["meta"]["next_page_url"].as_str() {
            page["meta"]["next_page_url"] = next.replace("https://conversations.twilio.com", &elsewhere).into();
        }
    });
    let struck = scene.strike(scene.at(READ_PARTICIPANTS).always().after(other_host));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_eq!(struck.count(), 2);
    assert_eq!(scene.world.exchanges.of(Upstream::SessionApi).len(), 0);
    let first_page = exchanges(&scene, READ_PARTICIPANTS)[0].answer.clone().unwrap().text();
    assert!(
        first_page.contains(&scene.world.server(Upstream::SessionApi).url()),
        "{first_page}"
    );
}
