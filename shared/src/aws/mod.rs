//! AWS's services: the SDK's configuration and HTTP client.
//!
//! A Lambda function has its region and credentials in its environment. So the SDK's other providers are left out
//! (profiles, container and instance metadata, web identities). The SDK sends its requests through the same HTTP client
//! as all other requests. So they share the TLS stack, the certificate roots and the pool.

pub mod job;
pub mod queue;
mod secret;
pub mod secrets;

use std::error::Error;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_types::os_shim_internal::Env;
use aws_types::sdk_config::Builder;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The SDK's region, credentials and endpoints from the environment variables that AWS documents.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html>
pub(crate) async fn config(http: reqwest::Client) -> SdkConfig {
    let credentials = EnvironmentVariableCredentialsProvider::new();
    endpoints(SdkConfig::builder(), Env::real())
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client(http))
        .build()
}

/// Connects the SDK to the HTTP client of all other requests.
pub fn http_client(http: reqwest::Client) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector(http));
    http_client_fn(move |_, _| connector.clone())
}

fn endpoints(config: Builder, env: Env) -> Builder {
    config
        .use_fips(is_true(&env, "AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_true(&env, "AWS_USE_DUALSTACK_ENDPOINT"))
        .service_config(Variables(env))
}

fn is_true(env: &Env, variable: &str) -> bool {
    env.get(variable).is_ok_and(|value| value.eq_ignore_ascii_case("true"))
}

/// Settings of a single service or of all services. `AWS_ENDPOINT_URL_SECRETS_MANAGER` comes before `AWS_ENDPOINT_URL`.
#[derive(Debug)]
struct Variables(Env);

impl LoadServiceConfig for Variables {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if is_true(&self.0, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
            return None;
        }
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        let value = |name: &str| self.0.get(name).ok().filter(|value| !value.is_empty());
        value(&format!("{}_{service}", key.env())).or_else(|| value(key.env()))
    }
}

/// Sends the SDK's requests through the HTTP client of all other requests.
#[derive(Debug)]
struct Connector(reqwest::Client);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::new(exchange(self.0.clone(), request))
    }
}

/// Sends a request and returns once the head of the answer is there.
async fn exchange(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
    let request = request.try_into_http1x().map_err(invalid_request)?;
    // Requests to Secrets Manager and SQS are never streams.
    let request = request.map(|body| body.bytes().unwrap_or_default().to_vec());
    let request = request.try_into().map_err(invalid_request)?;
    let answer = http.execute(request).await.map_err(transport_error)?;
    let answer = http::Response::<reqwest::Body>::from(answer).map(SdkBody::from_body_1_x);
    answer
        .try_into()
        .map_err(|error| ConnectorError::other(Box::new(error), None))
}

fn invalid_request(error: impl Error + Send + Sync + 'static) -> ConnectorError {
    ConnectorError::user(Box::new(error))
}

/// The SDK retries after either.
fn transport_error(error: reqwest::Error) -> ConnectorError {
    match error.is_timeout() {
        true => ConnectorError::timeout(Box::new(error)),
        false => ConnectorError::io(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(variables: &[(&str, &str)]) -> SdkConfig {
        endpoints(SdkConfig::builder(), Env::from_slice(variables)).build()
    }

    /// The endpoint that the SDK's client of a service finds.
    fn endpoint(config: &SdkConfig, service: &str) -> Option<String> {
        let key = ServiceConfigKey::builder()
            .service_id(service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .unwrap();
        config.service_config().unwrap().load_config(key)
    }

    #[test]
    fn endpoint_is_the_services_own_or_the_common_one() {
        let all = ("AWS_ENDPOINT_URL", "https://all.example");
        let own = ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "https://own.example");
        let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        for (variables, expected) in [
            (vec![], [None, None]),
            (vec![own], [Some(own.1), None]),
            (vec![all, own], [Some(own.1), Some(all.1)]),
            (vec![all, (own.0, "")], [Some(all.1), Some(all.1)]),
            (vec![all, own, ignored], [None, None]),
        ] {
            let config = config(&variables);
            let found = ["Secrets Manager", "SQS"].map(|service| endpoint(&config, service));
            assert_eq!(found, expected.map(|url| url.map(str::to_owned)), "{variables:?}");
        }
    }

    #[test]
    fn fips_and_dual_stack_follow_their_variables() {
        for (value, expected) in [("true", true), ("True", true), ("false", false), ("1", false)] {
            let fips = config(&[("AWS_USE_FIPS_ENDPOINT", value)]);
            let dual_stack = config(&[("AWS_USE_DUALSTACK_ENDPOINT", value)]);
            assert_eq!(
                fips.use_fips().zip(fips.use_dual_stack()),
                Some((expected, false)),
                "{value}"
            );
            assert_eq!(
                dual_stack.use_fips().zip(dual_stack.use_dual_stack()),
                Some((false, expected)),
                "{value}"
            );
        }
    }
}
