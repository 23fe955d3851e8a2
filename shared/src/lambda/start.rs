//! Cold start: what a function reads and opens before its first request, side by side.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::Instant;
use url::Url;

use crate::aws;
use crate::aws::queue::Queue;
use crate::aws::secrets::{Required, Secrets};
use crate::config::Upstreams;
use crate::invocation::log::{self, Level};
use crate::invocation::system::Machine;
use crate::upstream::Upstream;
use crate::upstream::transport::{self, Transport};

/// An upstream that can't be connected to within this time is left to the first request.
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(1);

/// What all functions hold from their start on.
pub struct Connections {
    pub transport: Transport,
    pub machine: Machine,
    /// What AWS's own variables say, for the clients of its services.
    pub aws: SdkConfig,
    pub secrets: Arc<Secrets>,
    pub cold_start: ColdStart,
}

/// How long a start took: a request that waited for it has so much less time left.
#[derive(Default)]
pub struct ColdStart(Mutex<Duration>);

impl ColdStart {
    /// For the first request the time that the start took, for any other none.
    pub fn take(&self) -> Duration {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Connections {
    /// Reads the secret, and opens a connection to the host of each of the URLs meanwhile, so that the first request
    /// waits for neither. A host that is away doesn't stop the start. `function` is the name that the upstreams see.
    ///
    /// # Errors
    /// Why the function can't start.
    pub async fn open(
        function: &str,
        config: &Upstreams,
        required: Required,
        urls: &[&Url],
    ) -> Result<Self, Vec<String>> {
        let started = Instant::now();
        let http = transport::client(function).map_err(|why| vec![why])?;
        let opening: JoinSet<()> = urls
            .iter()
            .map(|url| open_connection(http.clone(), (*url).clone()))
            .collect();
        let aws = aws::config(http.clone()).await;
        let secrets = Secrets::read(aws_sdk_secretsmanager::Client::new(&aws), &config.secret_id, required).await;
        opening.join_all().await;
        let secrets = secrets.map_err(|error| vec![error.to_string()])?;
        Ok(Self {
            transport: Transport::Network(http),
            machine: Machine::REAL,
            aws,
            secrets: Arc::new(secrets),
            cold_start: ColdStart(Mutex::new(started.elapsed())),
        })
    }

    /// Twilio, at whatever host.
    pub fn twilio(&self) -> Upstream {
        Upstream::twilio(self.transport.clone(), Arc::clone(&self.secrets))
    }

    /// The queue with this URL.
    pub fn queue(&self, url: String) -> Queue {
        Queue::new(&self.aws, url)
    }

    /// The session API.
    pub fn session_api(&self) -> Upstream {
        Upstream::session_api(self.transport.clone(), Arc::clone(&self.secrets))
    }
}

/// Opens a pooled connection with a request that carries nothing; its answer doesn't matter.
async fn open_connection(http: reqwest::Client, mut url: Url) {
    url.set_path("/");
    let _ = http.head(url).timeout(WARM_UP_TIMEOUT).send().await;
}

/// The function, started; or one message that names everything at fault, to the log and to Lambda, and the end of the
/// process.
pub async fn or_stop<T>(start: impl Future<Output = Result<T, Vec<String>>>) -> T {
    log::hide_panic_messages();
    match start.await {
        Ok(function) => function,
        Err(faults) => {
            let message = faults.join("; ");
            let fields = json!({ "outcome": "not started", "message": message });
            log::line(&Machine::REAL, Level::Error, fields);
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
