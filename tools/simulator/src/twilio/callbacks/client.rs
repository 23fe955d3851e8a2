//! The HTTP clients for webhooks, and the certificate authorities that they trust.

use std::env;
use std::sync::{Arc, LazyLock};

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

/// The authorities as the functions trust them, read once: Mozilla's list at build time. `SSL_CERT_FILE` or
/// `SSL_CERT_DIR` replaces the list if set.
static AUTHORITIES: LazyLock<Result<Arc<RootCertStore>, &str>> = LazyLock::new(|| {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    if !["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(is_set) {
        return Ok(Arc::new(webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()));
    }
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs) {
        (0, _) => Err("no certificate can be read from SSL_CERT_FILE or SSL_CERT_DIR"),
        _ => Ok(Arc::new(roots)),
    }
});

/// # Errors
/// If `SSL_CERT_FILE` or `SSL_CERT_DIR` is set and has no certificate. Webhooks then trust no server.
pub fn check_certificate_authorities() -> Result<(), String> {
    AUTHORITIES.as_ref().map(|_| ()).map_err(|error| (*error).to_owned())
}

/// A client for webhooks. Uses no proxy and follows no redirect.
pub(crate) fn client(settings: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Client {
    let authorities = AUTHORITIES
        .as_ref()
        .cloned()
        .unwrap_or_else(|_| Arc::new(RootCertStore::empty()));
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has the default versions of TLS")
        .with_root_certificates(authorities)
        .with_no_client_auth();
    let builder = Client::builder()
        .no_proxy()
        .redirect(Policy::none())
        .tls_backend_preconfigured(config);
    settings(builder)
        .build()
        .expect("a client with these settings can be built")
}
