//! Releases requests one by one in the order of a schedule.

use std::future::{Future, pending};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep};

use super::schedule::Schedule;
use crate::fault::{Applied, Fault};
use crate::network::{Call, Steering};

/// Time passes only when nothing else can happen.
const REST: Duration = Duration::from_millis(1);

/// The length of a hold-up. A hold-up is longer than runs wait for each other before they post a note, and shorter than
/// a function's timeout of a request.
const HOLD_UP: Duration = Duration::from_millis(2_600);

/// Twilio applies a request within this time.
const LATEST: Duration = Duration::from_secs(4);

/// A schedule's limits for unusual steps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// Switches away from a process that could continue.
    pub(crate) preemptions: u32,
    /// Requests with a fault.
    pub(crate) faults: u32,
    /// Hold-ups of all requests.
    pub(crate) hold_ups: u32,
    /// Whether reads may have faults too.
    pub(crate) faults_at_reads: bool,
}

impl Budget {
    /// No unusual steps: processes run one after the other.
    pub(crate) const NONE: Self = Self {
        preemptions: 0,
        faults: 0,
        hold_ups: 0,
        faults_at_reads: false,
    };
}

/// The waiting requests. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Queue(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Vec<Waiting>>,
    arrived: Notify,
}

struct Waiting {
    call: Call,
    since: Instant,
    go: oneshot::Sender<Option<Fault>>,
}

/// A possible next step.
enum Step {
    /// The request at this index continues.
    Go(usize, Option<Fault>),
    HoldUp,
}

impl Queue {
    /// Steering that holds each request until the schedule releases it.
    pub(crate) fn steering(&self) -> Box<Steering> {
        let shared = self.0.clone();
        Box::new(move |call| {
            let (go, turn) = oneshot::channel();
            let waiting = Waiting {
                call,
                since: Instant::now(),
                go,
            };
            shared
                .waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(waiting);
            shared.arrived.notify_one();
            Box::pin(async {
                match turn.await {
                    Ok(fault) => fault,
                    Err(_) => pending().await,
                }
            })
        })
    }

    /// Follows a schedule until the work is done.
    pub(crate) async fn drive<T>(&self, schedule: &mut Schedule, budget: Budget, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut budget = budget;
        let mut current = None;
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = sleep(REST) => {}
            }
            let steps = self.steps(current, budget);
            if steps.is_empty() {
                tokio::select! {
                    biased;
                    done = &mut work => return done,
                    () = self.0.arrived.notified() => {}
                }
                continue;
            }
            let weights: Vec<u32> = steps.iter().map(|(_, weight)| *weight).collect();
            let chosen = schedule.choose(&weights);
            let (step, _) = steps.into_iter().nth(chosen).expect("it is one of these");
            match step {
                Step::HoldUp => {
                    budget.hold_ups -= 1;
                    tokio::select! {
                        biased;
                        done = &mut work => return done,
                        () = sleep(HOLD_UP) => {}
                    }
                }
                Step::Go(place, fault) => {
                    let Waiting { call, go, .. } = self.take(place);
                    budget.faults -= u32::from(fault.is_some());
                    let is_preemption = current.is_some_and(|current| current != call.process && self.has(current));
                    budget.preemptions -= u32::from(is_preemption && budget.preemptions > 0);
                    current = Some(call.process);
                    // The request happens even if its sender has gone.
                    let _ = go.send(fault);
                }
            }
        }
    }

    /// The possible next steps with their weights, the usual step first.
    fn steps(&self, current: Option<usize>, budget: Budget) -> Vec<(Step, u32)> {
        let waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let of_current = |waiting: &Waiting| Some(waiting.call.process) == current;
        let goes_on = waiting.iter().any(of_current);
        let mut order: Vec<usize> = (0..waiting.len()).collect();
        order.sort_by_key(|place| (!of_current(&waiting[*place]), waiting[*place].call.number));
        let mut steps = Vec::new();
        for place in &order {
            if budget.preemptions > 0 || !goes_on || of_current(&waiting[*place]) {
                steps.push((Step::Go(*place, None), 60));
            }
        }
        if budget.faults > 0 {
            use Applied::{No, Yes};
            for place in &order {
                let call = &waiting[*place].call;
                if call.is_ours && (budget.faults_at_reads || call.method != Method::GET) {
                    for fault in [
                        Fault::Reset(No),
                        Fault::Reset(Yes),
                        Fault::Killed(No),
                        Fault::Killed(Yes),
                    ] {
                        steps.push((Step::Go(*place, Some(fault)), 2));
                    }
                }
            }
        }
        let may_wait = |waiting: &Waiting| waiting.since.elapsed() + HOLD_UP < LATEST;
        if budget.hold_ups > 0 && !waiting.is_empty() && waiting.iter().all(may_wait) {
            steps.push((Step::HoldUp, 6));
        }
        steps
    }

    fn take(&self, place: usize) -> Waiting {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(place)
    }

    fn has(&self, process: usize) -> bool {
        let waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.iter().any(|waiting| waiting.call.process == process)
    }
}
