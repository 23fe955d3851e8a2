//! What can happen to an event on its way to a callback, on demand.

use std::time::Duration;

use super::pending::{PendingDelivery, Wait};
use crate::fault::{Gate, Struck, Turns};
use crate::twilio::taskrouter::model::Event;

/// A rule: which deliveries it strikes, and what happens to them. One delivery is one event to one callback.
///
/// It strikes the first delivery that it matches, unless [`skip`](Self::skip), [`times`](Self::times) or
/// [`always`](Self::always) say otherwise.
pub struct DeliveryFault {
    matches: Box<Matches>,
    turns: Turns,
    effect: Effect,
}

type Matches = dyn Fn(&Event, &str) -> bool + Send + Sync;

enum Effect {
    Duplicate(usize),
    Wait(Wait),
    Reorder(Buffer),
    Lose,
}

/// In what order deliveries set out that were held back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// The last one first.
    Reversed,
    /// By chance, and the same for the same seed.
    Shuffled { seed: u64 },
}

impl DeliveryFault {
    /// Sends that many copies beside the delivery itself, with the same SID and idempotency token.
    pub fn duplicate(copies: usize) -> Self {
        Self::new(Effect::Duplicate(copies))
    }

    /// Lets the delivery set out that much later.
    pub fn delay(time: Duration) -> Self {
        Self::new(Effect::Wait(Wait::Time(time)))
    }

    /// Lets the delivery set out once the gate is open.
    pub fn wait(gate: Gate) -> Self {
        Self::new(Effect::Wait(Wait::Gate(gate)))
    }

    /// Lets the delivery never set out.
    pub fn lose() -> Self {
        Self::new(Effect::Lose)
    }

    /// Holds deliveries until there are `count`, and lets them set out in this order, each of them once the one before was
    /// answered or given up, so that they arrive in this order too. It strikes `count` deliveries, and with
    /// [`always`](Self::always) holds as many again and again.
    pub fn reorder(count: usize, order: Order) -> Self {
        let buffer = Buffer {
            count,
            order,
            held: Vec::new(),
        };
        Self::new(Effect::Reorder(buffer)).times(count)
    }

    fn new(effect: Effect) -> Self {
        Self {
            matches: Box::new(|_, _| true),
            turns: Turns::times(1),
            effect,
        }
    }

    /// Only events of this type.
    pub fn event_type(self, event_type: &str) -> Self {
        let event_type = event_type.to_owned();
        self.matching(move |event, _| event.event_type == event_type)
    }

    /// Only deliveries whose event and callback URL, with its fragment, match. Takes the place of what was matched so far.
    pub fn matching(mut self, matches: impl Fn(&Event, &str) -> bool + Send + Sync + 'static) -> Self {
        self.matches = Box::new(matches);
        self
    }

    /// Lets the first `count` matching deliveries pass.
    pub fn skip(mut self, count: usize) -> Self {
        self.turns.skip = count;
        self
    }

    /// Strikes `count` matching deliveries.
    pub fn times(mut self, count: usize) -> Self {
        self.turns.times = count;
        self
    }

    /// Strikes every matching delivery.
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    fn strikes(&self, delivery: &PendingDelivery) -> bool {
        (self.matches)(&delivery.event, &delivery.callback.registered) && self.turns.next_strikes()
    }
}

/// Deliveries of which each sets out once the one before is done.
pub(crate) type Batch = Vec<PendingDelivery>;

/// Deliveries that are held back.
struct Buffer {
    count: usize,
    order: Order,
    held: Vec<PendingDelivery>,
}

impl Buffer {
    fn hold(&mut self, deliveries: Vec<PendingDelivery>) -> Option<Batch> {
        self.held.extend(deliveries);
        (self.held.len() >= self.count).then(|| self.release())
    }

    fn release(&mut self) -> Batch {
        let mut batch = std::mem::take(&mut self.held);
        match self.order {
            Order::Reversed => batch.reverse(),
            Order::Shuffled { seed } => fastrand::Rng::with_seed(seed).shuffle(&mut batch),
        }
        batch
    }
}

/// The rules for deliveries, in the order in which they were added.
#[derive(Default)]
pub(crate) struct DeliveryFaults(Vec<DeliveryFault>);

impl DeliveryFaults {
    pub(crate) fn add(&mut self, fault: DeliveryFault) -> Struck {
        let struck = fault.turns.struck.clone();
        self.0.push(fault);
        struck
    }

    /// Removes all rules, and lets go what they hold.
    pub(crate) fn clear(&mut self) -> Vec<Batch> {
        let faults = std::mem::take(&mut self.0).into_iter();
        faults
            .filter_map(|fault| match fault.effect {
                Effect::Reorder(mut buffer) => Some(buffer.release()),
                _ => None,
            })
            .collect()
    }

    /// What sets out now that there is this delivery. Its copies are made first, each is held where a rule says so, and
    /// then waits.
    pub(crate) fn strike(&mut self, mut delivery: PendingDelivery) -> Vec<Batch> {
        let (mut copies, mut waits, mut buffer) = (0, Vec::new(), None);
        for fault in self.0.iter_mut().filter(|fault| fault.strikes(&delivery)) {
            match &mut fault.effect {
                Effect::Lose => return Vec::new(),
                Effect::Duplicate(more) => copies += *more,
                Effect::Wait(wait) => waits.push(wait.clone()),
                Effect::Reorder(into) => buffer = Some(into),
            }
        }
        delivery.waits = waits;
        let deliveries = vec![delivery; copies + 1];
        match buffer {
            Some(buffer) => buffer.hold(deliveries).into_iter().collect(),
            None => deliveries.into_iter().map(|delivery| vec![delivery]).collect(),
        }
    }
}
