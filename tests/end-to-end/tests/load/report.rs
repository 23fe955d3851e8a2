//! The figures of a load test.

use std::time::Duration;

use end_to_end::Scene;
use http::StatusCode;
use simulator::exchange::{Exchange, Upstream};
use simulator::fault::Struck;
use simulator::twilio::Delivery;
use simulator::world::DEFERRED;
use time::OffsetDateTime;

use super::{EVENTS, Subject};

/// A finished load test.
pub(super) struct Report<'l> {
    pub(super) scene: &'l Scene,
    pub(super) subjects: &'l [Subject],
    pub(super) struck: &'l [Struck],
    pub(super) started: OffsetDateTime,
    /// The session API's limit per minute.
    pub(super) limit: Option<usize>,
    /// Time from the first change until all events were delivered.
    pub(super) delivered: Duration,
    /// Time from the first change until the queue was empty too.
    pub(super) settled: Duration,
}

impl Report<'_> {
    /// Prints the amount of work, its speed and the delay between a task's last change and its session.
    pub(super) fn print(&self) {
        let events = self.subjects.len() * EVENTS;
        let deliveries = self.scene.world.twilio.deliveries();
        let requests: usize = deliveries.iter().map(|delivery| delivery.attempts.len()).sum();
        println!(
            "{} tasks, {events} events in {} deliveries and {requests} requests, {:.0} events/s",
            self.subjects.len(),
            deliveries.len(),
            events as f64 / self.delivered.as_secs_f64()
        );
        self.print_calls();
        self.print_writes(events, &deliveries);
        if let Some(limit) = self.limit {
            self.print_queue(limit);
        }
        self.print_convergence();
    }

    fn print_calls(&self) {
        let is_call = |call: &&Exchange| matches!(call.upstream, Upstream::TaskRouter | Upstream::SessionApi);
        let calls = self.scene.world.exchanges.all();
        let calls = calls.iter().filter(is_call).count();
        let failed: usize = self.struck.iter().map(Struck::count).sum();
        println!(
            "{calls} calls to upstreams, {failed} of them failed ({} %)",
            100 * failed / calls
        );
    }

    fn print_writes(&self, events: usize, deliveries: &[Delivery]) {
        let sessions = &self.scene.world.session_api;
        let writes = self
            .subjects
            .iter()
            .map(|subject| sessions.patches(&subject.session_id).len());
        let writes: usize = writes.sum();
        println!(
            "{writes} session writes, {:.2} for each event: {} % of one for each delivery saved",
            writes as f64 / events as f64,
            100 * deliveries.len().saturating_sub(writes) / deliveries.len()
        );
    }

    fn print_queue(&self, limit: usize) {
        let world = &self.scene.world;
        let turned_away = world.exchanges.of(Upstream::SessionApi).into_iter();
        let turned_away = turned_away.filter(|call| call.status() == Some(StatusCode::TOO_MANY_REQUESTS));
        let asked = world.exchanges.of(Upstream::Sqs);
        let asked = |operation: &str| {
            let is_it = |call: &&Exchange| call.header("x-amz-target") == Some(operation);
            asked.iter().filter(is_it).count()
        };
        let runs = world.lambda.invocations().into_iter();
        println!(
            "{} writes turned away (429), {} events left on the queue, {} runs of deferred, {} times given back",
            turned_away.count(),
            asked("AmazonSQS.SendMessage"),
            runs.filter(|run| run.function == DEFERRED).count(),
            asked("AmazonSQS.ChangeMessageVisibilityBatch"),
        );
        println!(
            "at {limit} writes a minute, one for each task takes {:.0} s",
            60.0 * self.subjects.len() as f64 / limit as f64
        );
    }

    fn print_convergence(&self) {
        let times = self.subjects.iter().map(|subject| self.convergence(subject));
        let mut times: Vec<Duration> = times.collect();
        times.sort();
        let converged = self.subjects.iter().map(|subject| self.last_write(subject)).max();
        let converged = converged.map_or(0.0, |time| (time - self.started).as_seconds_f64());
        println!("all sessions as their tasks {converged:.1} s after the first change");
        println!(
            "sessions as their tasks are after {:.1} s (median) to {:.1} s of a task's last change; all delivered after \
             {:.1} s, all settled after {:.1} s",
            times[times.len() / 2].as_secs_f64(),
            times[times.len() - 1].as_secs_f64(),
            self.delivered.as_secs_f64(),
            self.settled.as_secs_f64()
        );
    }

    fn convergence(&self, subject: &Subject) -> Duration {
        let time = self.last_write(subject) - subject.last_change;
        time.try_into().unwrap_or_default()
    }

    /// The time of the session's last change.
    fn last_write(&self, subject: &Subject) -> OffsetDateTime {
        let changed = self.scene.world.session_api.changed(&subject.session_id);
        changed.into_values().max().unwrap_or(subject.last_change)
    }
}
