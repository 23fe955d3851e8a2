//! HTTP transport for upstream requests, and the reasons why a request can fail.

use std::env;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Sends requests. Clones share their connections.
#[derive(Clone)]
pub enum Transport {
    Network(reqwest::Client),
    /// A call within this process, for tests with more faults and schedules than a network allows.
    InProcess(Arc<InProcess>),
}

/// Answers a request in this process.
pub type InProcess = dyn Fn(reqwest::Request) -> InProcessAnswer + Send + Sync;

pub type InProcessAnswer = Pin<Box<dyn Future<Output = Result<reqwest::Response, TransportError>> + Send>>;

/// The reason why there is no answer. The log has this text in place of the error's own. The error's own text names the
/// URL, and the URL names a session or a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection could be opened. Nothing was sent.
    #[error("no connection")]
    NoConnection,
    /// The request is malformed. Nothing was sent.
    #[error("invalid request")]
    InvalidRequest,
    /// The connection broke after the request may have been sent.
    #[error("connection lost")]
    Reset,
    /// No answer came in time.
    #[error("timeout")]
    Timeout,
}

/// The HTTP client for all upstreams, with pooled connections. Redirects are not followed, so credentials go nowhere
/// else. The `User-Agent` names the function.
///
/// # Errors
/// Why the client can't be set up.
pub fn client(function: &str) -> Result<reqwest::Client, String> {
    build(roots()?, function)
}

/// An HTTP client for addresses on this machine. Trusts no certificate.
///
/// # Errors
/// Why the client can't be set up.
pub fn local_client() -> Result<reqwest::Client, String> {
    build(RootCertStore::empty(), "start")
}

#[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
fn build(roots: RootCertStore, function: &str) -> Result<reqwest::Client, String> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls(roots)?)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(format!("flex-handoff/{} ({function})", env!("CARGO_PKG_VERSION")));
    client.build().map_err(|error| format!("no HTTP client: {error}"))
}

/// TLS on ring, and only HTTP/1.1.
///
/// With HTTP/2, every retry of a hung request would use the same connection. With HTTP/1.1 a request that times out
/// closes its connection, and the next try opens another. A function sends one or two requests at a time and gains
/// nothing from multiplexing.
fn tls(roots: RootCertStore) -> Result<ClientConfig, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("no TLS: {error}"))?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The trusted certificate authorities: Mozilla's list at build time. `SSL_CERT_FILE` or `SSL_CERT_DIR` replaces the
/// list if set. Reading the machine's own list, which is the same, would take most of the start.
fn roots() -> Result<RootCertStore, String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "these two variables belong to TLS, not to a function's configuration"
    )]
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if !["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(is_set) {
        return Ok(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect());
    }
    let mut roots = RootCertStore::empty();
    let (taken, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    match taken {
        0 => Err("no certificate can be read from SSL_CERT_FILE or SSL_CERT_DIR".to_owned()),
        _ => Ok(roots),
    }
}

/// Sends a request over the network and returns once the head of the answer is there.
///
/// Lambda freezes the environment between two invocations, and a server may close its idle connections meanwhile.
/// Yielding once lets the pool notice that, so that no write is sent on a closed connection.
///
/// # Errors
/// If there is no answer.
pub async fn execute(http: &reqwest::Client, request: reqwest::Request) -> Result<reqwest::Response, reqwest::Error> {
    tokio::task::yield_now().await;
    http.execute(request).await
}

impl Transport {
    /// Sends a request and returns once the head of the answer is there.
    ///
    /// # Errors
    /// If there is no answer.
    pub(crate) async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, TransportError> {
        match self {
            Self::Network(http) => Ok(execute(http, request).await?),
            Self::InProcess(answer) => answer(request).await,
        }
    }
}

impl TransportError {
    /// Whether the request may have been carried out all the same.
    pub(crate) fn maybe_done(self) -> bool {
        matches!(self, Self::Reset | Self::Timeout)
    }
}

impl From<reqwest::Error> for TransportError {
    fn from(error: reqwest::Error) -> Self {
        if error.is_connect() {
            Self::NoConnection
        } else if error.is_builder() {
            Self::InvalidRequest
        } else {
            Self::Reset
        }
    }
}
