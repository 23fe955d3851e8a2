//! A Lambda host for function binaries: the Runtime API, the Invoke API, and the HTTP APIs, function URLs and load
//! balancers in front of the webhooks.
//!
//! Binaries run as on Lambda:
//!
//! - with Lambda's environment variables and no others;
//! - in a process per concurrent invocation, reused when idle and killed after the timeout;
//! - within Lambda's concurrency limits.
//!
//! Missing on purpose: IAM (any caller may invoke), and the freeze between invocations (work after the answer gets
//! further here than on Lambda).

mod concurrency;
mod deployment;
mod environment;
mod event_queue;
mod event_source;
mod failure;
mod fronts;
mod function;
pub mod functions;
mod invoke_api;
mod log_stream;
mod process_group;
mod record;
mod registry;
mod runtime_api;
mod starts;

use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use deployment::Deployment;
use event_queue::EventQueue;
use registry::Registry;

use crate::identity;
use crate::lock::lock;
use crate::loopback::serve;
use crate::sqs::Sqs;

pub use environment::lambda_variables;
pub use event_queue::FailedEvent;
pub use event_source::EventSource;
pub use fronts::{ApiGateway, CustomDomain, Endpoint, Front};
pub use function::{Function, Invocation, Trigger};
pub use record::Invoked;

/// A Lambda host. Clones are the same host. All its processes are killed when the last clone is dropped or when this
/// process ends.
#[derive(Clone)]
pub struct LambdaHost {
    shared: Arc<Shared>,
}

struct Shared {
    functions: Arc<Registry>,
    events: Arc<EventQueue>,
    invoke_endpoint: String,
    http_api: Endpoint,
    /// The servers and pollers. Aborted with the host.
    tasks: Mutex<JoinSet<()>>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.functions.remove_all();
    }
}

impl LambdaHost {
    /// Starts a host without functions on two free loopback ports.
    pub async fn start() -> std::io::Result<Self> {
        let functions = Arc::new(Registry::start()?);
        let events = Arc::new(EventQueue::default());
        let mut tasks = JoinSet::new();

        let invoke_listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let invoke_endpoint = format!("http://{}", invoke_listener.local_addr()?);
        let invoke_api = invoke_api::router(Arc::clone(&functions), Arc::clone(&events));
        tasks.spawn(serve(invoke_listener, invoke_api));

        let front = Front::HttpApi(ApiGateway::default());
        let (http_api, server) = front.open(Arc::clone(&functions)).await?;
        tasks.spawn(server);

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

    /// Deploys a function, replacing an earlier function with the same name. The first invocation starts a process.
    pub fn deploy(&self, function: Function) {
        self.shared.functions.deploy(function);
    }

    /// Sets the account's concurrency limit over all functions. The default is 1,000.
    pub fn limit_concurrency(&self, limit: usize) {
        self.shared.functions.concurrency().limit_account(limit);
    }

    /// Adds an event source mapping from a queue to a function.
    pub fn map_event_source(&self, sqs: &Sqs, source: &EventSource) {
        let mut tasks = lock(&self.shared.tasks);
        for _ in 0..source.maximum_concurrency {
            tasks.spawn(source.clone().poll(sqs.clone(), Arc::clone(&self.shared.functions)));
        }
    }

    /// Invokes a function and waits for the answer. A throttled invocation waits for its turn, like a retrying SDK. The
    /// invocation goes on if its caller leaves.
    ///
    /// # Panics
    ///
    /// When no function of that name is deployed.
    pub async fn invoke(&self, name: &str, payload: Vec<u8>) -> Invocation {
        let deployed = self.deployed(name);
        let permit = deployed.permit().await;
        deployed.invoke(permit, identity::request_id(), payload).await
    }

    /// Every invocation so far, from any source, in the order of the calls.
    pub fn invocations(&self) -> Vec<Arc<Invoked>> {
        self.shared.functions.record().all()
    }

    /// Changes whenever an invocation begins or ends.
    pub fn changed(&self) -> watch::Receiver<()> {
        self.shared.functions.record().changed()
    }

    /// The base URL of the Invoke API, for an SDK's `endpoint_url`.
    pub fn invoke_endpoint(&self) -> String {
        self.shared.invoke_endpoint.clone()
    }

    /// The HTTP API in front of the functions with [`Trigger::Http`]. Its stage is `$default`.
    pub fn http_api(&self) -> Endpoint {
        self.shared.http_api.clone()
    }

    /// Opens another front on a free loopback port.
    ///
    /// # Errors
    /// If no port can be bound.
    pub async fn open(&self, front: Front) -> std::io::Result<Endpoint> {
        let (endpoint, server) = front.open(Arc::clone(&self.shared.functions)).await?;
        lock(&self.shared.tasks).spawn(server);
        Ok(endpoint)
    }

    /// Every line of the function's stdout and stderr, grouped by environment.
    ///
    /// # Panics
    ///
    /// When no function of that name is deployed.
    pub fn logs(&self, name: &str) -> Vec<String> {
        self.deployed(name).logs()
    }

    /// Kills a function's busy and idle processes, as a crash would.
    ///
    /// # Panics
    ///
    /// When no function of that name is deployed.
    pub fn kill_environments(&self, name: &str) {
        self.deployed(name).kill_environments();
    }

    /// Waits until every asynchronous invocation has succeeded or used up its retries.
    pub async fn events_settled(&self) {
        self.shared.events.settled().await;
    }

    /// The asynchronous invocations that used up their retries, as an on-failure destination receives them.
    pub fn failed_events(&self) -> Vec<FailedEvent> {
        self.shared.events.failed()
    }

    /// Removes every function and kills its processes. Invocations that are under way fail.
    pub async fn stop(&self) {
        self.shared.functions.stop().await;
    }

    fn deployed(&self, name: &str) -> Arc<Deployment> {
        self.shared
            .functions
            .named(name)
            .unwrap_or_else(|| panic!("no function named {name:?} is deployed"))
    }
}
