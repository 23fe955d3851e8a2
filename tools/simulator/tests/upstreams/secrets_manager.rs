//! Secrets Manager.

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::secrets_manager::{SECRET_NAME, secret_arn};
use simulator::twilio::sids::ACCOUNT_SID;
use simulator::world::World;

use crate::caller::{Answer, Call, call, world};

fn request(world: &World, secret_id: &str) -> Call {
    call(world, Upstream::SecretsManager, Method::POST, "/")
        .header("x-amz-target", "secretsmanager.GetSecretValue")
        .json(&json!({ "SecretId": secret_id }).to_string())
}

fn secret(answer: &Answer) -> Value {
    serde_json::from_str(answer.json["SecretString"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_secret_fits_the_world_and_is_found_by_name_and_arn() {
    let world = world().await;

    let by_name = request(&world, SECRET_NAME).send().await;
    let by_arn = request(&world, &secret_arn()).send().await;

    assert_eq!(by_name.status, 200);
    assert_eq!(by_name.headers["content-type"], "application/x-amz-json-1.1");
    assert_eq!(by_name.json, by_arn.json);
    let secret = secret(&by_name);
    assert_eq!(secret["account_sid"], ACCOUNT_SID);
    assert_eq!(secret["auth_token"], world.twilio.credentials().auth_token);
    assert_eq!(secret["session_api_token"], world.session_api.settings().token);
}

#[tokio::test]
async fn a_rotated_secret_is_another_version() {
    let world = world().await;
    let before = request(&world, SECRET_NAME).send().await;

    world.secrets.rotate(r#"{"auth_token":"new"}"#);

    let after = request(&world, SECRET_NAME).send().await;
    assert_eq!(secret(&after), json!({"auth_token": "new"}));
    assert_ne!(before.json["VersionId"], after.json["VersionId"]);
}

#[tokio::test]
async fn another_secret_another_operation_and_an_unsigned_call_are_refused() {
    let world = world().await;

    let another = request(&world, "another").send().await;
    let list = call(&world, Upstream::SecretsManager, Method::POST, "/")
        .header("x-amz-target", "secretsmanager.ListSecrets")
        .json("{}")
        .send()
        .await;
    let unsigned = request(&world, SECRET_NAME).unauthenticated().send().await;

    assert_eq!(
        (another.status, &another.json["__type"]),
        (400, &json!("ResourceNotFoundException"))
    );
    assert_eq!(
        (list.status, &list.json["__type"]),
        (400, &json!("UnknownOperationException"))
    );
    assert_eq!(
        (unsigned.status, &unsigned.json["__type"]),
        (400, &json!("MissingAuthenticationTokenException"))
    );
}
