//! AWS behind the network: SQS, Secrets Manager and the secrets that a process starts with.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials as AwsCredentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::http::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use flex_handoff::aws::secrets::{Required, Secrets};
use flex_handoff::upstream::transport::TransportError;
use serde_json::json;
use simulator::secrets_manager::SECRET_NAME;
use simulator::session_api;
use simulator::twilio::Credentials;
use simulator::twilio::sids::ACCOUNT_SID;

use crate::network::{AWS_URL, Network, Process, Start};

thread_local! {
    static SECRETS: RefCell<Option<Arc<Secrets>>> = const { RefCell::new(None) };
}

/// The right secret, read once on each thread.
pub(crate) async fn right_secrets() -> Arc<Secrets> {
    if let Some(secrets) = SECRETS.with_borrow(Clone::clone) {
        return secrets;
    }
    let right = OneSecret {
        auth_token: Credentials::default().auth_token,
        session_api_token: session_api::Settings::default().token,
    };
    let secrets = read(&configuration(SharedHttpConnector::new(right))).await;
    let secrets = secrets.expect("the secret is complete");
    SECRETS.set(Some(secrets.clone()));
    secrets
}

/// The secrets that a process starts with, or `None` if they cannot be read.
pub(crate) async fn secrets(network: &Arc<Network>, process: &Process) -> Option<Arc<Secrets>> {
    let wire = wire(network, process);
    match network.start {
        Start::Warm => Some(right_secrets().await),
        Start::Cold => read(&configuration(SharedHttpConnector::new(wire))).await,
        Start::Rotated => {
            let earlier = Earlier {
                is_read: AtomicBool::default(),
                wire,
            };
            read(&configuration(SharedHttpConnector::new(earlier))).await
        }
    }
}

async fn read(config: &SdkConfig) -> Option<Arc<Secrets>> {
    let secrets = Secrets::open(Client::new(config), SECRET_NAME, Required::SessionApiToken).await;
    secrets.ok().map(Arc::new)
}

/// The SDK's configuration for a process whose requests go through the network.
pub(crate) fn config(network: &Arc<Network>, process: &Process) -> SdkConfig {
    configuration(SharedHttpConnector::new(wire(network, process)))
}

fn wire(network: &Arc<Network>, process: &Process) -> Wire {
    Wire {
        network: network.clone(),
        process: process.clone(),
    }
}

fn configuration(connector: SharedHttpConnector) -> SdkConfig {
    let credentials = AwsCredentials::from_keys("key", "of no real account", None);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(AWS_URL)
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build()
}

/// Sends the SDK's requests through the network.
struct Wire {
    network: Arc<Network>,
    process: Process,
}

impl fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (network, process) = (self.network.clone(), self.process.clone());
        HttpConnectorFuture::new(async move {
            let request = request.try_into_http1x().expect("the SDK makes requests");
            let request = request.map(|body| body.bytes().unwrap_or_default().to_vec());
            let request = request.try_into().expect("and their URLs are such");
            let answer = network.carry(process, request).await.map_err(lost)?;
            let mut response = HttpResponse::new(answer.status().into(), SdkBody::empty());
            for (name, value) in answer.headers() {
                let value = value.to_str().expect("the upstreams' headers are text").to_owned();
                response.headers_mut().insert(name.as_str().to_owned(), value);
            }
            let body = answer.bytes().await.map_err(|_| lost(TransportError::Reset))?;
            *response.body_mut() = SdkBody::from(body.to_vec());
            Ok(response)
        })
    }
}

fn lost(lost: TransportError) -> ConnectorError {
    ConnectorError::io(format!("{lost:?}").into())
}

/// Answers any request with the same secret.
#[derive(Debug)]
struct OneSecret {
    auth_token: String,
    session_api_token: String,
}

impl HttpConnector for OneSecret {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let secret = json!({
            "account_sid": ACCOUNT_SID,
            "auth_token": self.auth_token,
            "session_api_token": self.session_api_token,
        });
        let answer = json!({ "Name": SECRET_NAME, "SecretString": secret.to_string() });
        let status = 200.try_into().expect("200 is a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(answer.to_string()))))
    }
}

/// Answers the first request with an outdated secret and sends all others through the network.
#[derive(Debug)]
struct Earlier {
    is_read: AtomicBool,
    wire: Wire,
}

impl HttpConnector for Earlier {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if self.is_read.swap(true, Ordering::Relaxed) {
            return self.wire.call(request);
        }
        let earlier = OneSecret {
            auth_token: "from before".to_owned(),
            session_api_token: "from before".to_owned(),
        };
        earlier.call(request)
    }
}
