//! Connections that hang over real TLS. A request that timed out never shares its connection with the next try.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use end_to_end::{Scene, binaries};
use serde_json::json;
use simulator::options::Options;
use simulator::tls::Tls;
use simulator::world::HANDOFF;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The function's timeout. Each try gets four seconds.
const TIMEOUT: Duration = Duration::from_secs(9);

/// The number of connections that hang. A handoff reads the task and the reservations side by side on two connections.
const HUNG: usize = 2;

/// An upstream that offers HTTP/2 and HTTP/1.1. Its first connections take every request and answer only the `HEAD`
/// that opens them. An HTTP/2 connection never answers at all.
struct HangingServer {
    url: String,
    tls: Arc<Tls>,
    connections: Arc<AtomicUsize>,
}

impl HangingServer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            url: format!("https://{}", listener.local_addr().unwrap()),
            tls: Arc::new(Tls::with_protocols("127.0.0.1", &["h2", "http/1.1"]).unwrap()),
            connections: Arc::default(),
        };
        let (tls, connections) = (server.tls.clone(), server.connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(tls.clone(), stream, number < HUNG));
            }
        });
        server
    }
}

async fn serve(tls: Arc<Tls>, stream: TcpStream, hangs: bool) -> io::Result<()> {
    let mut stream = tls.accept(stream).await?;
    let speaks_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let mut buffer = [0; 4096];
    loop {
        let length = stream.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        if speaks_http2 || hangs && !buffer.starts_with(b"HEAD ") {
            continue;
        }
        stream
            .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n")
            .await?;
    }
}

#[tokio::test]
async fn next_try_after_a_timeout_takes_a_new_connection() {
    let server = HangingServer::start().await;
    let scene = Scene::start().await;
    let mut options = Options {
        callbacks: false,
        ..Options::default()
    };
    options.handoff.timeout = TIMEOUT;
    options.handoff.set("TASKROUTER_URL", &server.url);
    options
        .handoff
        .set("SSL_CERT_FILE", server.tls.authority().to_str().unwrap());
    scene.world.deploy(&binaries(), &options);
    let request = json!({ "taskSid": scene.task_sid, "reason": "r", "summary": "s" }).to_string();
    // A second handoff in the same environment meets no hung connection.
    for _ in 0..2 {
        let invocation = scene.world.lambda.invoke(HANDOFF, request.clone().into_bytes()).await;
        let error = end_to_end::outcome(&invocation).unwrap_err();
        assert_eq!(error.error_type, "TaskNotFound");
    }
    assert!(server.connections.load(Ordering::Relaxed) > HUNG);
}
