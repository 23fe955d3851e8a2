//! Whom a function trusts with its credentials: over real TLS, an upstream whose certificate can be verified.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use end_to_end::{Scene, binaries};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use serde_json::json;
use simulator::world::{HANDOFF, Options};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::{ServerConfig, crypto};

use crate::webhook::SHORT;

/// A TaskRouter that has no task, behind TLS.
struct TlsServer {
    url: String,
    /// The certificate in PEM, as those have it who trust it.
    certificate: PathBuf,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl TlsServer {
    /// With a certificate for this name, by nobody but itself.
    async fn start(name: &str) -> Self {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let certificate =
            std::env::temp_dir().join(format!("flex-handoff-{}-{}.pem", std::process::id(), address.port()));
        std::fs::write(&certificate, cert.pem()).unwrap();
        let acceptor = acceptor(cert.der().clone(), &signing_key);
        let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let server = Self {
            url: format!("https://{address}"),
            certificate,
            connections: connections.clone(),
            requests: requests.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(acceptor.clone(), stream, requests.clone()));
            }
        });
        server
    }

    fn counts(&self) -> (bool, bool) {
        let is_some = |count: &AtomicUsize| count.load(Ordering::Relaxed) > 0;
        (is_some(&self.connections), is_some(&self.requests))
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.certificate);
    }
}

fn acceptor(certificate: CertificateDer<'static>, key: &KeyPair) -> TlsAcceptor {
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.serialize_der().try_into().unwrap())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, requests: Arc<AtomicUsize>) -> io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).await? > 0 {
        requests.fetch_add(1, Ordering::Relaxed);
        stream
            .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
            .await?;
    }
    Ok(())
}

/// Hands over with TaskRouter at this server; the `errorType`.
async fn hand_over(server: &TlsServer, trusts: bool) -> String {
    let scene = Scene::start().await;
    let mut options = Options {
        callbacks: false,
        ..Options::default()
    };
    options.handoff.timeout = SHORT;
    options.handoff.set("TASKROUTER_URL", &server.url);
    if trusts {
        options
            .handoff
            .set("SSL_CERT_FILE", server.certificate.to_str().unwrap());
    }
    scene.world.deploy(&binaries(), &options);
    let request = json!({
        "taskSid": scene.task_sid, "reason": "r", "summary": "s", "sentiment": "neutral", "language": "en",
    });
    let invocation = scene
        .world
        .lambda
        .invoke(HANDOFF, request.to_string().into_bytes())
        .await;
    end_to_end::outcome(&invocation).unwrap_err().error_type
}

#[tokio::test]
async fn an_upstream_with_a_certificate_that_nobody_vouches_for_gets_no_request() {
    let server = TlsServer::start("127.0.0.1").await;
    assert_eq!(hand_over(&server, false).await, "Unavailable");
    assert_eq!(server.counts(), (true, false));
}

#[tokio::test]
async fn an_upstream_with_a_certificate_of_another_name_gets_no_request() {
    let server = TlsServer::start("taskrouter.twilio.com").await;
    assert_eq!(hand_over(&server, true).await, "Unavailable");
    assert_eq!(server.counts(), (true, false));
}

#[tokio::test]
async fn an_upstream_with_a_certificate_that_is_trusted_gets_requests() {
    let server = TlsServer::start("127.0.0.1").await;
    assert_eq!(hand_over(&server, true).await, "TaskNotFound");
    assert_eq!(server.counts(), (true, true));
}
