//! AWS: what its own variables tell its SDK, and the way that the SDK's requests take.
//!
//! A Lambda function has its region and its credentials in its environment, so the SDK's whole chain of providers
//! (profiles, container and instance metadata, web identities) isn't asked. And the SDK's requests go through the client
//! that all others go through: one TLS stack, one set of certificate roots, one pool.

use std::env;
use std::error::Error;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// What the SDK is told: region, credentials, endpoints, and whether these are FIPS or dual-stack ones, as AWS documents
/// the variables. <https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html>
pub(crate) async fn config(http: reqwest::Client) -> SdkConfig {
    let connector = SharedHttpConnector::new(Connector(http));
    let credentials = EnvironmentVariableCredentialsProvider::new();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .service_config(Variables)
        .use_fips(is_true("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_true("AWS_USE_DUALSTACK_ENDPOINT"))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build()
}

fn is_true(variable: &str) -> bool {
    env::var(variable).is_ok_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Settings of one service, or of all: `AWS_ENDPOINT_URL_SECRETS_MANAGER` before `AWS_ENDPOINT_URL`.
#[derive(Debug)]
struct Variables;

impl LoadServiceConfig for Variables {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
            return None;
        }
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        let value = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        value(&format!("{}_{service}", key.env())).or_else(|| value(key.env()))
    }
}

/// Takes the SDK's requests to the client of all others.
#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(exchange(self.0.clone(), request))
    }
}

/// Sends a request, up to the head of its answer.
async fn exchange(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(not_a_request)?;
    // Neither Secrets Manager nor SQS takes a stream.
    let request = request.map(|body| body.bytes().unwrap_or_default().to_vec());
    let request = request.try_into().map_err(not_a_request)?;
    let answer = http.execute(request).await.map_err(lost)?;
    let answer = http::Response::<reqwest::Body>::from(answer).map(SdkBody::from_body_1_x);
    answer
        .try_into()
        .map_err(|error| ConnectorError::other(Box::new(error), None))
}

fn not_a_request(error: impl Error + Send + Sync + 'static) -> ConnectorError {
    ConnectorError::user(Box::new(error))
}

/// The SDK tries again after both.
fn lost(error: reqwest::Error) -> ConnectorError {
    match error.is_timeout() {
        true => ConnectorError::timeout(Box::new(error)),
        false => ConnectorError::io(Box::new(error)),
    }
}
