//! Cold start: reads the secret and opens connections before the first request.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use serde_json::json;
use tokio::task::JoinSet;
use url::Url;

use crate::aws;
use crate::aws::queue::Queue;
use crate::aws::secrets::{Required, Secrets};
use crate::config::{SessionSettings, Upstreams};
use crate::invocation::log::{self, Level};
use crate::invocation::system::System;
use crate::upstream::Upstream;
use crate::upstream::retry::Retries;
use crate::upstream::transport::{self, Transport};

/// The longest time to open a connection in advance. After that the first request opens the connection.
pub(super) const WARM_UP_TIMEOUT: Duration = Duration::from_secs(1);

pub struct Connections {
    pub transport: Transport,
    pub system: System,
    /// The configuration of the AWS SDK.
    pub aws: SdkConfig,
    pub secrets: Arc<Secrets>,
}

impl Connections {
    /// Reads the secret and meanwhile opens a connection to the host of each URL. An unavailable host doesn't stop the
    /// start. `function` is the name for the log and for upstreams.
    ///
    /// # Errors
    /// Why the function can't start.
    pub async fn open(
        function: &'static str,
        config: &Upstreams,
        required: Required,
        urls: &[&Url],
    ) -> Result<Self, Vec<String>> {
        let http = transport::client(function).map_err(|fault| vec![fault])?;
        let opening: JoinSet<()> = urls
            .iter()
            .map(|url| open_connection(http.clone(), (*url).clone()))
            .collect();
        let aws = aws::config(http.clone()).await;
        let secrets = Secrets::open(aws_sdk_secretsmanager::Client::new(&aws), &config.secret_id, required).await;
        opening.join_all().await;
        let secrets = secrets.map_err(|error| vec![error.to_string()])?;
        Ok(Self {
            transport: Transport::Network(http),
            system: System::real(function),
            aws,
            secrets: Arc::new(secrets),
        })
    }

    pub fn twilio(&self, retries: Retries) -> Upstream {
        Upstream::twilio(self.transport.clone(), Arc::clone(&self.secrets), retries)
    }

    pub fn session_api(&self, settings: &SessionSettings, retries: Retries) -> Upstream {
        Upstream::session_api(
            self.transport.clone(),
            Arc::clone(&self.secrets),
            settings.auth.clone(),
            settings.headers.clone(),
            retries,
        )
    }

    pub fn queue(&self, url: String) -> Queue {
        Queue::new(&self.aws, url)
    }
}

/// Opens a pooled connection with an empty request. The answer doesn't matter.
async fn open_connection(http: reqwest::Client, mut url: Url) {
    url.set_path("/");
    let _ = http.head(url).timeout(WARM_UP_TIMEOUT).send().await;
}

/// Starts a function. On failure a single message names every fault to the log and to Lambda. The process then exits.
pub async fn start_or_exit<T>(function: &'static str, start: impl Future<Output = Result<T, Vec<String>>>) -> T {
    log::hide_panic_messages(function);
    match start.await {
        Ok(function) => function,
        Err(faults) => {
            let message = faults.join("; ");
            let fields = json!({ "outcome": "not-started", "message": message });
            log::line(&System::real(function), Level::Error, fields);
            report(&message).await;
            std::process::exit(1);
        }
    }
}

/// Tells Lambda why the function can't start.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror>
#[expect(clippy::disallowed_methods, reason = "Lambda sets this variable for its runtimes")]
async fn report(message: &str) {
    let Ok(host) = std::env::var("AWS_LAMBDA_RUNTIME_API") else {
        return;
    };
    let Ok(http) = transport::local_client() else { return };
    let body = json!({ "errorType": "Runtime.NotStarted", "errorMessage": message, "stackTrace": [] });
    let _ = http
        .post(format!("http://{host}/2018-06-01/runtime/init/error"))
        .header("Lambda-Runtime-Function-Error-Type", "Runtime.NotStarted")
        .body(body.to_string())
        .timeout(WARM_UP_TIMEOUT)
        .send()
        .await;
}
