//! HTTP clients that stay on this machine.

use reqwest::{Client, ClientBuilder};

/// A client for servers at the loopback interface, in plain HTTP: no proxy comes between, and it asks for none of the
/// system's certificates, of which there may be none.
///
/// # Panics
/// If no client can be built, for which there is no reason.
pub fn client() -> Client {
    builder().build().expect("a client without certificates can be built")
}

/// The same, for somebody who has more to ask of it.
pub(crate) fn builder() -> ClientBuilder {
    // An error means that it was installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().tls_certs_only([])
}
