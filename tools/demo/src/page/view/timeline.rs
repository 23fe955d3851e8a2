//! The timeline: actions, the events that they caused, the deliveries, and the functions' requests.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::Value;
use simulator::cause::Cause;
use simulator::exchange::{Exchange, Upstream};
use simulator::lambda::Invoked;
use simulator::twilio::{Delivery, Event, Outcome as DeliveryOutcome};
use simulator::world::{HANDOFF, REPLY, RESOLVE};

use super::entry::{Entry, Id, Kind, Outcome, milliseconds};
use super::{purpose, queued};
use crate::page::record::desk::Desk;
use crate::page::record::doings::Done;
use crate::page::record::origins::Origin;
use crate::play::wires;

/// The number of newest entries that the page gets.
const SHOWN: usize = 400;

/// All records at one moment.
pub(crate) struct Timeline<'d> {
    desk: &'d Desk,
    doings: Vec<Done>,
    events: Vec<Event>,
    deliveries: Vec<Delivery>,
    invocations: Vec<Arc<Invoked>>,
    exchanges: Vec<Exchange>,
    origins: HashMap<String, Origin>,
    /// The index of each event, by its SID and by its idempotency token.
    event_places: HashMap<String, usize>,
    /// The index of the first delivery of each event to each function.
    delivery_places: HashMap<(String, String), usize>,
}

impl<'d> Timeline<'d> {
    pub(crate) fn new(desk: &'d Desk) -> Self {
        let world = &desk.world;
        // Effects are read before their causes, so that no entry lacks its cause.
        let exchanges = world.exchanges.all();
        let origins = desk.origins.of_requests(&world.lambda);
        let invocations = world.lambda.invocations();
        let deliveries = world.twilio.deliveries();
        let events = world.twilio.events();
        let doings = desk.doings.all();
        let event_places = events.iter().enumerate().flat_map(|(place, event)| {
            let keys = [event.sid.clone(), event.idempotency_token.clone()];
            keys.map(|key| (key, place))
        });
        let mut delivery_places = HashMap::new();
        for (place, delivery) in deliveries.iter().enumerate() {
            let key = (delivery.event_sid.clone(), wires::function(delivery).to_owned());
            delivery_places.entry(key).or_insert(place);
        }
        Self {
            event_places: event_places.collect(),
            delivery_places,
            desk,
            doings,
            events,
            deliveries,
            invocations,
            exchanges,
            origins,
        }
    }

