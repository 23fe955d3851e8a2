//! TLS: a function sends credentials only to an upstream with a verified certificate.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use end_to_end::{Scene, binaries};
use serde_json::json;
use simulator::options::Options;
use simulator::tls::Tls;
use simulator::world::HANDOFF;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::webhook::SHORT;

/// One upstream for each HTTP client: the functions' own and the AWS SDK's.
const TASKROUTER: &str = "TASKROUTER_URL";
const SECRETS_MANAGER: &str = "AWS_ENDPOINT_URL_SECRETS_MANAGER";

/// An empty upstream behind TLS.
struct TlsServer {
    url: String,
    tls: Arc<Tls>,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl TlsServer {
    /// Starts a server whose certificate is for this name, signed by its own authority.
    async fn start(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (connections, requests) = (Arc::<AtomicUsize>::default(), Arc::<AtomicUsize>::default());
        let server = Self {
            url: format!("https://{}", listener.local_addr().unwrap()),
            tls: Arc::new(Tls::new(name).unwrap()),
            connections: connections.clone(),
            requests: requests.clone(),
        };
        let tls = server.tls.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(tls.clone(), stream, requests.clone()));
            }
        });
        server
    }

    fn counts(&self) -> (bool, bool) {
        let is_some = |count: &AtomicUsize| count.load(Ordering::Relaxed) > 0;
        (is_some(&self.connections), is_some(&self.requests))
    }
}

async fn serve(tls: Arc<Tls>, stream: TcpStream, requests: Arc<AtomicUsize>) -> io::Result<()> {
    let mut stream = tls.accept(stream).await?;
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).await? > 0 {
        requests.fetch_add(1, Ordering::Relaxed);
        stream
            .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
            .await?;
    }
    Ok(())
}

/// The `errorType` of a handoff that calls this server in place of the variable's upstream.
async fn hand_over(server: &TlsServer, upstream: &str, trusts: bool) -> String {
    let scene = Scene::start().await;
    let mut options = Options {
        callbacks: false,
        ..Options::default()
    };
    options.handoff.timeout = SHORT;
    options.handoff.set(upstream, &server.url);
    if trusts {
        options
            .handoff
            .set("SSL_CERT_FILE", server.tls.authority().to_str().unwrap());
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
async fn upstream_with_an_untrusted_certificate_gets_no_request() {
    for (upstream, error) in [(TASKROUTER, "Unavailable"), (SECRETS_MANAGER, "Unavailable")] {
        let server = TlsServer::start("127.0.0.1").await;
        assert_eq!(hand_over(&server, upstream, false).await, error);
        assert_eq!(server.counts(), (true, false), "{upstream}");
    }
}

#[tokio::test]
async fn upstream_with_another_names_certificate_gets_no_request() {
    for (upstream, error) in [(TASKROUTER, "Unavailable"), (SECRETS_MANAGER, "Unavailable")] {
        let server = TlsServer::start("upstream.test").await;
        assert_eq!(hand_over(&server, upstream, true).await, error);
        assert_eq!(server.counts(), (true, false), "{upstream}");
    }
}

#[tokio::test]
async fn upstream_with_a_trusted_certificate_gets_requests() {
    for (upstream, error) in [(TASKROUTER, "TaskNotFound"), (SECRETS_MANAGER, "Runtime.NotStarted")] {
        let server = TlsServer::start("127.0.0.1").await;
        assert_eq!(hand_over(&server, upstream, true).await, error);
        assert_eq!(server.counts(), (true, true), "{upstream}");
    }
}
