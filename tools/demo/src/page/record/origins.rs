//! Finds the delivery or the invocation that a function's request belongs to.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::Value;
use simulator::lambda::{Invoked, LambdaHost};
use simulator::lock::lock;

/// The cause of an invocation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// An event that was delivered to this function, by its idempotency token.
    Delivery { token: String, function: String },
    /// A direct invocation, by its place among all invocations.
    Invoke(usize),
}

/// The origin of each invocation, by the request id that its requests carry.
#[derive(Default)]
pub(crate) struct Origins(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// The number of invocations that were read. Their origins don't change.
    seen: usize,
    by_request_id: HashMap<String, Origin>,
}

impl Origins {
    pub(crate) fn of_requests(&self, lambda: &LambdaHost) -> HashMap<String, Origin> {
        let invocations = lambda.invocations();
        let mut known = lock(&self.0);
        for (place, invoked) in invocations.iter().enumerate().skip(known.seen) {
            known
                .by_request_id
                .insert(invoked.request_id.clone(), origin(place, invoked));
        }
        known.seen = known.seen.max(invocations.len());
        known.by_request_id.clone()
    }
}

fn origin(place: usize, invoked: &Invoked) -> Origin {
    let payload: Value = serde_json::from_slice(&invoked.payload).unwrap_or_default();
    match payload["headers"]["i-twilio-idempotency-token"].as_str() {
        Some(token) => Origin::Delivery {
            token: token.to_owned(),
            function: invoked.function.clone(),
        },
        None => Origin::Invoke(place),
    }
}
