//! What the functions have of a machine, and what it sees of them.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::sync::{Arc, Once};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::http::{HttpRequest, HttpResponse};
use aws_sdk_secretsmanager::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_types::body::SdkBody;
use flex_handoff::config::{SessionSettings, Upstreams};
use flex_handoff::machine::Machine;
use flex_handoff::secret::{Required, Secrets};
use flex_handoff::session_url::SessionUrl;
use flex_handoff::sid::{WorkerSid, WorkspaceSid};
use flex_handoff::start::{ColdStart, Connections};
use flex_handoff::transport::{InProcess, Transport};
use http::header::AUTHORIZATION;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::targets::MARK;

pub(crate) const AUTH_TOKEN: &str = "auth token of hunter 2";
/// The queue's URL.
pub(crate) const QUEUE_URL: &str = "http://sqs.test/queue";
const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";
const WORKSPACE_SID: &str = "WS00000000000000000000000000000001";
const WORKER_SID: &str = "WK00000000000000000000000000000001";

/// When each input comes, in seconds of Unix time: 2026-11-22T09:00:00Z.
const MORNING: i64 = 1_795_338_000;

thread_local! {
    static START: Cell<Option<Instant>> = const { Cell::new(None) };
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static TIMEOUT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static PANICS: Cell<usize> = const { Cell::new(0) };
    static AWS: RefCell<Option<(SdkConfig, Arc<Secrets>)>> = const { RefCell::new(None) };
}

/// Forgets what was seen of the input before.
pub(crate) fn prepare() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        // A function survives its panics, so that one would not be noticed.
        std::panic::set_hook(Box::new(move |panic| {
            PANICS.set(PANICS.get() + 1);
            before(panic);
        }));
    });
    PANICS.set(0);
    LOG.take();
}

/// Looks at what was logged.
///
/// # Panics
/// If a line is no JSON object or has a customer's text or a secret in it, or if there was a panic.
pub(crate) fn check_log() {
    assert_eq!(PANICS.get(), 0, "a function has panicked");
    for line in LOG.take() {
        let mut line: Map<String, Value> = serde_json::from_str(&line).expect("a log line is an object");
        // The names of attributes are told there, and are not customers' texts.
        line.remove("collisions");
        check_text(&Value::from(line).to_string());
    }
}

/// Looks at a text that others may read than the one whose input it was.
///
/// # Panics
/// If it has a customer's text or a secret in it.
pub(crate) fn check_text(text: &str) {
    assert!(!text.contains(MARK), "{text}");
}

/// Runs a function on this thread, in a time that passes only when there is nothing else to do.
///
/// # Panics
/// If it hasn't ended by its [`deadline`].
pub(crate) fn run<T>(function: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build();
    fastrand::seed(0);
    runtime
        .expect("a runtime without I/O needs nothing of the system")
        .block_on(async {
            let start = Instant::now();
            START.set(Some(start));
            let done = function.await;
            assert!(start.elapsed() < TIMEOUT.get(), "it outlived its time");
            done
        })
}

/// The end of a function's time, in milliseconds of Unix time.
pub(crate) fn deadline(timeout: Duration) -> u64 {
    TIMEOUT.set(timeout);
    let deadline = now() + timeout;
    u64::try_from(deadline.unix_timestamp_nanos() / 1_000_000).expect("it is after 1970")
}

fn now() -> OffsetDateTime {
    let morning = OffsetDateTime::from_unix_timestamp(MORNING).expect("a year of four digits");
    morning + START.get().expect("this is asked within `run`").elapsed()
}

/// What a function is built on, with these answers in place of a network.
pub(crate) async fn connections(answers: Arc<InProcess>) -> Connections {
    let (aws, secrets) = aws().await;
    let checked: Arc<InProcess> = Arc::new(move |request| {
        check_host(&request);
        answers(request)
    });
    Connections {
        transport: Transport::InProcess(checked),
        machine: Machine {
            now,
            log: |line| LOG.with_borrow_mut(|log| log.push(line.to_owned())),
        },
        aws,
        secrets,
        cold_start: ColdStart::default(),
    }
}

/// Credentials go to the hosts that are configured, and to no other: not to one that an input names. And Twilio's don't go
/// to the session API, nor the other way round.
fn check_host(request: &reqwest::Request) {
    let url = request.url();
    let host = url.host_str().unwrap_or_default();
    assert!(
        ["taskrouter.test", "conversations.test", "sessions.test"].contains(&host),
        "{host}"
    );
    let is_session = host == "sessions.test";
    assert!(!is_session || url.path().starts_with("/chat/sessions/"), "{url}");
    let authorization = request.headers().get(AUTHORIZATION).and_then(|it| it.to_str().ok());
    let scheme = authorization.and_then(|it| it.split(' ').next());
    assert_eq!(scheme, Some(if is_session { "Bearer" } else { "Basic" }));
}

pub(crate) fn upstreams() -> Upstreams {
    Upstreams {
        secret_id: "flex-handoff".to_owned(),
        workspace: WorkspaceSid::parse(WORKSPACE_SID).expect("a workspace's SID"),
        taskrouter_url: "http://taskrouter.test".parse().expect("a URL"),
    }
}

pub(crate) fn sessions() -> SessionSettings {
    let url = SessionUrl::parse("http://sessions.test/chat/sessions/{session_id}");
    SessionSettings {
        url: url.expect("a session's URL"),
        id_attribute: "session_id".to_owned(),
    }
}

pub(crate) fn ai_worker() -> WorkerSid {
    WorkerSid::parse(WORKER_SID).expect("a worker's SID")
}

/// AWS, and the secret, read once on each thread: reading takes longer than most inputs.
async fn aws() -> (SdkConfig, Arc<Secrets>) {
    if let Some(aws) = AWS.with_borrow(Clone::clone) {
        return aws;
    }
    let credentials = Credentials::new(MARK, MARK, None, None, "this test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(Aws)))
        .build();
    let secrets = Secrets::read(Client::new(&config), "flex-handoff", Required::SessionApiToken).await;
    let secrets = Arc::new(secrets.expect("the secret is complete"));
    AWS.set(Some((config.clone(), secrets.clone())));
    (config, secrets)
}

/// A Secrets Manager with one secret and an SQS that takes everything: each reads its own members of the answer.
#[derive(Debug)]
struct Aws;

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        assert!(request.uri().starts_with("https://"), "{}", request.uri());
        assert!(
            request.uri().ends_with(".us-east-1.amazonaws.com/"),
            "{}",
            request.uri()
        );
        let secret = json!({
            "account_sid": ACCOUNT_SID,
            "auth_token": AUTH_TOKEN,
            "session_api_token": format!("session token of {MARK}"),
        });
        let answer = json!({
            "SecretString": secret.to_string(), "MessageId": "1", "MD5OfMessageBody": "", "Successful": [], "Failed": [],
        });
        let status = 200.try_into().expect("200 is a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(answer.to_string()))))
    }
}
