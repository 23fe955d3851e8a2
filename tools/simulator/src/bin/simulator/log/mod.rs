//! Prints requests with their answers, events with their deliveries, and routes with their reasons.

mod lines;
mod shown;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Instant;

use simulator::cause::Cause;
use simulator::exchange::{Exchange, Exchanges};
use simulator::twilio::{Event, Routed, Twilio};
use simulator::world::World;

use shown::Shown;

/// The number of printed requests that stay in the record for the inspector.
const KEPT_EXCHANGES: usize = 500;

pub(crate) struct Log {
    twilio: Twilio,
    workspace_sid: String,
    exchanges: Exchanges,
    shown_exchanges: Shown,
    shown_deliveries: Shown,
    shown_sink_deliveries: Shown,
    /// The number of attempts already shown for each delivery to a sink that is still going on.
    shown_attempts: BTreeMap<usize, usize>,
    next_event: usize,
    next_route: usize,
}

/// Lines and their time. Entries are sorted by time.
type Entry = (Instant, String);

impl Log {
    /// A log of everything from now on.
    pub(crate) fn of(world: &World) -> Self {
        let twilio = world.twilio.clone();
        Self {
            workspace_sid: twilio.workspace_sid(),
            exchanges: world.exchanges.clone(),
            shown_exchanges: Shown::default(),
            shown_deliveries: Shown::default(),
            shown_sink_deliveries: Shown::default(),
            shown_attempts: BTreeMap::new(),
            next_event: twilio.event_count(),
            next_route: twilio.routes_from(0).last().map_or(0, |(number, _)| number + 1),
            twilio,
        }
    }

    /// Writes for as long as standard output is open.
    ///
    /// # Errors
    ///
    /// If standard output is closed.
    pub(crate) async fn run(&mut self) -> io::Result<()> {
        let (mut exchanged, mut delivered) = (self.exchanges.changed(), self.twilio.deliveries_changed());
        let (mut streamed, mut changed) = (self.twilio.sink_deliveries_changed(), self.twilio.changed());
        loop {
            self.write()?;
            let change = tokio::select! {
                change = exchanged.changed() => change,
                change = delivered.changed() => change,
                change = streamed.changed() => change,
                change = changed.changed() => change,
            };
            change.expect("the senders are in self");
        }
    }

    fn write(&mut self) -> io::Result<()> {
        // Read before the requests, since a request is answered no earlier than its events happen.
        let mut entries = self.events();
        entries.append(&mut self.requests());
        entries.sort_by_key(|(moment, _)| *moment);
        let mut out = anstream::stdout();
        for (_, lines) in entries {
            writeln!(out, "{lines}")?;
        }
        // An event is printed before its deliveries.
        if self.next_event == self.twilio.event_count() {
            for lines in self.deliveries() {
                writeln!(out, "{lines}")?;
            }
        }
        out.flush()
    }

    fn requests(&mut self) -> Vec<Entry> {
        let exchanges = self.exchanges.from(self.shown_exchanges.next).into_iter();
        let answered = exchanges.filter(|exchange| exchange.answer.is_some());
        let new: Vec<Exchange> = answered
            .filter(|exchange| self.shown_exchanges.is_new(exchange.number))
            .collect();
        // Exchanges hold whole bodies, so old exchanges are forgotten.
        self.exchanges
            .forget(self.shown_exchanges.next.saturating_sub(KEPT_EXCHANGES));
        let entry = |exchange: Exchange| (exchange.arrival, lines::request(&exchange, &self.workspace_sid));
        new.into_iter().map(entry).collect()
    }

    /// Events and routes up to the first whose request isn't applied yet. A request is printed before all its
    /// consequences.
    fn events(&mut self) -> Vec<Entry> {
        // Read before the events, since a route enters the record no earlier than its events.
        let routes = self.twilio.routes_from(self.next_route);
        let events = self.twilio.events_from(self.next_event);
        let events: Vec<&Event> = events.iter().take_while(|event| self.is_ripe(event.cause)).collect();
        let routes: Vec<&(usize, Routed)> = routes
            .iter()
            .take_while(|(_, routed)| self.is_ripe(routed.cause))
            .collect();
        self.next_event += events.len();
        self.next_route = routes.last().map_or(self.next_route, |(number, _)| number + 1);
        let events = events.into_iter().map(|event| (event.moment, lines::event(event)));
        let routes = routes
            .into_iter()
            .map(|(_, routed)| (routed.moment, lines::route(routed)));
        events.chain(routes).collect()
    }

    fn is_ripe(&self, cause: Option<Cause>) -> bool {
        let Some(Cause::Exchange(number)) = cause else {
            return true;
        };
        let cause = self.exchanges.get(number);
        cause.is_none_or(|exchange| exchange.applied || exchange.answer.is_some())
    }

    fn deliveries(&mut self) -> Vec<String> {
        let mut told = Vec::new();
        let first = self.shown_deliveries.next;
        for (number, delivery) in (first..).zip(self.twilio.deliveries_from(first)) {
            if delivery.done && self.shown_deliveries.is_new(number) {
                told.push(lines::delivery(&delivery));
            }
        }
        let first = self.shown_sink_deliveries.next;
        for (number, delivery) in (first..).zip(self.twilio.sink_deliveries_from(first)) {
            if delivery.is_over() && !self.shown_sink_deliveries.is_new(number) {
                continue;
            }
            let shown = self.shown_attempts.remove(&number).unwrap_or_default();
            let attempts = delivery.attempts[shown..].iter();
            told.extend(attempts.map(|attempt| lines::sink(&delivery, attempt)));
            if !delivery.is_over() {
                self.shown_attempts.insert(number, delivery.attempts.len());
            }
        }
        told
    }
}
