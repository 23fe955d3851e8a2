//! Tests of the functions in one process and in virtual time: every fault at every call, pairs of faults, and many
//! schedules of simultaneous runs.
//!
//! `cargo test` runs a part, always the same one. `cargo explore` runs everything, and `cargo explore faults` or `cargo
//! explore interleavings` runs one half.

mod ai_platform;
mod aws;
mod fault;
mod faults;
mod functions;
mod interleavings;
mod network;
mod other_writer;
mod panics;
mod queue;
mod replay;
mod scene;
mod twilio_callback;
mod verdict;
mod virtual_time;
mod watch;

use faults::closing::{Besides, Wrapping};
use faults::handoff::Request;
use functions::Webhook;
use interleavings::closing::Rival;
use network::{Manners, Start};
use simulator::exchange::Upstream;

const ALL_FAULTS: faults::Part = faults::Part {
    singles: 1.0,
    pairs: 1.0,
    one_at: None,
};

const SOME_FAULTS: faults::Part = faults::Part {
    singles: 0.15,
    pairs: 0.002,
    one_at: None,
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
    for (name, request) in [
        ("handoff", Request::Whole),
        ("handoff that names no reservation", Request::Brief),
        ("handoff of another's reservation", Request::AnothersReservation),
    ] {
        faults::explore(name, part, |case| faults::handoff::run(request, Start::Warm, case));
    }
}

fn flattening_with(part: faults::Part) {
    faults::explore("flattening", part, |case| faults::flattening::run(Start::Warm, case));
}

fn deferred_with(part: faults::Part) {
    faults::explore("deferred", part, |case| faults::deferred::run(Start::Warm, case));
}

fn closing_with(part: faults::Part) {
    use Besides::{Again, HandedOff, Nothing, Taken, WrappedUpAgain, WrappedUpByAPerson};
    use Webhook::{AutoClose, DelayedClose};
    const TASK: &str = "task.wrapup";
    const RESERVATION: &str = "reservation.wrapup";
    for (name, webhook, event, besides, after) in [
        ("closing", AutoClose, RESERVATION, Nothing, 0),
        ("closing of a task that was handed off", AutoClose, TASK, HandedOff, 0),
        (
            "closing of a task that is handed off",
            AutoClose,
            RESERVATION,
            HandedOff,
            3,
        ),
        ("closing of a task that is accepted", AutoClose, RESERVATION, Taken, 1),
        ("closing of a task that is accepted later", AutoClose, TASK, Taken, 2),
        (
            "closing of a task that is accepted last",
            AutoClose,
            RESERVATION,
            Taken,
            3,
        ),
        (
            "closing of a task that an agent wraps up",
            AutoClose,
            RESERVATION,
            WrappedUpByAPerson,
            0,
        ),
        (
            "closing of a task that the AI accepts again",
            AutoClose,
            RESERVATION,
            Again,
            1,
        ),
        ("delayed closing", DelayedClose, TASK, Nothing, 0),
        (
            "delayed closing of a task that is handed off",
            DelayedClose,
            RESERVATION,
            HandedOff,
            1,
        ),
        (
            "delayed closing of a task that is accepted",
            DelayedClose,
            TASK,
            Taken,
            2,
        ),
        (
            "delayed closing of a task that is accepted last",
            DelayedClose,
            RESERVATION,
            Taken,
            4,
        ),
        (
            "delayed closing of a task that an agent wraps up",
            DelayedClose,
            RESERVATION,
            WrappedUpByAPerson,
            1,
        ),
        (
            "delayed closing of a task that the AI wraps up again",
            DelayedClose,
            RESERVATION,
            WrappedUpAgain,
            1,
        ),
    ] {
        let wrapping = Wrapping {
            webhook,
            event,
            besides,
            after,
        };
        faults::explore(name, part, |case| faults::closing::run(wrapping, Start::Warm, case));
    }
}

/// Starts that read the secret, and runs that read it again. One fault of each pair is at Secrets Manager. The deferred
/// work comes from `task-events`, which starts too.
fn starts_with(part: faults::Part) {
    let part = faults::Part {
        one_at: Some(Upstream::SecretsManager),
        ..part
    };
    let wrapping = Wrapping {
        webhook: Webhook::AutoClose,
        event: "reservation.wrapup",
        besides: Besides::Nothing,
        after: 0,
    };
    for (how, start) in [("cold", Start::Cold), ("after a rotation", Start::Rotated)] {
        faults::explore(&format!("handoff, {how}"), part, |case| {
            faults::handoff::run(Request::Whole, start, case)
        });
        faults::explore(&format!("deferred, {how}"), part, |case| {
            faults::deferred::run(start, case)
        });
        faults::explore(&format!("closing, {how}"), part, |case| {
            faults::closing::run(wrapping, start, case)
        });
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

fn events_in(part: interleavings::Part) {
    use interleavings::flattening::Besides;
    for (name, besides) in [
        ("flattening of three events", Besides::Webhook),
        ("flattening of two events beside deferred", Besides::Deferred),
    ] {
        interleavings::explore(name, part, |schedule, budget| {
            interleavings::flattening::run(besides, schedule, budget)
        });
    }
}

fn closings_in(part: interleavings::Part) {
    // There are fewer choices, so more of these schedules are equal.
    let part = interleavings::Part {
        random: part.random * 3 / 2,
        ..part
    };
    for (name, rival) in [
        ("closing of a task that an agent accepts", Rival::Person),
        ("closing of a task that is handed off", Rival::Handoff),
    ] {
        interleavings::explore(name, part, |schedule, budget| {
            interleavings::closing::run(rival, schedule, budget)
        });
    }
}

#[test]
fn handoff_survives_some_faults() {
    handoff_with(SOME_FAULTS);
}

#[test]
fn flattening_survives_some_faults() {
    flattening_with(SOME_FAULTS);
}

#[test]
fn deferred_work_survives_some_faults() {
    deferred_with(SOME_FAULTS);
}

#[test]
fn closing_survives_some_faults() {
    closing_with(SOME_FAULTS);
}

#[test]
fn starts_and_rotations_survive_some_faults() {
    starts_with(SOME_FAULTS);
}

#[test]
fn simultaneous_handoffs_are_one_in_some_schedules() {
    handoffs_in(SOME_SCHEDULES);
}

#[test]
fn simultaneous_events_converge_in_some_schedules() {
    events_in(SOME_SCHEDULES);
}

#[test]
fn closing_overtakes_nobody_in_some_schedules() {
    closings_in(SOME_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_handoff() {
    handoff_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_flattening() {
    flattening_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_deferred_work() {
    deferred_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_closing() {
    closing_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_starts_and_rotations() {
    starts_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_handoffs() {
    handoffs_in(ALL_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_events() {
    events_in(ALL_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_closings() {
    closings_in(ALL_SCHEDULES);
}
