//! Secrets Manager with `GetSecretValue` of a single secret.
//!
//! Crates that imitate all of AWS bring hundreds of operations. The functions call only this operation.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::clock::Clock;
use crate::identity::{ACCOUNT_ID, REGION};
use crate::lock::lock;

/// The name of the world's secret.
pub const SECRET_NAME: &str = "flex-handoff";

/// The secret's ARN. Secrets Manager appends six characters to the name.
pub fn secret_arn() -> String {
    format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{SECRET_NAME}-Ab12Cd")
}

/// A Secrets Manager with a single secret. Clones share the secret.
#[derive(Clone)]
pub struct SecretsManager {
    clock: Clock,
    version: Arc<Mutex<Version>>,
}

/// A version of the secret.
struct Version {
    number: u64,
    secret_string: String,
    created: OffsetDateTime,
}

impl SecretsManager {
    pub(crate) fn new(clock: Clock, secret_string: String) -> Self {
        let version = Version {
            number: 1,
            secret_string,
            created: clock.now(),
        };
        Self {
            clock,
            version: Arc::new(Mutex::new(version)),
        }
    }

    pub fn secret_string(&self) -> String {
        self.current().secret_string.clone()
    }

    /// Replaces the present version of the secret.
    pub fn rotate(&self, secret_string: impl Into<String>) {
        let mut version = self.current();
        *version = Version {
            number: version.number + 1,
            secret_string: secret_string.into(),
            created: self.clock.now(),
        };
    }

    pub(crate) fn router(&self) -> Router {
        Router::new().route("/", post(call)).with_state(self.clone())
    }

    fn current(&self) -> MutexGuard<'_, Version> {
        lock(&self.version)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValue {
    secret_id: String,
}

async fn call(State(secrets): State<SecretsManager>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    if !header(AUTHORIZATION.as_str()).starts_with("AWS4-HMAC-SHA256 ") {
        return failure("MissingAuthenticationTokenException", "Missing Authentication Token");
    }
    if header("x-amz-target") != "secretsmanager.GetSecretValue" {
        return failure("UnknownOperationException", "");
    }
    match serde_json::from_slice::<GetSecretValue>(&body) {
        Err(error) => failure("SerializationException", &error.to_string()),
        Ok(request) if request.secret_id == SECRET_NAME || request.secret_id == secret_arn() => {
            answer(StatusCode::OK, value(&secrets.current()))
        }
        Ok(_) => failure(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        ),
    }
}

fn value(version: &Version) -> Value {
    json!({
        "ARN": secret_arn(),
        "CreatedDate": version.created.unix_timestamp(),
        "Name": SECRET_NAME,
        "SecretString": version.secret_string,
        "VersionId": format!("{:032x}", version.number),
        "VersionStages": ["AWSCURRENT"],
    })
}

fn failure(kind: &str, message: &str) -> Response {
    answer(StatusCode::BAD_REQUEST, json!({ "__type": kind, "Message": message }))
}

fn answer(status: StatusCode, body: Value) -> Response {
    (status, [(CONTENT_TYPE, "application/x-amz-json-1.1")], Json(body)).into_response()
}
