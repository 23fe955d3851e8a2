//! The harness of a function in a fuzz target: clock, log, AWS, upstreams, and checks of the requests and log.

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
use flex_handoff::aws::secrets::{Required, Secrets};
use flex_handoff::config::session_url::SessionUrl;
use flex_handoff::config::{
    AiWorkers, BodyKey, NotePolicy, NoteSettings, RemovedValue, SessionAuth, SessionKeys, SessionSettings, Upstreams,
};
use flex_handoff::invocation::log;
use flex_handoff::invocation::system::System;
use flex_handoff::lambda::start::Connections;
use flex_handoff::twilio::sid::{WorkerSid, WorkspaceSid};
use flex_handoff::upstream::transport::{InProcess, Transport};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use lambda_runtime::{Context, LambdaEvent};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use tokio::time::Instant;

/// The mark in secrets, and wherever seeds and dictionary can have a customer's text. The mark is not a valid field
/// name, since error messages quote unknown field names.
const MARK: &str = "hunter 2";
pub(crate) const AUTH_TOKEN: &str = "auth token of hunter 2";
pub(crate) const SHARED_KEY: &str = "shared key of hunter 2";
pub(crate) const QUEUE_URL: &str = "http://sqs.test/queue";
const ACCOUNT_SID: &str = "AC00000000000000000000000000000001";
const WORKSPACE_SID: &str = "WS00000000000000000000000000000001";
const WORKER_SID: &str = "WK00000000000000000000000000000001";

/// The time of each input in seconds of Unix time: 2026-11-22T09:00:00Z.
const MORNING: i64 = 1_795_338_000;

thread_local! {
    static START: Cell<Option<Instant>> = const { Cell::new(None) };
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static TIMEOUT: Cell<Duration> = const { Cell::new(Duration::ZERO) };
    static PANICS: Cell<usize> = const { Cell::new(0) };
    static AWS: RefCell<Option<(SdkConfig, Arc<Secrets>)>> = const { RefCell::new(None) };
}

/// Clears the log and the panics of the last input.
pub(crate) fn prepare() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        // A function survives its panics, so the hook counts them.
        std::panic::set_hook(Box::new(move |panic| {
            if !log::is_panic_expected() {
                PANICS.set(PANICS.get() + 1);
                before(panic);
            }
        }));
    });
    PANICS.set(0);
    LOG.take();
}

/// Checks the log.
///
/// # Panics
/// If a line is not a JSON object or contains private text, or if a function has panicked.
pub(crate) fn check_log() {
    assert_eq!(PANICS.get(), 0, "a function has panicked");
    for line in LOG.take() {
        let mut line: Map<String, Value> = serde_json::from_str(&line).expect("a log line is an object");
        // This field has the attributes' names, which are not private.
        line.remove("collisions");
        check_text(&Value::from(line).to_string());
    }
}

/// Checks a text that can be seen by others than the input's sender.
///
/// # Panics
/// If the text contains a customer's text or a secret.
pub(crate) fn check_text(text: &str) {
    assert!(!text.contains(MARK), "{text}");
}

/// Runs a function on this thread in virtual time.
///
/// # Panics
/// If the function has not ended by its deadline.
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
            assert!(start.elapsed() < TIMEOUT.get(), "the function outlived its deadline");
            done
        })
}

/// The event of an invocation with this payload in the form of Lambda's runtime.
pub(crate) fn lambda_event<P: DeserializeOwned>(payload: &str, timeout: Duration) -> LambdaEvent<P> {
    TIMEOUT.set(timeout);
    let deadline = now() + timeout;
    let mut context = Context::default();
    context.request_id = "request".to_owned();
    context.deadline = u64::try_from(deadline.unix_timestamp_nanos() / 1_000_000).expect("it is after 1970");
    LambdaEvent::new(serde_json::from_str(payload).expect("any JSON is a payload"), context)
}

fn now() -> OffsetDateTime {
    let morning = OffsetDateTime::from_unix_timestamp(MORNING).expect("a year of four digits");
    morning + START.get().expect("this is asked within `run`").elapsed()
}

/// The connections of a function. These answers replace the network.
pub(crate) async fn connections(answers: Arc<InProcess>) -> Connections {
    let (aws, secrets) = aws().await;
    let checked: Arc<InProcess> = Arc::new(move |request| {
        check_host(&request);
        answers(request)
    });
    Connections {
        transport: Transport::InProcess(checked),
        system: System {
            function: "fuzz",
            now,
            log: |line| LOG.with_borrow_mut(|log| log.push(line.to_owned())),
        },
        aws,
        secrets,
    }
}

/// Checks that Twilio's credentials go only to Twilio's hosts. The session API's go only to the session API.
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
        method: Method::PATCH,
        body_key: BodyKey::parse("custom_data").expect("a path"),
        auth: SessionAuth {
            header: AUTHORIZATION,
            scheme: "Bearer".to_owned(),
        },
        headers: HeaderMap::new(),
        keys: SessionKeys::parse("*").expect("a pattern"),
        removed: RemovedValue::Blank,
        id_attribute: "session_id".to_owned(),
    }
}

pub(crate) fn ai_workers() -> AiWorkers {
    AiWorkers(vec![WorkerSid::parse(WORKER_SID).expect("a worker's SID")])
}

pub(crate) fn note() -> NoteSettings {
    NoteSettings {
        policy: NotePolicy::ChatOnly,
        author: "system".to_owned(),
        template: "{summary}\n{sentiment}\n{reason}\n{language}".to_owned(),
    }
}

/// The AWS configuration and secret, read once on each thread since reading takes longer than most inputs.
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
    let secrets = Secrets::open(Client::new(&config), "flex-handoff", Required::SessionApiToken).await;
    let secrets = Arc::new(secrets.expect("the secret is complete"));
    AWS.set(Some((config.clone(), secrets.clone())));
    (config, secrets)
}

/// Secrets Manager with a single secret and an SQS that accepts every message. Each client reads its own members of the
/// answer.
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
            "webhook_shared_keys": { "key-1": SHARED_KEY },
            "session_api_token": format!("session token of {MARK}"),
        });
        let answer = json!({
            "SecretString": secret.to_string(), "MessageId": "1", "MD5OfMessageBody": "", "Successful": [], "Failed": [],
        });
        let status = 200.try_into().expect("200 is a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(answer.to_string()))))
    }
}
