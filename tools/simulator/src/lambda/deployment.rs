//! A deployed function: its environments, its invocations and its log.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::concurrency::{Concurrency, Room, Throttled};
use super::environment::{Environment, TimeLimit};
use super::failure::Failure;
use super::log_stream::LogStream;
use super::process_group::ProcessGroup;
use super::record::Record;
use super::runtime_api::Event;
use super::starts::Starts;
use super::{Function, Invocation};
use crate::identity;
use crate::lock::lock;

/// What Lambda allows a function's first initialisation.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The signal that an invocation ends by whose environment is killed.
const SIGKILL: i32 = 9;

/// What the functions of a host share.
pub(super) struct Premises {
    /// Every function's processes.
    pub(super) group: ProcessGroup,
    pub(super) record: Record,
    pub(super) concurrency: Arc<Concurrency>,
    pub(super) starts: Starts,
}

pub(super) struct Deployment {
    function: Function,
    premises: Arc<Premises>,
    /// The one used last is at the end, and is used first.
    idle: Mutex<Vec<Environment>>,
    /// Tells one invocation that waits of one more that is idle.
    idled: Notify,
    /// A change kills the environments that are starting or busy.
    kill: watch::Sender<()>,
    /// Shared with the deployments before and after of the same name.
    log_streams: Arc<Mutex<Vec<Arc<LogStream>>>>,
}

impl Deployment {
    pub(super) fn new(function: Function, premises: Arc<Premises>) -> Self {
        Self {
            function,
            premises,
            idle: Mutex::default(),
            idled: Notify::new(),
            kill: watch::Sender::default(),
            log_streams: Arc::default(),
        }
    }

    /// The next deployment of the same name.
    pub(super) fn replaced_by(&self, function: Function) -> Self {
        Self {
            log_streams: Arc::clone(&self.log_streams),
            ..Self::new(function, Arc::clone(&self.premises))
        }
    }

    pub(super) fn function(&self) -> &Function {
        &self.function
    }

    /// Room for an invocation, if there is any at once.
    pub(super) fn admit(&self) -> Result<Room, Throttled> {
        self.premises.concurrency.admit(&self.function.name)
    }

    /// Waits for room for an invocation.
    pub(super) async fn room(&self) -> Room {
        self.premises.concurrency.room(&self.function.name).await
    }

    pub(super) async fn invoke(self: Arc<Self>, room: Room, request_id: String, payload: Vec<u8>) -> Invocation {
        let place = self.premises.record.began(&request_id, &self.function.name, &payload);
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
            self.premises.record.ended(place, &invocation);
            drop(room);
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
            self.idled.notify_one();
        }
        outcome
    }

    /// An environment that waits for an event, and the time that it has for it: one that is idle, or becomes idle before
    /// it is this invocation's turn to start one.
    async fn environment(&self) -> Result<(Environment, TimeLimit), Failure> {
        let mut kill = self.kill.subscribe();
        let turn = loop {
            if let Some(environment) = self.take_idle() {
                return Ok((environment, TimeLimit::from_now(self.function.timeout)));
            }
            tokio::select! {
                turn = self.premises.starts.turn() => break turn,
                () = self.idled.notified() => {}
                _ = kill.changed() => return Err(Failure::Exited(ExitStatus::from_raw(SIGKILL))),
            }
        };
        match turn.take(self.start(&kill, TimeLimit::from_now(INIT_LIMIT))).await {
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
        Environment::start(&self.function, &self.premises.group, &log_stream, kill.clone(), limit).await
    }

    fn take_idle(&self) -> Option<Environment> {
        let mut idle = lock(&self.idle);
        std::iter::from_fn(|| idle.pop()).find_map(|mut environment| environment.is_alive().then_some(environment))
    }
}

/// Milliseconds since 1970.
fn milliseconds(time: OffsetDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).expect("this century's times fit")
}
