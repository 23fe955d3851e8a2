//! The world and the stage: the play shows what happens in the world, and checks it.

pub(crate) mod acts;
mod case;
pub(crate) mod ending;
mod handing_over;
pub(crate) mod script;
pub(crate) mod stage;
mod stopped;
mod tables;
pub(crate) mod wires;

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use simulator::options::CLOSE_QUEUE;
use simulator::sqs::Message;
use simulator::twilio::{Reservation, ReservationStatus, Task};
use simulator::world::World;

use crate::members::{Members, compact};
use case::Case;
use stage::Stage;
use stopped::Stopped;

/// The longest wait for the queue of `auto-close`. A check then says what is missing.
const CLOSE_LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct Play {
    pub(crate) world: World,
    pub(crate) stage: Stage,
    deliveries_shown: usize,
    exchanges_shown: usize,
}

impl Play {
    pub(crate) fn new(world: World, stage: Stage) -> Self {
        Self {
            world,
            stage,
            deliveries_shown: 0,
            exchanges_shown: 0,
        }
    }

    /// Waits until the functions have handled every event. Shows the events with the functions' answers, and the
    /// functions' own requests, since the last call.
    pub(crate) async fn show_wires(&mut self) -> Result<(), Stopped> {
        self.settle().await;
        let deliveries = self.world.twilio.deliveries().split_off(self.deliveries_shown);
        self.deliveries_shown += deliveries.len();
        let exchanges = self.world.exchanges.all().split_off(self.exchanges_shown);
        self.exchanges_shown += exchanges.len();

        self.stage.gap()?;
        for event in wires::events(&deliveries) {
            self.stage.wire("event", &event.event_type, &event.answers)?;
        }
        for request in wires::requests(&exchanges) {
            self.stage.wire(request.upstream, &request.target, &request.outcome)?;
        }
        self.stage.gap()?;
        let refused: Vec<String> = deliveries.iter().filter_map(wires::refused).collect();
        if refused.is_empty() {
            return Ok(());
        }
        Err(broken("every event is answered with 204", "204", refused.join("; ")))
    }

    /// Waits until every event is handled, and every task that it may close is looked at. That causes further events.
    async fn settle(&self) {
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

    /// Shows a check that passed, or stops the play.
    pub(crate) fn check(&mut self, step: &str, expected: impl Display, came: impl Display) -> Result<(), Stopped> {
        let (expected, came) = (expected.to_string(), came.to_string());
        if expected != came {
            return Err(broken(step, expected, came));
        }
        Ok(self.stage.passed(step)?)
    }

    /// Checks that a session's custom data is exactly its task's flattened attributes.
    pub(crate) fn check_custom_data(&mut self, case: &Case) -> Result<(), Stopped> {
        let expected = case.expected_custom_data();
        let came = self.custom_data(case);
        let step = format!(
            "the session's custom_data is the task's attributes, flattened: {} keys",
            expected.len()
        );
        let differences = |these: &BTreeMap<String, String>, those: &BTreeMap<String, String>| {
            let differing = these.iter().filter(|(name, value)| those.get(*name) != Some(value));
            differing
                .map(|(name, value)| format!("{name} = {value}"))
                .collect::<Vec<_>>()
                .join("\n")
        };
        self.check(&step, differences(&expected, &came), differences(&came, &expected))
    }

    pub(crate) fn custom_data(&self, case: &Case) -> BTreeMap<String, String> {
        let data = self.world.session_api.custom_data(&case.session_id).unwrap_or_default();
        data.iter()
            .map(|(name, value)| (name.to_owned(), compact(value)))
            .collect()
    }

    /// The present state of the task.
    pub(crate) fn task(&self, case: &Case) -> Result<Task, Stopped> {
        self.world
            .twilio
            .task(&case.task_sid)
            .ok_or_else(|| broken("the task is there", &case.task_sid, "nothing"))
    }

    /// The reservation that offers the worker a task.
    pub(crate) fn offer(&self, task_sid: &str, worker_sid: &str) -> Result<Reservation, Stopped> {
        let task = self.world.twilio.task(task_sid);
        let mut reservations = task.into_iter().flat_map(|task| task.reservations);
        let pending = reservations.find(|reservation| reservation.status == ReservationStatus::Pending);
        match pending {
            Some(reservation) if reservation.worker_sid == worker_sid => Ok(reservation),
            other => {
                let came = other.map_or_else(|| "nobody".to_owned(), |other| other.worker_sid);
                Err(broken("the workflow routes the task to the worker", worker_sid, came))
            }
        }
    }

    /// Shows how the task was routed, with names in place of SIDs.
    pub(crate) fn show_route(&mut self, task_sid: &str) -> Result<(), Stopped> {
        let route = self.world.twilio.task(task_sid).and_then(|task| task.last_route);
        let mut text = route.map(|route| route.to_string()).unwrap_or_default();
        let twilio = &self.world.twilio;
        let queues = twilio.queues().into_iter().map(|queue| queue.sid);
        let workers = twilio.workers().into_iter().map(|worker| worker.sid);
        for sid in queues.chain(workers) {
            text = text.replace(&format!(" ({sid})"), "");
        }
        Ok(self.stage.outline(&text)?)
    }

    /// The task's present attributes.
    pub(crate) fn attributes(&self, case: &Case) -> Result<Members, Stopped> {
        let text = self.task(case)?.attributes;
        Members::parse(&text).map_err(|error| broken("the task's attributes are a JSON object", text, error))
    }
}

pub(crate) fn broken(step: &str, expected: impl Display, came: impl Display) -> Stopped {
    Stopped::Broken {
        step: step.to_owned(),
        expected: expected.to_string(),
        came: came.to_string(),
    }
}
