//! Handlers of the requests that change the world: a visitor plays the customer, the AI, the rep or the operator.

pub(crate) mod ai;
pub(crate) mod customers;
pub(crate) mod editor;
pub(crate) mod faults;
pub(crate) mod handoff;
pub(crate) mod rep;
