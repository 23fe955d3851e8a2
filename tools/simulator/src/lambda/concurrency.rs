//! Lambda's concurrency limits. A function with reserved concurrency has a share of its own and no more. All other
//! functions share the account's limit.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;

use super::function::Function;
use crate::lock::lock;

/// Lambda's default. A lower limit would lose events, since Twilio retries at once and its retries are throttled too.
const ACCOUNT_LIMIT: usize = 1_000;

/// The running invocations and their limits.
pub(super) struct Concurrency {
    counts: Mutex<Counts>,
    freed: watch::Sender<()>,
}

struct Counts {
    account_limit: usize,
    /// Reserved concurrency by function.
    reserved: BTreeMap<String, usize>,
    under_way: BTreeMap<String, usize>,
}

/// An invocation was throttled by this limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Throttled {
    Account,
    Function,
}

/// A permit for an invocation, until dropped.
pub(super) struct Permit {
    concurrency: Arc<Concurrency>,
    function: String,
}

impl Drop for Permit {
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

    /// Takes over the function's reserved concurrency.
    pub(super) fn deploy(&self, function: &Function) {
        let mut counts = lock(&self.counts);
        counts.reserved.remove(&function.name);
        let reserved = function.reserved_concurrency;
        counts
            .reserved
            .extend(reserved.map(|reserved| (function.name.clone(), reserved)));
    }

    /// A permit for another invocation, if the limits allow that.
    pub(super) fn admit(self: &Arc<Self>, function: &str) -> Result<Permit, Throttled> {
        let mut counts = lock(&self.counts);
        counts.check(function)?;
        *counts.under_way.entry(function.to_owned()).or_default() += 1;
        Ok(Permit {
            concurrency: Arc::clone(self),
            function: function.to_owned(),
        })
    }

    /// Waits for a permit.
    pub(super) async fn permit(self: &Arc<Self>, function: &str) -> Permit {
        let mut freed = self.freed.subscribe();
        loop {
            if let Ok(permit) = self.admit(function) {
                return permit;
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
    /// The `Reason` of Lambda's answer.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Account => "ConcurrentInvocationLimitExceeded",
            Self::Function => "ReservedFunctionConcurrentInvocationLimitExceeded",
        }
    }
}
