//! A deployed function: its environments, its invocations and its log.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::watch;
use tokio::time::Instant;

use super::environment::{Environment, TimeLimit};
use super::failure::Failure;
use super::log_stream::LogStream;
use super::process_group::ProcessGroup;
use super::record::Record;
use super::runtime_api::Event;
use super::{Function, Invocation, identity};
use crate::lock::lock;

/// What Lambda allows a function's first initialisation.
const INIT_LIMIT: Duration = Duration::from_secs(10);

pub(super) struct Deployment {
    function: Function,
    group: Arc<ProcessGroup>,
    record: Arc<Record>,
    /// The one used last is at the end, and is used first.
    idle: Mutex<Vec<Environment>>,
    /// A change kills the environments that are starting or busy.
    kill: watch::Sender<()>,
    /// Shared with the deployments before and after of the same name.
    log_streams: Arc<Mutex<Vec<Arc<LogStream>>>>,
}

impl Deployment {
    pub(super) fn new(function: Function, group: Arc<ProcessGroup>, record: Arc<Record>) -> Self {
        Self {
            function,
            group,
            record,
            idle: Mutex::default(),
            kill: watch::Sender::default(),
            log_streams: Arc::default(),
        }
    }

    /// The next deployment of the same name.
    pub(super) fn replaced_by(&self, function: Function) -> Self {
        Self {
            log_streams: Arc::clone(&self.log_streams),
            ..Self::new(function, Arc::clone(&self.group), Arc::clone(&self.record))
        }
    }

    pub(super) fn function(&self) -> &Function {
        &self.function
    }

    pub(super) async fn invoke(self: Arc<Self>, request_id: String, payload: Vec<u8>) -> Invocation {
        let place = self.record.began(&request_id, &self.function.name, &payload);
        // A task of its own, which goes on when the caller gives up.
        tokio::spawn(async move {
            let called = Instant::now();
            let (function_error, payload) = match self.outcome(&request_id, payload).await {
                Ok(payload) => (None, payload),
                Err(failure) => (Some("Unhandled".to_owned()), failure.into_payload(&request_id)),
            };
            let invocation = Invocation {
                request_id,
                function_error,
                payload,
                duration: called.elapsed(),
            };
            self.record.ended(place, &invocation);
            invocation
        })
        .await
        .expect("an invocation is neither aborted nor panics")
    }

    pub(super) fn logs(&self) -> Vec<String> {
        lock(&self.log_streams)
            .iter()
            .flat_map(|stream| stream.lines())
            .collect()
    }

    pub(super) fn kill_environments(&self) {
        // One lock around both, so that no environment becomes idle in between.
        let mut idle = lock(&self.idle);
        idle.clear();
        self.kill.send_replace(());
    }

    /// Waits until the environments that were killed are gone.
    pub(super) async fn emptied(&self) {
        self.kill.closed().await;
    }

    async fn outcome(&self, request_id: &str, payload: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let (mut environment, limit) = self.environment().await?;
        let now = OffsetDateTime::now_utc();
        let event = Event {
            request_id: request_id.to_owned(),
            deadline: milliseconds(now + limit.remaining()),
            function_arn: identity::function_arn(&self.function.name),
            trace_id: identity::trace_id(now.unix_timestamp()),
            payload,
        };
        let outcome = environment.invoke(event, limit).await;
        let mut idle = lock(&self.idle);
        if environment.is_alive() {
            idle.push(environment);
        }
        outcome
    }

    /// An environment that waits for an event, and the time that it has for it.
    async fn environment(&self) -> Result<(Environment, TimeLimit), Failure> {
        while let Some(mut environment) = self.take_idle() {
            if environment.is_alive() {
                return Ok((environment, TimeLimit::from_now(self.function.timeout)));
            }
        }
        let kill = self.kill.subscribe();
        match self.start(&kill, TimeLimit::from_now(INIT_LIMIT)).await {
            Ok(environment) => Ok((environment, TimeLimit::from_now(self.function.timeout))),
            Err(killed) if kill.has_changed().unwrap_or(true) => Err(killed),
            Err(_) => {
                // Lambda initialises a second time, within the invocation and at the cost of its time.
                let limit = TimeLimit::from_now(self.function.timeout);
                Ok((self.start(&kill, limit).await?, limit))
            }
        }
    }

    async fn start(&self, kill: &watch::Receiver<()>, limit: TimeLimit) -> Result<Environment, Failure> {
        let log_stream = Arc::new(LogStream::create().map_err(Failure::NotStarted)?);
        lock(&self.log_streams).push(Arc::clone(&log_stream));
        Environment::start(&self.function, &self.group, &log_stream, kill.clone(), limit).await
    }

    fn take_idle(&self) -> Option<Environment> {
        lock(&self.idle).pop()
    }
}

/// Milliseconds since 1970.
fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).expect("this century's times fit")
}
