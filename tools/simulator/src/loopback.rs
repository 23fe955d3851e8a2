//! HTTP clients and servers on the loopback interface.

use axum::Router;
use reqwest::{Client, ClientBuilder};
use tokio::net::TcpListener;

/// A client for plain HTTP on the loopback interface. Uses no proxy and needs no system certificates.
///
/// # Panics
/// If the client can't be built. That doesn't happen.
pub fn client() -> Client {
    builder().build().expect("a client without certificates can be built")
}

/// The builder behind [`client`], for further settings.
pub(crate) fn builder() -> ClientBuilder {
    // An error means that a provider is already installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().tls_certs_only([])
}

/// Serves until aborted.
pub(crate) async fn serve(listener: TcpListener, router: Router) {
    axum::serve(listener, router)
        .await
        .expect("axum::serve neither fails nor ends");
}
