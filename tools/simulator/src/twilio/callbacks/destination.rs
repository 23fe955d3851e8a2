//! The URLs of webhooks and the requests to them.

use std::collections::BTreeMap;
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::HOST;
use http::{HeaderMap, Method};
use reqwest::Client;
use url::{Position, Url};

use super::delivery::Outcome;
use super::signature::with_query;
use crate::lock::lock;

/// An absolute HTTP URL.
pub(crate) struct Destination(Url);

/// A signed request to a webhook.
pub(crate) struct WebhookRequest {
    pub(crate) method: Method,
    /// A text to add to the URL's query.
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) time_limit: Duration,
}

/// The local addresses of hosts. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Hosts(Arc<Mutex<BTreeMap<String, SocketAddr>>>);

impl Hosts {
    pub(crate) fn resolve(&self, host: &str, address: SocketAddr) {
        lock(&self.0).insert(host.to_owned(), address);
    }

    fn address(&self, host: &str) -> Option<SocketAddr> {
        lock(&self.0).get(host).copied()
    }
}

impl Destination {
    /// # Errors
    /// If `url` is not an absolute HTTP URL.
    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let parsed = Url::parse(url).map_err(|error| format!("{url} is not a URL: {error}"))?;
        match parsed.scheme() {
            "http" | "https" => Ok(Self(parsed)),
            _ => Err(format!("{url} is not an HTTP URL")),
        }
    }

    /// Sends a request to the URL, or in plain HTTP to the local address of its host. In the second case the host
    /// appears only in the `Host` header. A user name and password in the URL become basic authentication.
    pub(crate) async fn send(&self, client: &Client, request: WebhookRequest, hosts: &Hosts) -> Outcome {
        let Self(url) = self;
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let mut path_and_query = url[Position::BeforePath..Position::AfterQuery].to_owned();
        if let Some(query) = request.query {
            path_and_query = with_query(&path_and_query, &query);
        }
        let origin = match hosts.address(url.host_str().unwrap_or_default()) {
            Some(address) => format!("http://{address}"),
            None => format!("{}://{host}", url.scheme()),
        };
        let mut builder = client
            .request(request.method, format!("{origin}{path_and_query}"))
            .headers(request.headers)
            .header(HOST, host)
            .timeout(request.time_limit)
            .body(request.body);
        if !url.username().is_empty() {
            builder = builder.basic_auth(url.username(), url.password());
        }
        let response = match builder.send().await {
            Ok(response) => response,
            Err(error) => return failure(&error),
        };
        let status = response.status().as_u16();
        match response.text().await {
            Ok(body) => Outcome::Answered { status, body },
            Err(_) => Outcome::NotAnswered,
        }
    }
}

fn failure(error: &reqwest::Error) -> Outcome {
    match handshake_failure(error) {
        Some(reason) => Outcome::HandshakeFailed { reason },
        None if error.is_connect() => Outcome::NotConnected,
        None => Outcome::NotAnswered,
    }
}

/// The reason of a failed TLS handshake, which stands somewhere among the causes of `error`.
fn handshake_failure(error: &reqwest::Error) -> Option<String> {
    let mut causes = std::iter::successors(error.source(), |error| cause(*error));
    causes.find_map(|cause| Some(cause.downcast_ref::<rustls::Error>()?.to_string()))
}

/// The direct cause of an error. The `source` of an I/O error leaves out the error that it contains.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}
