//! Faults of event deliveries.

use std::time::Duration;

use super::pending::{PendingDelivery, Wait};
use crate::fault::{Gate, Struck, Turns};
use crate::twilio::taskrouter::model::Event;

/// A rule that selects deliveries and gives them an effect. A delivery is a single event to a single callback.
///
/// A rule strikes the first matching delivery unless [`skip`](Self::skip), [`times`](Self::times) or
/// [`always`](Self::always) change that.
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

/// The order in which held deliveries are sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// The last delivery first.
    Reversed,
    /// A random order. The same seed gives the same order.
    Shuffled { seed: u64 },
}

impl Order {
    pub(crate) fn apply<T>(self, deliveries: &mut [T]) {
        match self {
            Self::Reversed => deliveries.reverse(),
            Self::Shuffled { seed } => fastrand::Rng::with_seed(seed).shuffle(deliveries),
        }
    }
}

impl DeliveryFault {
    /// Sends copies in addition to the delivery itself, with the same SID and idempotency token.
    pub fn duplicate(copies: usize) -> Self {
        Self::new(Effect::Duplicate(copies))
    }

    /// Delays the delivery.
    pub fn delay(time: Duration) -> Self {
        Self::new(Effect::Wait(Wait::Time(time)))
    }

    /// Holds the delivery until the gate is open.
    pub fn wait(gate: Gate) -> Self {
        Self::new(Effect::Wait(Wait::Gate(gate)))
    }

    /// Drops the delivery.
    pub fn lose() -> Self {
        Self::new(Effect::Lose)
    }

    /// Holds deliveries until there are `count`, then sends them in this order. Each delivery waits until the previous
    /// delivery is done, so they also arrive in this order. The rule strikes `count` deliveries. With
    /// [`always`](Self::always) it collects `count` again and again.
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

    /// Matches only events of this type.
    pub fn event_type(self, event_type: &str) -> Self {
        let event_type = event_type.to_owned();
        self.matching(move |event, _| event.event_type == event_type)
    }

    /// Matches only deliveries that the closure accepts. Its arguments are the event and the callback URL with the
    /// fragment. Replaces earlier conditions.
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

/// Deliveries to be sent in sequence.
pub(crate) type Batch = Vec<PendingDelivery>;

/// Deliveries held for reordering.
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
        self.order.apply(&mut batch);
        batch
    }
}

/// The rules for deliveries, in the order of their addition.
#[derive(Default)]
pub(crate) struct DeliveryFaults(Vec<DeliveryFault>);

impl DeliveryFaults {
    pub(crate) fn add(&mut self, fault: DeliveryFault) -> Struck {
        let struck = fault.turns.struck.clone();
        self.0.push(fault);
        struck
    }

    /// Removes all rules and releases the deliveries that they hold.
    pub(crate) fn clear(&mut self) -> Vec<Batch> {
        let faults = std::mem::take(&mut self.0).into_iter();
        faults
            .filter_map(|fault| match fault.effect {
                Effect::Reorder(mut buffer) => Some(buffer.release()),
                _ => None,
            })
            .collect()
    }

    /// Applies the rules to a delivery. Returns the batches to send now. Copies are made first, then each copy is held
    /// or delayed.
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
