//! Faults between a function and an upstream.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use tokio::sync::watch;

use crate::exchange::{Answer, Upstream};
use crate::late_requests::LateRequests;
use crate::lock::lock;

/// The effect of a fault, before or after the upstream applies the request.
#[derive(Clone)]
pub enum Effect {
    /// Runs code, such as another writer that changes the task between a read and a write.
    Run(Arc<dyn Fn() + Send + Sync>),
    /// Delays the request. The delay goes on even if the caller leaves.
    Delay(Duration),
    /// Sends this answer in place of the upstream's own.
    Answer(Answer),
    /// Changes the upstream's answer. Does nothing without an answer.
    Rewrite(Arc<dyn Fn(Answer) -> Answer + Send + Sync>),
    /// Holds the request until the gate is open.
    Wait(Gate),
    /// Never answers and keeps the connection open.
    Hang,
    /// Resets the connection (TCP RST).
    Reset,
    /// Resets the connection and applies the request after this many further requests of the world, like a request
    /// stuck on its way. If the request was already applied, the effect is only a reset.
    Late(usize),
}

impl Effect {
    pub fn run(code: impl Fn() + Send + Sync + 'static) -> Self {
        Self::Run(Arc::new(code))
    }

    pub fn rewrite(change: impl Fn(Answer) -> Answer + Send + Sync + 'static) -> Self {
        Self::Rewrite(Arc::new(change))
    }
}

/// Holds requests until opened, so that a test can decide their order. Clones are the same gate.
#[derive(Clone, Debug, Default)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    /// Lets everything through from now on.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(crate) async fn opened(&self) {
        let opened = self.0.subscribe().wait_for(|open| *open).await.map(drop);
        opened.expect("the sender is in self");
    }
}

/// A rule that selects requests and gives them an effect.
///
/// A fault strikes the first matching request unless [`skip`](Self::skip), [`times`](Self::times) or
/// [`always`](Self::always) change that.
pub struct Fault {
    label: String,
    upstream: Upstream,
    method: Option<Method>,
    path: Box<dyn Fn(&str) -> bool + Send + Sync>,
    turns: Turns,
    before: Option<Effect>,
    after: Option<Effect>,
}

impl Fault {
    /// A fault on any request to `upstream`, without an effect yet.
    pub fn at(upstream: Upstream) -> Self {
        Self {
            label: String::new(),
            upstream,
            method: None,
            path: Box::new(|_| true),
            turns: Turns::times(1),
            before: None,
            after: None,
        }
    }

    /// Describes the fault in lists of faults.
    pub fn label(self, label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..self
        }
    }

    /// Matches only requests with this method.
    pub fn method(self, method: Method) -> Self {
        Self {
            method: Some(method),
            ..self
        }
    }

    /// Matches only requests whose percent-encoded path `matches` accepts.
    pub fn path(self, matches: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self {
            path: Box::new(matches),
            ..self
        }
    }

    /// Matches only requests whose path ends with `end`.
    pub fn path_ends_with(self, end: impl Into<String>) -> Self {
        let end = end.into();
        self.path(move |path| path.ends_with(&end))
    }

    /// Lets the first `count` matching requests pass unharmed.
    pub fn skip(mut self, count: usize) -> Self {
        self.turns.skip = count;
        self
    }

    /// Strikes `count` matching requests. The default is 1.
    pub fn times(mut self, count: usize) -> Self {
        self.turns.times = count;
        self
    }

    /// Strikes every matching request.
    pub fn always(self) -> Self {
        self.times(usize::MAX)
    }

    /// Takes effect just before the request is applied. An answer, a hang or a reset then prevents the application.
    pub fn before(self, effect: Effect) -> Self {
        Self {
            before: Some(effect),
            ..self
        }
    }

    /// Takes effect after the request was applied and before its answer is sent.
    pub fn after(self, effect: Effect) -> Self {
        Self {
            after: Some(effect),
            ..self
        }
    }

    fn armed(&self) -> Armed {
        let struck = self.turns.struck.count();
        Armed {
            label: self.label.clone(),
            struck,
            left: (self.turns.times < usize::MAX).then(|| self.turns.times.saturating_sub(struck)),
        }
    }

    fn strikes(&self, upstream: Upstream, method: &Method, path: &str) -> bool {
        self.upstream == upstream
            && self.method.as_ref().is_none_or(|wanted| wanted == method)
            && (self.path)(path)
            && self.turns.next_strikes()
    }
}

/// Counts a rule's matches and selects those that are struck.
pub(crate) struct Turns {
    pub(crate) skip: usize,
    pub(crate) times: usize,
    seen: AtomicUsize,
    pub(crate) struck: Struck,
}

impl Turns {
    /// Strikes the first `times` matches.
    pub(crate) fn times(times: usize) -> Self {
        Self {
            skip: 0,
            times,
            seen: AtomicUsize::default(),
            struck: Struck::default(),
        }
    }

    /// Counts another match. True if the match is struck.
    pub(crate) fn next_strikes(&self) -> bool {
        let place = self.seen.fetch_add(1, Ordering::Relaxed);
        let strikes = place >= self.skip && place - self.skip < self.times;
        if strikes {
            self.struck.0.fetch_add(1, Ordering::Relaxed);
        }
        strikes
    }
}

/// The number of times a fault has struck. A test that relies on the fault can check the number.
#[derive(Clone, Debug, Default)]
pub struct Struck(Arc<AtomicUsize>);

impl Struck {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// A fault with the number of its strikes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Armed {
    pub label: String,
    pub struck: usize,
    /// The number of strikes left. None if there is no limit.
    pub left: Option<usize>,
}

/// The faults of a world. Clones share them.
#[derive(Clone, Default)]
pub struct Faults {
    rules: Arc<Mutex<Vec<Fault>>>,
    changed: watch::Sender<()>,
    pub(crate) late: LateRequests,
}

impl Faults {
    /// Adds a fault. Each fault counts requests for itself. Several faults on the same request take effect in the order
    /// in which they were added, until an effect ends the request.
    pub fn add(&self, fault: Fault) -> Struck {
        let struck = fault.turns.struck.clone();
        self.with(|faults| faults.push(fault));
        self.changed.send_replace(());
        struck
    }

    /// Removes all faults. Effects in progress go on.
    pub fn clear(&self) {
        self.with(Vec::clear);
        self.changed.send_replace(());
    }

    /// The faults in the order in which they were added. Faults without strikes left are included.
    pub fn armed(&self) -> Vec<Armed> {
        self.with(|faults| faults.iter().map(Fault::armed).collect())
    }

    /// Changes whenever a fault is added or removed. A strike is a change of the exchanges.
    pub fn changed(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// The effects on this request. Every matching fault counts the request.
    pub(crate) fn strike(&self, upstream: Upstream, method: &Method, path: &str) -> Strike {
        self.with(|faults| {
            let mut strike = Strike::default();
            for fault in faults.iter().filter(|fault| fault.strikes(upstream, method, path)) {
                strike.before.extend(fault.before.clone());
                strike.after.extend(fault.after.clone());
            }
            strike
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Vec<Fault>) -> T) -> T {
        change(&mut lock(&self.rules))
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with(|faults| formatter.debug_struct("Faults").field("count", &faults.len()).finish())
    }
}

/// The effects on a request.
#[derive(Default)]
pub(crate) struct Strike {
    pub(crate) before: Vec<Effect>,
    pub(crate) after: Vec<Effect>,
}
