//! TLS for servers on this machine, with their own certificate authority.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

/// A certificate for a single name, and its authority.
pub struct Tls {
    authority: PathBuf,
    acceptor: TlsAcceptor,
}

impl Tls {
    /// Creates a certificate for a host name or an address.
    ///
    /// # Errors
    /// If the authority's certificate can't be written to a file.
    pub fn new(name: &str) -> io::Result<Self> {
        Self::with_protocols(name, &[])
    }

    /// Creates a certificate for a server that negotiates one of these protocols by ALPN, such as `h2`.
    ///
    /// # Errors
    /// If the authority's certificate can't be written to a file.
    pub fn with_protocols(name: &str, protocols: &[&str]) -> io::Result<Self> {
        let (issuer, mut config) = certify(name).map_err(io::Error::other)?;
        config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
        let authority = std::env::temp_dir().join(format!(
            "flex-handoff-{}-{:016x}.pem",
            std::process::id(),
            fastrand::u64(..)
        ));
        std::fs::write(&authority, issuer.pem())?;
        Ok(Self {
            authority,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        })
    }

    /// The PEM file of the authority's certificate: the value of `SSL_CERT_FILE` for clients.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    /// # Errors
    /// If the client leaves or doesn't trust the certificate.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.authority);
    }
}

type Certified = (CertifiedIssuer<'static, KeyPair>, ServerConfig);

fn certify(name: &str) -> Result<Certified, Box<dyn std::error::Error + Send + Sync>> {
    let mut authority = CertificateParams::new(Vec::default())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority
        .distinguished_name
        .push(DnType::CommonName, "flex-handoff on this machine");
    let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new([name.to_owned()])?.signed_by(&key, &issuer)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((issuer, config))
}
