//! The play: three conversations, with a check of each step.

mod case;
mod chat;
mod checks;
mod conversations;
mod dialogue;
pub(crate) mod ending;
mod handing_over;
mod invoking;
mod promises;
mod rival;
pub(crate) mod script;
mod speaker;
pub(crate) mod stage;
mod stopped;
mod tables;
pub(crate) mod wires;
mod wording;

pub(crate) use conversations::all;

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io;
use std::time::{Duration, Instant};

use simulator::options::CLOSE_QUEUE;
use simulator::sqs::Message;
use simulator::world::World;

use stage::{Row, Stage};
use stopped::{Stopped, broken};

/// The longest wait for the queue of `auto-close`. A check then says what is missing.
const CLOSE_LIMIT: Duration = Duration::from_secs(30);

/// The simulated world and the output.
pub(crate) struct Play {
    pub(crate) world: World,
    pub(crate) stage: Stage,
    /// Whether the output has every event, request and check.
    shows_wires: bool,
    began: Instant,
    passed: usize,
    deliveries_seen: usize,
    exchanges_seen: usize,
    /// The remarks that were already shown, since each is shown only once.
    remarks_shown: BTreeSet<&'static str>,
}

impl Play {
    pub(crate) fn new(world: World, stage: Stage, shows_wires: bool) -> Self {
        Self {
            world,
            stage,
            shows_wires,
            began: Instant::now(),
            passed: 0,
            deliveries_seen: 0,
            exchanges_seen: 0,
            remarks_shown: BTreeSet::new(),
        }
    }

    /// Waits until the functions have handled every event. With `--wires`, shows the events since the last call with
    /// the functions' answers and own requests.
    async fn settle(&mut self) -> Result<(), Stopped> {
        self.wait().await;
        let deliveries = self.world.twilio.deliveries().split_off(self.deliveries_seen);
        self.deliveries_seen += deliveries.len();
        let exchanges = self.world.exchanges.all().split_off(self.exchanges_seen);
        self.exchanges_seen += exchanges.len();
        if self.shows_wires {
            for event in wires::events(&deliveries) {
                self.stage.wire("event", &event.event_type, &event.answers)?;
            }
            for request in wires::requests(&exchanges) {
                self.stage.wire(request.upstream, &request.target, &request.outcome)?;
            }
            for remark in wires::remarks(&exchanges) {
                if self.remarks_shown.insert(remark) {
                    self.stage.remark(remark)?;
                }
            }
        }
        let refused: Vec<String> = deliveries.iter().filter_map(wires::refused).collect();
        if refused.is_empty() {
            return Ok(());
        }
        Err(broken("every event is answered with 204", "204", refused.join("; ")))
    }

    /// Waits until every event is handled and `auto-close` has looked at every task. That look causes further events.
    async fn wait(&self) {
        loop {
            self.world.twilio.events_settled().await;
            if self.world.sqs.messages(CLOSE_QUEUE).is_empty() {
                return;
            }
            let emptied = self.world.sqs.wait_for(CLOSE_QUEUE, <[Message]>::is_empty, CLOSE_LIMIT);
            if emptied.await.is_none() {
                return;
            }
        }
    }

    /// Shows a paragraph, but only with `--wires`.
    fn narrate(&mut self, text: &str) -> io::Result<()> {
        if self.shows_wires {
            self.stage.tell(text)
        } else {
            Ok(())
        }
    }

    /// Shows a table, but only with `--wires`.
    fn table(&mut self, rows: &[Row]) -> io::Result<()> {
        if self.shows_wires {
            self.stage.table(rows)
        } else {
            Ok(())
        }
    }

    /// Stops the play unless the check passes. Only `--wires` shows a check that passed.
    fn check(&mut self, step: &str, expected: impl Display, came: impl Display) -> Result<(), Stopped> {
        let (expected, came) = (expected.to_string(), came.to_string());
        if expected != came {
            return Err(broken(step, expected, came));
        }
        self.passed += 1;
        if self.shows_wires {
            self.stage.passed(step)?;
        }
        Ok(())
    }
}
