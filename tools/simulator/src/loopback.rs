//! HTTP clients and servers on the loopback interface.

use axum::Router;
use http::HeaderValue;
use reqwest::Client;
use tokio::net::TcpListener;
use url::Url;

/// A client for plain HTTP on the loopback interface. Uses no proxy and needs no system certificates.
///
/// # Panics
/// If the client can't be built. That doesn't happen.
pub fn client() -> Client {
    // An error means that a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .expect("a client without certificates can be built")
}

/// Serves until aborted.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    axum::serve(listener, router)
        .await
        .expect("axum::serve neither fails nor ends");
}

/// Whether a request's `Origin` is a page of this machine.
pub(crate) fn is_origin(origin: &HeaderValue) -> bool {
    let url = origin.to_str().ok().and_then(|text| Url::parse(text).ok());
    url.is_some_and(|url| matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")))
}
