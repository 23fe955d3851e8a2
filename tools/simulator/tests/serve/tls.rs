//! Callbacks and sinks over real TLS.

use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::serve::Listener;
use http::{HeaderMap, StatusCode, Uri};
use simulator::tls::Tls;
use simulator::twilio::sids::{WORKFLOW_SID, WORKSPACE_SID};
use simulator::twilio::signature;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::server::TlsStream;

use crate::process::{SOON, Simulator, command, json};

/// A request's path with the query, its headers and its body.
type Received = (String, HeaderMap, String);

/// A listener with a certificate.
struct TlsListener {
    listener: TcpListener,
    tls: Tls,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = self.listener.accept().await.unwrap();
            if let Ok(stream) = self.tls.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A webhook whose certificate is for this name.
struct Webhook {
    origin: String,
    authority: String,
    received: mpsc::UnboundedReceiver<Received>,
}

impl Webhook {
    async fn start(name: &str) -> Self {
        let (send, received) = mpsc::unbounded_channel();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("https://{}", listener.local_addr().unwrap());
        let tls = Tls::new(name).unwrap();
        let authority = tls.authority().to_str().unwrap().to_owned();
        let router = Router::new().fallback(receive).with_state(send);
        tokio::spawn(async move { axum::serve(TlsListener { listener, tls }, router).await });
        Self {
            origin,
            authority,
            received,
        }
    }

    async fn next(&mut self) -> Received {
        tokio::time::timeout(SOON, self.received.recv()).await.unwrap().unwrap()
    }
}

async fn receive(
    State(send): State<mpsc::UnboundedSender<Received>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    send.send((uri.to_string(), headers, body)).unwrap();
    StatusCode::NO_CONTENT
}

fn serve(arguments: &[&str], authority: &str) -> Simulator {
    let mut command = command(&[&["serve", "--port", "0"], arguments].concat());
    command.env("SSL_CERT_FILE", authority);
    Simulator::of(command)
}

fn fields(body: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

// The webhook answers while the test waits for a line. So in the other tests.
#[tokio::test(flavor = "multi_thread")]
async fn event_callback_is_sent_over_tls() {
    let mut webhook = Webhook::start("127.0.0.1").await;
    let url = format!("{}/events", webhook.origin);
    let arguments = ["--callback", &url, "--events-filter", "task.created"];
    let simulator = serve(&arguments, &webhook.authority);

    json(simulator.create_task("{}")).await;
    let lines = simulator.lines_until("sent   task.created  EV");

    assert!(lines.lines().last().unwrap().contains("  204  "), "{lines}");
    let (_, headers, body) = webhook.next().await;
    let signed = signature(simulator.told("auth token"), &url, &fields(&body));
    assert_eq!(headers["x-twilio-signature"], signed.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn assignment_callback_is_sent_over_tls() {
    let mut webhook = Webhook::start("127.0.0.1").await;
    let simulator = serve(&[], &webhook.authority);
    let url = format!("{}/assignments", webhook.origin);
    let workflow = format!("/v1/Workspaces/{WORKSPACE_SID}/Workflows/{WORKFLOW_SID}");
    let update = simulator.post(&workflow, &[("AssignmentCallbackUrl", &url)]);
    assert_eq!(json(update).await.0, 200);

    let (_, task) = json(simulator.create_task(r#"{"channelType":"web"}"#)).await;

    let (path, headers, body) = webhook.next().await;
    let fields = fields(&body);
    assert_eq!(path, "/assignments");
    assert!(fields.contains(&("TaskSid".to_owned(), task["sid"].as_str().unwrap().to_owned())));
    let signed = signature(simulator.told("auth token"), &url, &fields);
    assert_eq!(headers["x-twilio-signature"], signed.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn sink_gets_its_events_over_tls() {
    let mut webhook = Webhook::start("127.0.0.1").await;
    let url = format!("{}/sink", webhook.origin);
    let arguments = ["--sink", &url, "--sink-types", "task.created"];
    let simulator = serve(&arguments, &webhook.authority);

    json(simulator.create_task("{}")).await;
    simulator.lines_until("sink   task.created  204  ");

    let (path, headers, _) = webhook.next().await;
    let signed = signature(simulator.told("auth token"), &format!("{}{path}", webhook.origin), &[]);
    assert_eq!(headers["x-twilio-signature"], signed.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_handshake_is_printed_with_its_reason() {
    let (unknown, misnamed) = (Webhook::start("127.0.0.1").await, Webhook::start("example.com").await);
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let not_tls = format!("https://{}", plain.local_addr().unwrap());
    let answering = Router::new().fallback(async || StatusCode::NO_CONTENT);
    tokio::spawn(async move { axum::serve(plain, answering).await });

    for (origin, authority, reason) in [
        // Without `SSL_CERT_FILE`, the authorities are Mozilla's.
        (&unknown.origin, None, "invalid peer certificate: UnknownIssuer "),
        (
            &misnamed.origin,
            Some(&misnamed.authority),
            "invalid peer certificate: certificate not valid for name ",
        ),
        (&not_tls, None, "received corrupt message of type InvalidContentType "),
    ] {
        let (callback, sink) = (format!("{origin}/events#rc=0"), format!("{origin}/sink"));
        for (arguments, start) in [
            (["--callback", &callback, "--events-filter", "task.created"], "sent   "),
            (["--sink", &sink, "--sink-types", "task.created"], "sink   "),
        ] {
            let simulator = match authority {
                Some(authority) => serve(&arguments, authority),
                None => Simulator::serve(&arguments),
            };
            json(simulator.create_task("{}")).await;
            let entry = entry(&simulator, start);
            assert!(entry.contains(&format!("  TLS failed: {reason}")), "{entry}");
        }
    }
}

/// The next entry of the log that begins with `start`, in a single line.
fn entry(simulator: &Simulator, start: &str) -> String {
    let lines = simulator.lines_until(start);
    let mut entry = lines.lines().last().unwrap().to_owned();
    while !entry.ends_with("ms") {
        let line = simulator.lines.recv_timeout(SOON).unwrap();
        entry = format!("{entry} {}", line.trim());
    }
    entry
}

#[test]
fn unreadable_authorities_are_refused() {
    let mut command = command(&["serve", "--port", "0"]);
    let output = command.env("SSL_CERT_FILE", "no such file").output().unwrap();
    assert_eq!(
        (output.status.code(), String::from_utf8(output.stderr).unwrap()),
        (
            Some(2),
            "error: no certificate can be read from SSL_CERT_FILE or SSL_CERT_DIR\n".to_owned()
        )
    );
}
