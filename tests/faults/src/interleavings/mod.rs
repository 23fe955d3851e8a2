//! Many schedules of several runs at once.

pub(crate) mod actions;
pub(crate) mod closing;
pub(crate) mod flattening;
pub(crate) mod handoffs;
mod schedule;
mod scheduler;

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use schedule::Schedule;
use scheduler::Budget;

use crate::replay::{self, Wanted};
use crate::{panics, virtual_time};

/// The result of a schedule.
#[derive(Debug)]
pub(crate) struct Ran {
    schedule: Schedule,
    /// The violations.
    wrong: Vec<String>,
    /// Whether there were two notes at any moment.
    two_notes: bool,
    story: String,
}

/// The number of schedules to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// The most systematic schedules. Those with the fewest surprises come first.
    pub(crate) systematic: usize,
    /// The number of random schedules.
    pub(crate) random: u64,
}

/// The budget of systematic schedules.
const SYSTEMATIC: Budget = Budget {
    preemptions: 2,
    faults: 1,
    hold_ups: 1,
    faults_at_reads: false,
};

/// The budget of random schedules.
const RANDOM: Budget = Budget {
    preemptions: u32::MAX,
    faults: 3,
    hold_ups: 2,
    faults_at_reads: true,
};

/// Statistics of the schedules that were run.
#[derive(Default)]
struct Followed {
    distinct: HashSet<Vec<u8>>,
    two_notes: usize,
    wrong: Vec<String>,
}

/// Runs schedules.
///
/// # Panics
/// If a schedule has a violation.
pub(crate) fn explore<F: Future<Output = Ran>>(name: &str, part: Part, run: impl Fn(Schedule, Budget) -> F + Sync) {
    let run = |schedule, budget| {
        let (mut ran, panics) = panics::during(|| virtual_time::run(7, run(schedule, budget)));
        if panics > 0 {
            ran.wrong.push("there was a panic".to_owned());
        }
        ran
    };
    match replay::wanted(name) {
        Wanted::Everything => {}
        Wanted::Nothing => return,
        Wanted::One(case) => {
            let (budget, choices) = case.split_once(' ').expect("a budget and choices");
            let choices = choices
                .split_whitespace()
                .map(|choice| choice.parse().expect("a number"));
            let budget = if budget == "systematic" { SYSTEMATIC } else { RANDOM };
            let ran = run(Schedule::of(choices.collect()), budget);
            return println!("{:?}\n{}", ran.wrong, ran.story);
        }
    }
    let started = Instant::now();
    let followed = Mutex::new(Followed::default());
    let follow = |kind: &str, schedule, budget| {
        let ran = run(schedule, budget);
        followed.lock().expect("no panic").add(name, kind, &ran);
        ran.schedule
    };
    // The search is breadth first, so the schedules with the fewest surprises come first.
    let branches = Mutex::new((VecDeque::from([Vec::new()]), 0));
    let take = || {
        let mut branches = branches.lock().expect("no panic");
        branches.1 += 1;
        if branches.1 > part.systematic {
            None
        } else {
            branches.0.pop_front()
        }
    };
    let next_seed = AtomicU64::new(0);
    let work = || {
        while let Some(prefix) = take() {
            let schedule = follow("systematic", Schedule::of(prefix), SYSTEMATIC);
            branches.lock().expect("no panic").0.extend(schedule.branches());
        }
        loop {
            match next_seed.fetch_add(1, Ordering::Relaxed) {
                seed if seed < part.random => drop(follow("random", Schedule::random(seed), RANDOM)),
                _ => break,
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let Followed {
        distinct,
        two_notes,
        wrong,
    } = followed.into_inner().expect("no panic");
    println!(
        "interleavings, {name}: {} distinct schedules, {} ended wrong, {two_notes} with a second note for a moment, {:.1} s",
        distinct.len(),
        wrong.len(),
        started.elapsed().as_secs_f64()
    );
    let first_few = &wrong[..wrong.len().min(3)];
    assert!(wrong.is_empty(), "{}", first_few.join("\n"));
}

impl Followed {
    fn add(&mut self, name: &str, kind: &str, ran: &Ran) {
        let choices = ran.schedule.choices();
        if !self.distinct.insert(choices.clone()) {
            return;
        }
        self.two_notes += usize::from(ran.two_notes);
        if !ran.wrong.is_empty() {
            let choices: Vec<_> = choices.iter().map(u8::to_string).collect();
            let how = replay::how(name, &format!("{kind} {}", choices.join(" ")));
            self.wrong
                .push(format!("{how}\n    {}\n{}", ran.wrong.join("; "), ran.story));
        }
    }
}
