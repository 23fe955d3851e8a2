//! What carries requests to the upstreams, and what they lose on the way.

use std::env;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// Connecting takes no longer than this.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// What carries requests. Clones share it.
#[derive(Clone)]
pub enum Transport {
    /// The network.
    Network(reqwest::Client),
    /// A call within this process: in tests that go through more faults and schedules than any network can.
    InProcess(Arc<InProcess>),
}

/// Answers a request.
pub type InProcess = dyn Fn(reqwest::Request) -> Answering + Send + Sync;

/// An answer to come, or none.
pub type Answering = Pin<Box<dyn Future<Output = Result<reqwest::Response, Lost>> + Send>>;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Nothing was sent: no connection.
    NoConnection,
    /// Nothing was sent: there is no such request.
    NotARequest,
    /// The connection broke, at whatever moment.
    Reset,
    /// It didn't come in time.
    TimeOut,
}

/// The client for the network: pooled connections, no redirect followed (credentials go to no other address). It tells
/// the upstreams which function it is.
///
/// # Errors
/// Why it can't be set up.
pub fn client(function: &str) -> Result<reqwest::Client, String> {
    trusting(roots()?, function)
}

/// A client for addresses on this machine: nobody can vouch for any other.
///
/// # Errors
/// Why it can't be set up.
pub fn local_client() -> Result<reqwest::Client, String> {
    trusting(RootCertStore::empty(), "start")
}

#[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
fn trusting(roots: RootCertStore, function: &str) -> Result<reqwest::Client, String> {
    let client = reqwest::Client::builder()
        .tls_backend_preconfigured(tls(roots)?)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(format!("flex-handoff/{} ({function})", env!("CARGO_PKG_VERSION")));
    client.build().map_err(|error| format!("no HTTP client: {error}"))
}

/// TLS on ring, and HTTP/2 with those who speak it.
fn tls(roots: RootCertStore) -> Result<ClientConfig, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("no TLS: {error}"))?;
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Who may vouch for an upstream: Mozilla's list of when this was built; or what `SSL_CERT_FILE` and `SSL_CERT_DIR` name,
/// where one of them is set. The machine's own list says the same, but reading it would take most of the start.
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

impl Transport {
    /// Sends a request, up to the head of its answer.
    ///
    /// # Errors
    /// If there is none.
    pub(crate) async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, Lost> {
        match self {
            Self::Network(http) => Ok(http.execute(request).await?),
            Self::InProcess(answer) => answer(request).await,
        }
    }
}

impl Lost {
    /// Whether the request may have been carried out all the same.
    pub(crate) fn is_maybe_done(self) -> bool {
        matches!(self, Self::Reset | Self::TimeOut)
    }

    /// As it is logged: the error's own text names the URL, and with it a session or a customer.
    pub(crate) fn cause(self) -> &'static str {
        match self {
            Self::NoConnection => "no connection",
            Self::NotARequest => "not a valid request",
            Self::Reset => "connection lost",
            Self::TimeOut => "time-out",
        }
    }
}

impl From<reqwest::Error> for Lost {
    fn from(error: reqwest::Error) -> Self {
        if error.is_connect() {
            Self::NoConnection
        } else if error.is_builder() {
            Self::NotARequest
        } else {
            Self::Reset
        }
    }
}
