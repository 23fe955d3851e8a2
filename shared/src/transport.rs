//! What carries requests to the upstreams, and what they lose on the way.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

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
/// If the TLS stack can't be set up.
pub fn client(function: &str) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(format!("flex-handoff/{} ({function})", env!("CARGO_PKG_VERSION")))
        .build()
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
