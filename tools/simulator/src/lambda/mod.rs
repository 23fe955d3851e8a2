//! A Lambda host for the built function binaries: the Runtime API that a function talks to, the Invoke API that calls
//! a function, and an HTTP API in front of the webhooks.
//!
//! The binaries are those that would be deployed, started the way Lambda starts them: with Lambda's environment
//! variables and no others, one process for each invocation under way, an idle one used again, and killed past its
//! time-out; no more invocations at once than Lambda would let in. Missing, on purpose: IAM (any caller may call), and the
//! freeze between two invocations (a function that works on after its answer gets further here than it would on Lambda).

mod concurrency;
mod deployment;
mod environment;
mod event_queue;
mod event_source;
mod failure;
pub mod functions;
mod http_answer;
mod http_api;
mod http_event;
mod invoke_api;
mod log_stream;
mod process_group;
mod record;
mod registry;
mod runtime_api;
mod starts;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use deployment::Deployment;
use event_queue::EventQueue;
use registry::Registry;

use crate::identity;
use crate::lock::lock;
use crate::sqs::Sqs;

pub use environment::lambda_variables;
pub use event_queue::FailedEvent;
pub use event_source::EventSource;
pub use record::Invoked;

/// A function as it is deployed.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    /// The executable, in the place of Lambda's `bootstrap`.
    pub binary: PathBuf,
    /// The function's own variables. Lambda's are set beside them; nothing of this process's environment is passed on.
    pub environment: BTreeMap<String, String>,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// How many of its invocations may be under way at once, whatever the other functions do; without it, as many as the
    /// account's limit leaves.
    pub reserved_concurrency: Option<usize>,
    pub trigger: Trigger,
}

/// What calls a function, beside a direct invoke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// Nothing else.
    Invoke,
    /// A route of the HTTP API, such as `/task-events`. Every method reaches the function, so that its own 405 shows.
    Http { path: String },
}

/// One invocation, as its synchronous caller sees it.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub request_id: String,
    /// `Unhandled`, as Lambda says for every error of an OS-only runtime; the payload is then the error.
    pub function_error: Option<String>,
    pub payload: Vec<u8>,
    /// From call to answer, a cold start included.
    pub duration: Duration,
}

/// Where the HTTP API answers.
#[derive(Clone, Debug)]
pub struct HttpApi {
    /// What a caller takes for the host, and signs: `{id}.execute-api.{region}.amazonaws.com`.
    pub domain_name: String,
    /// Where a request for that host has to be sent, in plain HTTP.
    pub address: SocketAddr,
}

/// The host. Clones are the same host; with the last one gone, every process that it started is killed, as it is when
/// this process is.
#[derive(Clone)]
pub struct LambdaHost {
    shared: Arc<Shared>,
}

struct Shared {
    functions: Arc<Registry>,
    events: Arc<EventQueue>,
    invoke_endpoint: String,
    http_api: HttpApi,
    /// Servers and pollers, aborted with the host.
    tasks: Mutex<JoinSet<()>>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.functions.kill_all();
    }
}

impl LambdaHost {
    /// A host without functions, on two free ports of the loopback address.
    pub async fn start() -> std::io::Result<Self> {
        let functions = Arc::new(Registry::start()?);
        let events = Arc::new(EventQueue::default());
        let mut tasks = JoinSet::new();

        let invoke_listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let invoke_endpoint = format!("http://{}", invoke_listener.local_addr()?);
        let invoke_api = invoke_api::router(Arc::clone(&functions), Arc::clone(&events));
        tasks.spawn(serve(invoke_listener, invoke_api));

        let http_listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let http_api = HttpApi {
            domain_name: identity::domain_name(),
            address: http_listener.local_addr()?,
        };
        tasks.spawn(serve(
            http_listener,
            http_api::router(Arc::clone(&functions), http_api.domain_name.clone()),
        ));

        Ok(Self {
            shared: Arc::new(Shared {
                functions,
                events,
                invoke_endpoint,
                http_api,
                tasks: Mutex::new(tasks),
            }),
        })
    }

    /// Deploys a function, in the place of one of the same name. Its first invocation starts it.
    pub fn deploy(&self, function: Function) {
        self.shared.functions.deploy(function);
    }

    /// How many invocations the account allows at once, over all functions: 1,000 at first.
    pub fn limit_concurrency(&self, limit: usize) {
        self.shared.functions.concurrency().limit_account(limit);
    }

    /// Lets a queue call a function, from now on.
    pub fn map_event_source(&self, sqs: &Sqs, source: &EventSource) {
        let mut tasks = lock(&self.shared.tasks);
        for _ in 0..source.maximum_concurrency {
            tasks.spawn(source.clone().poll(sqs.clone(), Arc::clone(&self.shared.functions)));
        }
    }

    /// Invokes a function and waits for its answer; where it is throttled, for its turn too, as an SDK tries again. An
    /// invocation goes on when its caller no longer waits.
    ///
    /// # Panics
    ///
    /// When no function of that name is deployed.
    pub async fn invoke(&self, name: &str, payload: Vec<u8>) -> Invocation {
        let deployed = self.deployed(name);
        let room = deployed.room().await;
        deployed.invoke(room, identity::request_id(), payload).await
    }

    /// Every invocation so far, however it was called, in the order of the calls.
    pub fn invocations(&self) -> Vec<Arc<Invoked>> {
        self.shared.functions.record().all()
    }

    /// Changes whenever an invocation begins or ends.
    pub fn changed(&self) -> watch::Receiver<()> {
        self.shared.functions.record().changed()
    }

    /// The base URL of AWS's Invoke API, for an SDK's `endpoint_url`.
    pub fn invoke_endpoint(&self) -> String {
        self.shared.invoke_endpoint.clone()
    }

    /// The HTTP API in front of the functions with [`Trigger::Http`].
    pub fn http_api(&self) -> HttpApi {
        self.shared.http_api.clone()
    }

    /// Every line that the function wrote to stdout or stderr, one environment after the other.
    ///
    /// # Panics
    ///
    /// When no function of that name is deployed.
    pub fn logs(&self, name: &str) -> Vec<String> {
        self.deployed(name).logs()
    }

    /// Kills a function's processes, busy and idle, as a crash at this moment would.
    ///
    /// # Panics
    ///
    /// When no function of that name is deployed.
    pub fn kill_environments(&self, name: &str) {
        self.deployed(name).kill_environments();
    }

    /// Waits until every asynchronous invocation has succeeded or has been given up.
    pub async fn events_settled(&self) {
        self.shared.events.settled().await;
    }

    /// The asynchronous invocations that were given up, as an on-failure destination would be sent them.
    pub fn failed_events(&self) -> Vec<FailedEvent> {
        self.shared.events.failed()
    }

    /// Removes every function and kills its processes.
    pub async fn stop(&self) {
        self.shared.functions.remove_all().await;
    }

    fn deployed(&self, name: &str) -> Arc<Deployment> {
        self.shared
            .functions
            .named(name)
            .unwrap_or_else(|| panic!("no function named {name:?} is deployed"))
    }
}

async fn serve(listener: TcpListener, router: axum::Router) {
    axum::serve(listener, router)
        .await
        .expect("axum::serve neither fails nor ends");
}