    /// The newest entries, in the order of their times.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let doings = self
            .doings
            .iter()
            .enumerate()
            .map(|(place, done)| self.action(place, done));
        let events = self
            .events
            .iter()
            .enumerate()
            .map(|(place, event)| self.event(place, event));
        let deliveries = self.deliveries.iter().enumerate();
        let deliveries = deliveries.map(|(place, delivery)| self.delivery(place, delivery));
        let invocations = self.invocations.iter().enumerate();
        // An invocation of a webhook is shown as the delivery that caused it.
        let invocations = invocations.filter(|(_, invoked)| self.is_invoke(invoked));
        let invocations = invocations.map(|(place, invoked)| self.invocation(place, invoked));
        let requests = self.exchanges.iter().enumerate();
        let requests = requests.map(|(place, exchange)| self.request(place, exchange));
        let mut entries: Vec<(Instant, Entry)> = doings
            .chain(events)
            .chain(deliveries)
            .chain(invocations)
            .chain(requests)
            .collect();
        entries.sort_by_key(|(moment, _)| *moment);
        let older = entries.len().saturating_sub(SHOWN);
        entries.into_iter().skip(older).map(|(_, entry)| entry).collect()
    }

    fn is_invoke(&self, invoked: &Invoked) -> bool {
        matches!(self.origins.get(&invoked.request_id), Some(Origin::Invoke(_)))
    }

    fn entry(&self, id: Id, kind: Kind, moment: Instant) -> Entry {
        Entry {
            id,
            kind,
            at: self.desk.time(moment),
            ms: None,
            from: String::new(),
            to: String::new(),
            title: String::new(),
            method: None,
            path: None,
            status: None,
            outcome: Outcome::Ok,
            problem: None,
            task: None,
            cause: None,
        }
    }

    fn action(&self, place: usize, done: &Done) -> (Instant, Entry) {
        let outcome = match &done.ended {
            None => Outcome::Pending,
            Some((_, None)) => Outcome::Ok,
            Some((_, Some(problem))) => Outcome::of_status(problem.status.as_u16()),
        };
        let problem = done.ended.as_ref().and_then(|(_, problem)| problem.as_ref());
        let entry = Entry {
            ms: done.ended.as_ref().map(|(duration, _)| milliseconds(*duration)),
            problem: problem.map(|problem| problem.message().to_owned()),
            from: done.doing.who.clone(),
            to: done.doing.to.to_owned(),
            title: done.doing.what.clone(),
            outcome,
            task: done.doing.task.clone().or_else(|| self.task_from_action(place)),
            ..self.entry(Id::Action(place), Kind::Action, done.moment)
        };
        (done.moment, entry)
    }

    /// The task that a customer's arrival created.
    fn task_from_action(&self, place: usize) -> Option<String> {
        let cause = Some(Cause::Own(place));
        task_of(self.events.iter().find(|event| event.cause == cause)?)
    }

    fn event(&self, place: usize, event: &Event) -> (Instant, Entry) {
        let cause = event.cause.map(|cause| match cause {
            Cause::Own(place) => Id::Action(place),
            Cause::Exchange(place) => Id::Request(place),
        });
        let entry = Entry {
            from: "TaskRouter".to_owned(),
            to: "event callbacks".to_owned(),
            title: event.event_type.clone(),
            task: task_of(event),
            cause,
            ..self.entry(Id::Event(place), Kind::Event, event.moment)
        };
        (event.moment, entry)
    }

    fn delivery(&self, place: usize, delivery: &Delivery) -> (Instant, Entry) {
        let last = delivery.attempts.last().map(|attempt| &attempt.outcome);
        let status = match last {
            Some(DeliveryOutcome::Answered { status, .. }) => Some(*status),
            _ => None,
        };
        let took: Duration = delivery.attempts.iter().map(|attempt| attempt.duration).sum();
        let function = wires::function(delivery);
        let event = self.event_places.get(&delivery.event_sid).copied();
        let entry = Entry {
            ms: last.map(|_| milliseconds(took)),
            from: "TaskRouter".to_owned(),
            to: function.to_owned(),
            title: delivery.event_type.clone(),
            method: Some("POST".to_owned()),
            path: Some(format!("/{function}")),
            status,
            outcome: match last {
                // After a failure, another attempt may follow.
                Some(_) if delivery.done => status.map_or(Outcome::Failed, Outcome::of_status),
                _ => Outcome::Pending,
            },
            task: event.and_then(|place| task_of(&self.events[place])),
            cause: event.map(Id::Event),
            ..self.entry(Id::Delivery(place), Kind::Delivery, delivery.set_out)
        };
        (delivery.set_out, entry)
    }

    fn invocation(&self, place: usize, invoked: &Invoked) -> (Instant, Entry) {
        let cause = match invoked.cause {
            Some(Cause::Own(place)) => Some(Id::Action(place)),
            _ => self.message_of(invoked).map(Id::Request),
        };
        let outcome = match &invoked.ended {
            None => Outcome::Pending,
            Some(ended) if ended.function_error.is_none() => Outcome::Ok,
            Some(ended) => match json(&ended.payload)["errorType"].as_str() {
                Some("Unavailable") | None => Outcome::Failed,
                Some(error_type) if error_type.contains('.') => Outcome::Failed,
                Some(_) => Outcome::Refused,
            },
        };
        let entry = Entry {
            ms: invoked.ended.as_ref().map(|ended| milliseconds(ended.duration)),
            from: caller(invoked).to_owned(),
            to: invoked.function.clone(),
            title: "invokes the function".to_owned(),
            outcome,
            task: task_of_invoke(invoked),
            cause,
            ..self.entry(Id::Invocation(place), Kind::Invocation, invoked.moment)
        };
        (invoked.moment, entry)
    }

    fn request(&self, place: usize, exchange: &Exchange) -> (Instant, Entry) {
        let cause = self.cause_of_request(exchange);
        let status = exchange.status().map(|status| status.as_u16());
        let entry = Entry {
            ms: exchange.duration.map(milliseconds),
            from: self.sender(exchange),
            to: purpose::name(exchange.upstream).to_owned(),
            title: purpose::of(exchange).to_owned(),
            method: Some(exchange.method.to_string()),
            path: Some(wires::short_path(&exchange.path)),
            status,
            outcome: match status {
                // The answer only opens a connection.
                Some(_) if exchange.method == Method::HEAD => Outcome::Ok,
                _ => status.map_or(Outcome::Pending, Outcome::of_status),
            },
            task: self.task_of_cause(cause),
            cause,
            ..self.entry(Id::Request(place), Kind::Request, exchange.arrival)
        };
        (exchange.arrival, entry)
    }

    fn sender(&self, exchange: &Exchange) -> String {
        let of_queue = || Some(self.invocation_behind(exchange)?.function.clone());
        let sender = purpose::sender(exchange).map(str::to_owned).or_else(of_queue);
        sender.unwrap_or_else(|| purpose::unnamed_sender(exchange).to_owned())
    }

    /// A request that a function sends at its start belongs to no invocation, and names none.
    fn cause_of_request(&self, exchange: &Exchange) -> Option<Id> {
        let request_id = match exchange.header("x-request-id") {
            Some(id) => id,
            None => &self.invocation_behind(exchange)?.request_id,
        };
        if let Some(action) = request_id.strip_prefix("action-") {
            return action.parse().ok().map(Id::Action);
        }
        match self.origins.get(request_id)? {
            Origin::Invoke(place) => Some(Id::Invocation(*place)),
            Origin::Delivery { token, function } => {
                let event = &self.events[*self.event_places.get(token)?];
                let delivery = (event.sid.clone(), function.clone());
                self.delivery_places.get(&delivery).map(|place| Id::Delivery(*place))
            }
        }
    }

    /// The invocation that sent a message to a queue.
    fn invocation_behind(&self, exchange: &Exchange) -> Option<&Invoked> {
        let task_of = |invoked: &Invoked| match self.origins.get(&invoked.request_id)? {
            Origin::Invoke(_) => task_of_invoke(invoked),
            Origin::Delivery { token, .. } => task_of(&self.events[*self.event_places.get(token)?]),
        };
        let is_to_queue = exchange.upstream == Upstream::Sqs;
        let sender = is_to_queue.then(|| queued::sender_of(&self.invocations, task_of, exchange))?;
        sender.map(Arc::as_ref)
    }

    /// The request that sent the message which an invocation received.
    fn message_of(&self, invoked: &Invoked) -> Option<usize> {
        let task_sid = task_of_invoke(invoked)?;
        queued::sent_to(&self.exchanges, &invoked.function, &task_sid, invoked.moment)
    }

    fn task_of_cause(&self, cause: Option<Id>) -> Option<String> {
        match cause? {
            Id::Delivery(place) => {
                let event = self.event_places.get(&self.deliveries[place].event_sid)?;
                task_of(&self.events[*event])
            }
            Id::Invocation(place) => task_of_invoke(&self.invocations[place]),
            Id::Action(place) => self.doings[place].doing.task.clone(),
            Id::Event(_) | Id::Request(_) => None,
        }
    }
}

fn task_of(event: &Event) -> Option<String> {
    let mut fields = event.fields.iter();
    fields.find(|(name, _)| name == "TaskSid").map(|(_, sid)| sid.clone())
}

/// The task of an action, or of the first message of a batch.
fn task_of_invoke(invoked: &Invoked) -> Option<String> {
    queued::task_in(&String::from_utf8_lossy(&invoked.payload)).map(str::to_owned)
}

fn caller(invoked: &Invoked) -> &'static str {
    match invoked.function.as_str() {
        HANDOFF | RESOLVE | REPLY => "AI platform",
        _ => "SQS",
    }
}

pub(crate) fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}
