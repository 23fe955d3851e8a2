//! The functions in this process, in a time that doesn't pass by itself: what they do under every fault at every call,
//! under every pair of them, and in many schedules of several runs at once.
//!
//! `cargo test` goes through a part, the same one each time; `cargo explore` through everything, and
//! `cargo explore faults` or `cargo explore interleavings` through one half of it.

mod ai_platform;
mod aws;
mod fault;
mod faults;
mod functions;
mod interleavings;
mod network;
mod other_writer;
mod queue;
mod replay;
mod scene;
mod twilio_callback;
mod verdict;
mod virtual_time;

use faults::closing::Wrapping;
use faults::handoff::Request;
use network::Manners;

const ALL_FAULTS: faults::Part = faults::Part {
    singles: 1.0,
    pairs: 1.0,
};

const SOME_FAULTS: faults::Part = faults::Part {
    singles: 0.15,
    pairs: 0.002,
};

const ALL_SCHEDULES: interleavings::Part = interleavings::Part {
    systematic: 5_500,
    random: 5_500,
};

const SOME_SCHEDULES: interleavings::Part = interleavings::Part {
    systematic: 15,
    random: 15,
};

fn handoff_with(part: faults::Part) {
    faults::explore("handoff", part, |case| faults::handoff::run(Request::Whole, case));
    faults::explore("handoff that names no reservation", part, |case| {
        faults::handoff::run(Request::Brief, case)
    });
}

fn closing_with(part: faults::Part) {
    for (name, wrapping) in [
        ("closing of a resolved task", Wrapping::Resolved),
        ("closing of a task that was handed off", Wrapping::HandedOff),
        ("closing of a task that is taken meanwhile", Wrapping::TakenMeanwhile),
    ] {
        faults::explore(name, part, |case| faults::closing::run(wrapping, case));
    }
}

fn handoffs_in(part: interleavings::Part) {
    for (name, count, manners) in [
        ("two handoffs", 2, Manners::Strict),
        ("three handoffs", 3, Manners::Strict),
        ("two handoffs that both reject", 2, Manners::Lenient),
    ] {
        interleavings::explore(name, part, |schedule, budget| {
            interleavings::handoffs::run(count, manners, schedule, budget)
        });
    }
}

#[test]
fn a_handoff_survives_some_faults() {
    handoff_with(SOME_FAULTS);
}

#[test]
fn the_flattening_survives_some_faults() {
    faults::explore("flattening", SOME_FAULTS, faults::flattening::run);
}

#[test]
fn what_is_deferred_survives_some_faults() {
    faults::explore("deferred", SOME_FAULTS, faults::deferred::run);
}

#[test]
fn the_closing_survives_some_faults() {
    closing_with(SOME_FAULTS);
}

#[test]
fn handoffs_at_once_are_one_in_some_schedules() {
    handoffs_in(SOME_SCHEDULES);
}

#[test]
fn events_at_once_converge_in_some_schedules() {
    interleavings::explore(
        "flattening of three events",
        SOME_SCHEDULES,
        interleavings::flattening::run,
    );
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_a_handoff() {
    handoff_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_the_flattening() {
    faults::explore("flattening", ALL_FAULTS, faults::flattening::run);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_what_is_deferred() {
    faults::explore("deferred", ALL_FAULTS, faults::deferred::run);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_the_closing() {
    closing_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_handoffs() {
    handoffs_in(ALL_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_events() {
    interleavings::explore(
        "flattening of three events",
        ALL_SCHEDULES,
        interleavings::flattening::run,
    );
}
