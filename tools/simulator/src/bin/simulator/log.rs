//! A line for each request that was answered, for each event that was delivered, and for each attempt to reach a sink.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::time::Duration;

use owo_colors::OwoColorize;
use simulator::exchange::{Exchange, Exchanges};
use simulator::twilio::sids::WORKSPACE_SID;
use simulator::twilio::{Delivery, Outcome, SinkAttempt, SinkDelivery, Twilio};
use simulator::world::World;

pub(crate) struct Log {
    twilio: Twilio,
    exchanges: Exchanges,
    shown_exchanges: Shown,
    shown_deliveries: Shown,
    shown_sink_deliveries: Shown,
    /// The number of attempts shown for each delivery to a sink that is not over.
    shown_attempts: BTreeMap<usize, usize>,
}

impl Log {
    pub(crate) fn of(world: &World) -> Self {
        Self {
            twilio: world.twilio.clone(),
            exchanges: world.exchanges.clone(),
            shown_exchanges: Shown::default(),
            shown_deliveries: Shown::default(),
            shown_sink_deliveries: Shown::default(),
            shown_attempts: BTreeMap::new(),
        }
    }

    /// Writes for as long as somebody reads.
    ///
    /// # Errors
    /// If nobody does any more.
    pub(crate) async fn run(&mut self) -> io::Result<()> {
        let (mut exchanged, mut delivered) = (self.exchanges.changed(), self.twilio.deliveries_changed());
        let mut streamed = self.twilio.sink_deliveries_changed();
        loop {
            self.write()?;
            let changed = tokio::select! {
                changed = exchanged.changed() => changed,
                changed = delivered.changed() => changed,
                changed = streamed.changed() => changed,
            };
            changed.expect("the senders are in self");
        }
    }

    fn write(&mut self) -> io::Result<()> {
        let mut out = anstream::stdout();
        for exchange in self.exchanges.from(self.shown_exchanges.next) {
            if exchange.answer.is_some() && self.shown_exchanges.is_new(exchange.number) {
                writeln!(out, "{}", request(&exchange))?;
            }
        }
        // Nobody else reads them, and each has its whole bodies.
        self.exchanges.forget(self.shown_exchanges.next);
        let first = self.shown_deliveries.next;
        for (number, delivery) in (first..).zip(self.twilio.deliveries_from(first)) {
            if delivery.done && self.shown_deliveries.is_new(number) {
                writeln!(out, "{}", event(&delivery))?;
            }
        }
        let first = self.shown_sink_deliveries.next;
        for (number, delivery) in (first..).zip(self.twilio.sink_deliveries_from(first)) {
            if delivery.is_over() && !self.shown_sink_deliveries.is_new(number) {
                continue;
            }
            let shown = self.shown_attempts.remove(&number).unwrap_or_default();
            for attempt in &delivery.attempts[shown..] {
                writeln!(out, "{}", sink(&delivery, attempt))?;
            }
            if !delivery.is_over() {
                self.shown_attempts.insert(number, delivery.attempts.len());
            }
        }
        out.flush()
    }
}

/// Which of the things that are numbered from 0 have been shown: what began later may end sooner.
#[derive(Default)]
struct Shown {
    /// All before this one.
    next: usize,
    /// Some after it.
    early: BTreeSet<usize>,
}

impl Shown {
    /// Whether this one had not been shown; it now has.
    fn is_new(&mut self, number: usize) -> bool {
        let is_new = number >= self.next && self.early.insert(number);
        while self.early.remove(&self.next) {
            self.next += 1;
        }
        is_new
    }
}

fn request(exchange: &Exchange) -> String {
    let status = exchange.status().map_or(0, |status| status.as_u16());
    let workspace = format!("/v1/Workspaces/{WORKSPACE_SID}/");
    let path = match exchange.path.strip_prefix(&*workspace) {
        Some(rest) => format!("…/{rest}"),
        None => exchange.path.clone(),
    };
    let duration = milliseconds(exchange.duration.unwrap_or_default());
    let line = format!("{:<6} {path}  {status}  {duration}", exchange.method.as_str());
    if status < 400 { line } else { line.red().to_string() }
}

fn event(delivery: &Delivery) -> String {
    let durations = delivery.attempts.iter().map(|attempt| attempt.duration);
    let outcomes: Vec<String> = delivery.outcomes().iter().map(outcome).collect();
    let outcomes = outcomes.join(", ");
    let duration = milliseconds(durations.sum());
    let line = format!("event  {}  {outcomes}  {duration}", delivery.event_type);
    line.dimmed().to_string()
}

fn sink(delivery: &SinkDelivery, attempt: &SinkAttempt) -> String {
    let types = delivery.event_types.iter();
    let types: Vec<&str> = types
        .map(|name| name.trim_start_matches("com.twilio.taskrouter."))
        .collect();
    let (types, outcome) = (types.join(", "), outcome(&attempt.outcome));
    let line = format!("sink   {types}  {outcome}  {}", milliseconds(attempt.duration));
    line.dimmed().to_string()
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Answered { status, .. } => status.to_string(),
        Outcome::NotConnected => "not connected".to_owned(),
        Outcome::NotAnswered => "no answer".to_owned(),
    }
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::Shown;

    #[test]
    fn what_ended_before_an_earlier_one_is_shown_once() {
        let mut shown = Shown::default();
        let mut first_time = Vec::new();
        for ended in [&[1, 3][..], &[0, 1, 3], &[2, 3]] {
            let numbers = ended
                .iter()
                .copied()
                .filter(|number| *number >= shown.next)
                .collect::<Vec<_>>();
            first_time.push(
                numbers
                    .into_iter()
                    .filter(|number| shown.is_new(*number))
                    .collect::<Vec<_>>(),
            );
        }
        assert_eq!(first_time, [vec![1, 3], vec![0], vec![2]]);
        assert_eq!(shown.next, 4);
    }
}
