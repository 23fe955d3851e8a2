//! A deployed function: its environments, its invocations and its log.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::concurrency::{Concurrency, Permit, Throttled};
use super::environment::{Environment, TimeLimit};
use super::failure::Failure;
use super::function::{Function, Invocation};
use super::log_stream::LogStream;
use super::process_group::ProcessGroup;
use super::record::Record;
use super::runtime_api::Event;
use super::starts::Starts;
use crate::identity;
use crate::lock::lock;

/// Lambda's time limit for a function's first initialisation.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The signal reported for an invocation whose environment is killed.
const SIGKILL: i32 = 9;

/// State that all functions of a host share.
pub(super) struct HostState {
    /// The processes of all functions.
    pub(super) group: ProcessGroup,
    pub(super) record: Record,
    pub(super) concurrency: Arc<Concurrency>,
    pub(super) starts: Starts,
}

pub(super) struct Deployment {
    function: Function,
    host_state: Arc<HostState>,
    /// The most recently used environment is last and is taken first.
    idle: Mutex<Vec<Environment>>,
    /// Wakes a waiting invocation when an environment becomes idle.
    idled: Notify,
    /// A change kills starting and busy environments. The value is whether the deployment is removed, so that an
    /// invocation that misses the change starts no environment.
    kill: watch::Sender<bool>,
    /// Shared with earlier and later deployments of the same name.
    log_streams: Arc<Mutex<Vec<Arc<LogStream>>>>,
}

impl Deployment {
    pub(super) fn new(function: Function, host_state: Arc<HostState>) -> Self {
        Self {
            function,
            host_state,
            idle: Mutex::default(),
            idled: Notify::new(),
            kill: watch::Sender::default(),
            log_streams: Arc::default(),
        }
    }

    /// The next deployment with the same name.
    pub(super) fn replaced_by(&self, function: Function) -> Self {
        Self {
            log_streams: Arc::clone(&self.log_streams),
            ..Self::new(function, Arc::clone(&self.host_state))
        }
    }

    pub(super) fn function(&self) -> &Function {
        &self.function
    }

    /// A permit for an invocation, if one is free.
    pub(super) fn admit(&self) -> Result<Permit, Throttled> {
        self.host_state.concurrency.admit(&self.function.name)
    }

    /// Waits for a permit for an invocation.
    pub(super) async fn permit(&self) -> Permit {
        self.host_state.concurrency.permit(&self.function.name).await
    }

    pub(super) async fn invoke(self: Arc<Self>, permit: Permit, request_id: String, payload: Vec<u8>) -> Invocation {
        let place = self.host_state.record.began(&request_id, &self.function.name, &payload);
        // Spawned, so the invocation goes on if its caller leaves.
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
            self.host_state.record.ended(place, &invocation);
            drop(permit);
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
        self.kill(|_| {});
    }

    /// Kills all environments. No others are started, even for invocations that have already been admitted.
    pub(super) fn remove(&self) {
        self.kill(|removed| *removed = true);
    }

    fn kill(&self, change: impl FnOnce(&mut bool)) {
        // One lock for both steps, so no environment becomes idle in between.
        let mut idle = lock(&self.idle);
        idle.clear();
        self.kill.send_modify(change);
    }

    /// Waits until all environments of a removed deployment are gone.
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
            self.idled.notify_one();
        }
        outcome
    }

    /// An environment that is ready for an event, and the event's time limit. The environment is idle, becomes idle
    /// first, or is started when this invocation's turn comes.
    async fn environment(&self) -> Result<(Environment, TimeLimit), Failure> {
        let mut kill = self.kill.subscribe();
        if *kill.borrow() {
            return Err(killed());
        }
        let turn = loop {
            if let Some(environment) = self.take_idle() {
                return Ok((environment, TimeLimit::from_now(self.function.timeout)));
            }
            tokio::select! {
                turn = self.host_state.starts.turn() => break turn,
                () = self.idled.notified() => {}
                _ = kill.changed() => return Err(killed()),
            }
        };
        match turn.take(self.start(&kill, TimeLimit::from_now(INIT_LIMIT))).await {
            Ok(environment) => Ok((environment, TimeLimit::from_now(self.function.timeout))),
            Err(failure) if kill.has_changed().unwrap_or(true) => Err(failure),
            Err(_) => {
                // Lambda initialises a second time, within the invocation's own time.
                let limit = TimeLimit::from_now(self.function.timeout);
                Ok((self.start(&kill, limit).await?, limit))
            }
        }
    }

    async fn start(&self, kill: &watch::Receiver<bool>, limit: TimeLimit) -> Result<Environment, Failure> {
        let log_stream = Arc::new(LogStream::create().map_err(Failure::NotStarted)?);
        lock(&self.log_streams).push(Arc::clone(&log_stream));
        Environment::start(&self.function, &self.host_state.group, &log_stream, kill.clone(), limit).await
    }

    fn take_idle(&self) -> Option<Environment> {
        let mut idle = lock(&self.idle);
        std::iter::from_fn(|| idle.pop()).find_map(|mut environment| environment.is_alive().then_some(environment))
    }
}

/// The failure of an invocation whose environment is killed before it starts.
fn killed() -> Failure {
    Failure::Exited(ExitStatus::from_raw(SIGKILL))
}

/// Milliseconds since 1970.
fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).expect("this century's times fit")
}
