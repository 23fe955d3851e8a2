//! How many invocations run at once, as Lambda limits it: an account's functions share its limit, but for those with
//! concurrency of their own, which is reserved to them and is no more than that.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::Function;
use crate::lock::lock;

/// Lambda's own. A lower one would lose events: Twilio's retries follow at once, and are throttled too.
const ACCOUNT_LIMIT: usize = 1_000;

/// What is under way, and what may be.
pub(super) struct Concurrency {
    counts: Mutex<Counts>,
    freed: watch::Sender<()>,
}

struct Counts {
    account_limit: usize,
    /// By function.
    reserved: BTreeMap<String, usize>,
    under_way: BTreeMap<String, usize>,
}

/// There was no room for an invocation, and whose limit was reached.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Throttled {
    Account,
    Function,
}

/// Room for one invocation, until it is dropped.
pub(super) struct Room {
    concurrency: Arc<Concurrency>,
    function: String,
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(count) = lock(&self.concurrency.counts).under_way.get_mut(&self.function) {
            *count -= 1;
        }
        self.concurrency.freed.send_replace(());
    }
}

impl Default for Concurrency {
    fn default() -> Self {
        Self {
            counts: Mutex::new(Counts {
                account_limit: ACCOUNT_LIMIT,
                reserved: BTreeMap::new(),
                under_way: BTreeMap::new(),
            }),
            freed: watch::Sender::default(),
        }
    }
}

impl Concurrency {
    pub(super) fn limit_account(&self, limit: usize) {
        lock(&self.counts).account_limit = limit;
        self.freed.send_replace(());
    }

    /// Takes over what is reserved to a function, if anything.
    pub(super) fn deploy(&self, function: &Function) {
        let mut counts = lock(&self.counts);
        counts.reserved.remove(&function.name);
        let reserved = function.reserved_concurrency;
        counts
            .reserved
            .extend(reserved.map(|reserved| (function.name.clone(), reserved)));
    }

    /// Room for one more invocation of a function, if there is any.
    pub(super) fn admit(self: &Arc<Self>, function: &str) -> Result<Room, Throttled> {
        let mut counts = lock(&self.counts);
        counts.check(function)?;
        *counts.under_way.entry(function.to_owned()).or_default() += 1;
        Ok(Room {
            concurrency: Arc::clone(self),
            function: function.to_owned(),
        })
    }

    /// Waits for room.
    pub(super) async fn room(self: &Arc<Self>, function: &str) -> Room {
        let mut freed = self.freed.subscribe();
        loop {
            if let Ok(room) = self.admit(function) {
                return room;
            }
            freed.changed().await.expect("the sender is in self");
        }
    }
}

impl Counts {
    fn check(&self, function: &str) -> Result<(), Throttled> {
        let under_way = |name: &str| self.under_way.get(name).copied().unwrap_or_default();
        if let Some(reserved) = self.reserved.get(function) {
            return if under_way(function) < *reserved {
                Ok(())
            } else {
                Err(Throttled::Function)
            };
        }
        let others = self.under_way.keys().filter(|name| !self.reserved.contains_key(*name));
        let unreserved = self.account_limit.saturating_sub(self.reserved.values().sum());
        if others.map(|name| under_way(name)).sum::<usize>() < unreserved {
            Ok(())
        } else {
            Err(Throttled::Account)
        }
    }
}

impl Throttled {
    /// Lambda's own word for it.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Account => "ConcurrentInvocationLimitExceeded",
            Self::Function => "ReservedFunctionConcurrentInvocationLimitExceeded",
        }
    }
}
