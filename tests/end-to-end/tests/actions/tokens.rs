//! The bearer token and the checks before it.

use serde_json::Map;
use simulator::secrets_manager::SecretsManager;

use super::*;

fn with_token(token: &str) -> Value {
    json!({ "authorization": format!("Bearer {token}") })
}

#[tokio::test]
async fn method_and_size_are_checked_before_the_token() {
    let scene = Scene::start().await;
    for action in ACTIONS {
        let answer = send(&scene, action, &event(action, "GET", json!({}), "")).await;
        assert_eq!(answer.error(), (405, "MethodNotAllowed".to_owned()));
        assert_eq!(answer.headers["allow"], "POST");
        let answer = send(&scene, action, &event(action, "POST", json!({}), &"x".repeat(262_145))).await;
        assert_eq!(answer.error(), (413, "TooLarge".to_owned()));
        let longest = send(
            &scene,
            action,
            &event(action, "POST", authorized(), &" ".repeat(262_144)),
        )
        .await;
        assert_eq!(longest.error(), (400, "InvalidRequest".to_owned()));
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn request_without_a_valid_token_is_not_read() {
    let scene = Scene::start().await;
    let headers = [
        json!({}),
        json!({ "authorization": ACTION_TOKEN }),
        json!({ "authorization": format!("Basic {ACTION_TOKEN}") }),
        with_token(""),
        with_token("another"),
        with_token(&ACTION_TOKEN[1..]),
    ];
    for action in ACTIONS {
        for headers in &headers {
            let answer = send(&scene, action, &event(action, "POST", headers.clone(), "not JSON")).await;
            let expected = json!({
                "errorType": "Unauthorized",
                "errorMessage": "the bearer token is missing or not valid",
                "retry": false,
            });
            assert_eq!((answer.status_code, answer.json()), (401, expected), "{headers}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
        let line = scene.log(action).pop().expect("a log line");
        assert_eq!(line["outcome"], "Unauthorized");
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn secret_is_read_again_once_a_minute() {
    let scene = Scene::start().await;
    let wrong = event(RESOLVE, "POST", with_token("new"), "{}");
    assert_eq!(send(&scene, RESOLVE, &wrong).await.status_code, 401);
    assert_eq!(scene.secret_reads(), 2);
    scene.rotate_secret(|secret| drop(secret.insert("other_action_token".to_owned(), json!("new"))));
    assert_eq!(send(&scene, RESOLVE, &wrong).await.status_code, 401);
    assert_eq!(scene.secret_reads(), 2);

    scene.world.lambda.kill_environments(RESOLVE);
    assert_eq!(send(&scene, RESOLVE, &wrong).await.status_code, 400);
}

#[tokio::test]
async fn new_token_is_known_at_once() {
    let scene = Scene::start().await;
    assert_eq!(post(&scene, RESOLVE, &json!({})).await.status_code, 400);
    scene.rotate_secret(|secret| {
        secret.insert("action_token".to_owned(), json!("new"));
        secret.insert("other_action_token".to_owned(), json!(ACTION_TOKEN));
    });
    let new = event(RESOLVE, "POST", with_token("new"), "{}");
    assert_eq!(send(&scene, RESOLVE, &new).await.status_code, 400);
    assert_eq!(post(&scene, RESOLVE, &json!({})).await.status_code, 400);
    assert_eq!(scene.secret_reads(), 2);
}

#[tokio::test]
async fn secret_without_a_token_lets_nobody_in() {
    let without = |secret: &mut Map<String, Value>| drop(secret.remove("action_token"));
    let scene = Scene::start().await;
    scene.rotate_secret(without);
    for headers in [authorized(), with_token("")] {
        let answer = send(&scene, REPLY, &event(REPLY, "POST", headers, "{}")).await;
        assert_eq!(answer.error(), (401, "Unauthorized".to_owned()));
    }
    assert!(!SecretsManager::secret_string(&scene.world.secrets).contains("action_token"));
}
