//! One world, and the record of the visitor's actions in it.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use http::StatusCode;
use simulator::cause::Cause;
use simulator::lambda::functions::Binaries;
use simulator::lock::lock;
use simulator::options::Options;
use simulator::server::Server;
use simulator::twilio::{Routing, Task};
use simulator::world::World;
use time::OffsetDateTime;

use super::doings::{Doing, Doings};
use super::handoffs::Handoffs;
use super::origins::Origins;
use super::planned::Planned;
use crate::page::problem::Problem;

/// Twilio's connection overrides that the README recommends.
const CONNECTION_OVERRIDES: &str = "#rc=5&rp=5xx,ct";

tokio::task_local! {
    static NUMBER: usize;
}

/// The number of the action that is running, for the requests that it sends itself.
pub(crate) fn present_action() -> Option<usize> {
    NUMBER.try_with(|number| *number).ok()
}

pub(crate) struct Desk {
    pub(crate) world: World,
    /// Twilio and the session API at one address, for a visitor's own programs.
    pub(crate) together: Server,
    pub(crate) doings: Doings,
    pub(crate) origins: Origins,
    pub(crate) handoffs: Handoffs,
    pub(crate) planned: Mutex<Vec<Planned>>,
    pub(crate) session_api_is_up: AtomicBool,
    customers: AtomicUsize,
    started: (Instant, OffsetDateTime),
    /// The steps of the world's clock, and their times.
    moves: Mutex<Vec<(Instant, Duration)>>,
}

impl Desk {
    /// Makes a new world with these functions.
    ///
    /// # Errors
    ///
    /// One sentence about the failure.
    pub(crate) async fn start(binaries: Binaries) -> Result<Self, Problem> {
        let options = Options {
            binaries: Some(binaries),
            routing: Routing::ByWorkflow,
            connection_overrides: CONNECTION_OVERRIDES.to_owned(),
            queue: true,
            close_queue: true,
            ..Options::default()
        };
        let not_started = |error| {
            let message = format!("A new world can't be started: {error}");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, message)
        };
        let world = World::start(options).await.map_err(not_started)?;
        let together = world.serve_together(0).await.map_err(not_started)?;
        Ok(Self {
            world,
            together,
            doings: Doings::default(),
            origins: Origins::default(),
            handoffs: Handoffs::default(),
            planned: Mutex::default(),
            session_api_is_up: AtomicBool::new(true),
            customers: AtomicUsize::default(),
            started: (Instant::now(), OffsetDateTime::now_utc()),
            moves: Mutex::default(),
        })
    }

    /// Ends the functions' processes. Requests that are under way fail.
    pub(crate) async fn stop(&self) {
        self.world.lambda.stop().await;
    }

    /// Does something as a recorded action, which all its effects refer to. The action goes on if its caller goes away.
    pub(crate) async fn act<T: Send + 'static>(
        self: &Arc<Self>,
        doing: Doing,
        work: impl Future<Output = Result<T, Problem>> + Send + 'static,
    ) -> Result<T, Problem> {
        let desk = Arc::clone(self);
        let acting = tokio::spawn(async move {
            let number = desk.doings.began(doing);
            let result = Cause::Own(number).of(NUMBER.scope(number, work)).await;
            desk.doings.ended(number, result.as_ref().err().cloned());
            result
        });
        let broken = |_| Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "The simulator broke at this.");
        acting.await.unwrap_or_else(|error| Err(broken(error)))
    }

    /// Does something that doesn't wait as a recorded action of its own, whatever the present cause is.
    pub(crate) fn act_at_once<T>(&self, doing: Doing, work: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
        let number = self.doings.began(doing);
        let result = Cause::Own(number).during(work);
        self.doings.ended(number, result.as_ref().err().cloned());
        result
    }

    pub(crate) fn task(&self, sid: &str) -> Result<Task, Problem> {
        self.world.twilio.task(sid).ok_or_else(Problem::no_such_task)
    }

    /// The number of a new customer, from 1.
    pub(crate) fn next_customer(&self) -> usize {
        self.customers.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Moves the world's clock on.
    pub(crate) fn move_clock(&self, by: Duration) {
        lock(&self.moves).push((Instant::now(), by));
        self.world.advance(by);
    }

    /// The time that the world's clock shows.
    pub(crate) fn now(&self) -> OffsetDateTime {
        self.time(Instant::now())
    }

    /// A number that no other world has, in this program or another one.
    pub(crate) fn identity(&self) -> String {
        self.started.1.unix_timestamp_nanos().to_string()
    }

    /// The time that the world's clock showed at a moment.
    pub(crate) fn time(&self, moment: Instant) -> OffsetDateTime {
        let (start, time) = self.started;
        let moves = lock(&self.moves);
        let moved = moves.iter().filter(|(when, _)| *when <= moment).map(|(_, by)| *by);
        time + moment.saturating_duration_since(start) + moved.sum::<Duration>()
    }
}
