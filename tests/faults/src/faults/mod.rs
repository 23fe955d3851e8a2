//! Every fault at every call and every pair of faults.

pub(crate) mod closing;
pub(crate) mod deferred;
pub(crate) mod flattening;
pub(crate) mod handoff;
pub(crate) mod reply;
pub(crate) mod resolve;
pub(crate) mod transfer;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;
use simulator::exchange::Upstream;

use crate::fault::Fault;
use crate::network::{Network, Steering};
use crate::replay::{self, Wanted};
use crate::{panics, virtual_time};

/// The faults of a case by the number of the call.
pub(crate) type Case = Vec<(usize, Fault)>;

/// The result of a case.
#[derive(Debug)]
pub(crate) struct Ran {
    /// The upstream of each call.
    calls: Vec<Upstream>,
    /// The violations.
    wrong: Vec<String>,
    story: String,
}

impl Ran {
    pub(crate) fn new(network: &Network, wrong: Vec<String>, ends: &str) -> Self {
        Self {
            calls: network
                .calls()
                .iter()
                .filter(|(call, _)| call.is_ours)
                .map(|(call, _)| call.upstream)
                .collect(),
            wrong,
            story: format!("{}    {ends}\n", network.story()),
        }
    }
}

/// The number of cases to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The shares of all single faults and of their pairs.
    pub(crate) singles: f64,
    pub(crate) pairs: f64,
    /// If given, each pair has a fault at this upstream.
    pub(crate) one_at: Option<Upstream>,
    /// Whether the only faults are kills.
    pub(crate) only_kills: bool,
}

/// Runs the case without a fault, then single faults and pairs. The second fault of a pair is at any later call of the
/// same run or a later run.
///
/// # Panics
/// If a case has a violation.
pub(crate) fn explore<F: Future<Output = Ran>>(name: &str, part: Part, run: impl Fn(Case) -> F + Sync) {
    let run = |case: &Case| {
        let (mut ran, panics) = panics::during(|| virtual_time::run(7, run(case.clone())));
        if panics > 0 {
            ran.wrong.push("there was a panic".to_owned());
        }
        ran
    };
    match replay::wanted(name) {
        Wanted::Everything => {}
        Wanted::Nothing => return,
        Wanted::One(case) => return println!("{:?}", run(&read(&case))),
    }
    let started = Instant::now();
    let mut chance = Rng::with_seed(7);
    let calls = run(&Vec::new()).calls;
    let is_kind = |case: &Case| !part.only_kills || matches!(case.as_slice(), [(_, Fault::Killed(_))]);
    let mut firsts: Vec<Case> = all_at(&calls, 0..calls.len())
        .filter(|case| is_kind(case) && chance.f64() < part.singles)
        .collect();
    firsts.push(Vec::new());

    let (next, cases, wrong) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let judge = |case: &Case| {
        let ran = run(case);
        cases.fetch_add(1, Ordering::Relaxed);
        if !ran.wrong.is_empty() {
            let how = replay::how(name, &written(case));
            let failure = format!("{how}\n    {}\n{}", ran.wrong.join("; "), ran.story);
            wrong.lock().expect("no panic").push(failure);
        }
        ran.calls
    };
    let work = || {
        while let Some(first) = firsts.get(next.fetch_add(1, Ordering::Relaxed)) {
            let calls = judge(first);
            let Some((place, _)) = first.first() else { continue };
            let mut chance = Rng::with_seed(7);
            let is_wanted = |second: usize| {
                part.one_at
                    .is_none_or(|upstream| calls[*place] == upstream || calls[second] == upstream)
            };
            let seconds = (place + 1..calls.len()).filter(|second| is_wanted(*second));
            let seconds = all_at(&calls, seconds).filter(is_kind);
            for second in seconds.filter(|_| chance.f64() < part.pairs) {
                judge(&[first.as_slice(), &second].concat());
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let (cases, wrong) = (cases.into_inner(), wrong.into_inner().expect("no panic"));
    println!(
        "faults, {name}: {cases} cases, {} ended wrong, {:.1} s",
        wrong.len(),
        started.elapsed().as_secs_f64()
    );
    let first_few = &wrong[..wrong.len().min(5)];
    assert!(wrong.is_empty(), "{}", first_few.join("\n"));
}

/// Steers by a plan of faults. Each request continues after its time on the way.
fn by_plan(plan: Case) -> Box<Steering> {
    const ON_THE_WAY: Duration = Duration::from_millis(20);
    Box::new(move |call| {
        let fault = plan
            .iter()
            .find(|(number, _)| *number == call.number && call.is_ours)
            .map(|(_, fault)| *fault);
        Box::pin(async move {
            tokio::time::sleep(ON_THE_WAY).await;
            fault
        })
    })
}

/// Every fault that can happen at each of these places.
fn all_at(calls: &[Upstream], places: impl Iterator<Item = usize>) -> impl Iterator<Item = Case> {
    places.flat_map(|place| {
        let upstream = calls[place];
        let faults = Fault::all()
            .into_iter()
            .filter(move |fault| fault.can_happen_at(upstream));
        faults.map(move |fault| vec![(place, fault)])
    })
}

/// A case as text: the numbers of its calls and faults.
fn written(case: &Case) -> String {
    let number = |fault: &Fault| Fault::all().iter().position(|it| it == fault);
    let places = case
        .iter()
        .map(|(call, fault)| format!("{call}.{}", number(fault).unwrap_or_default()));
    places.collect::<Vec<_>>().join(" ")
}

fn read(case: &str) -> Case {
    let place = |place: &str| {
        let (call, fault) = place.split_once('.').expect("a call and its fault");
        let number = |text: &str| text.parse::<usize>().expect("a number");
        (number(call), Fault::all()[number(fault)])
    };
    case.split_whitespace().map(place).collect()
}
