//! AWS: the secret and a deployed stack.

mod stack;

use std::fmt::Display;

use aws_config::{BehaviorVersion, SdkConfig};
use thiserror::Error;

pub(crate) use stack::{Configuration, Stack};

/// AWS's services with the AWS CLI's credentials and region.
pub(crate) struct Aws {
    config: SdkConfig,
}

/// An error of AWS: AWS's own code, or the reason why there is no answer.
#[derive(Debug, Error)]
#[error("{what}: {why}")]
pub(crate) struct AwsError {
    what: String,
    why: String,
}

impl AwsError {
    fn new(what: impl Into<String>, why: impl Display) -> Self {
        Self {
            what: what.into(),
            why: why.to_string(),
        }
    }
}

impl Aws {
    pub(crate) async fn load(http: &reqwest::Client) -> Self {
        let loader = aws_config::defaults(BehaviorVersion::v2026_01_12());
        let loader = loader.http_client(flex_handoff::aws::http_client(http.clone()));
        Self {
            config: loader.load().await,
        }
    }

    /// The text of a secret.
    pub(crate) async fn secret(&self, id: &str) -> Result<String, AwsError> {
        let client = aws_sdk_secretsmanager::Client::new(&self.config);
        let answer = client.get_secret_value().secret_id(id).send().await;
        let answer = answer.map_err(|error| refusal(format!("secret {id}"), &error))?;
        let text = answer.secret_string();
        text.map(str::to_owned)
            .ok_or_else(|| AwsError::new(format!("secret {id}"), "it holds no text"))
    }
}

/// Takes AWS's code and message, since the error's own text has neither.
fn refusal<E>(what: impl Into<String>, error: &aws_sdk_secretsmanager::error::SdkError<E>) -> AwsError
where
    E: aws_sdk_secretsmanager::error::ProvideErrorMetadata,
{
    use aws_sdk_secretsmanager::error::ProvideErrorMetadata;
    match error.code() {
        Some("AccessDeniedException") => AwsError::new(
            what,
            "access denied; AWS says so too where the name or the region is wrong, or where the key that encrypts it may \
             not be used",
        ),
        Some(code) => AwsError::new(what, format!("{code}: {}", error.message().unwrap_or("no message"))),
        None => AwsError::new(
            what,
            "no answer from AWS; are there credentials and a region (aws sts get-caller-identity)?",
        ),
    }
}
