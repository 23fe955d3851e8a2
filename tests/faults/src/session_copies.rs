//! Copies of a task's attributes to the session by `task-events` and `deferred`.

use crate::interleavings::flattening::Besides;
use crate::network::Start;
use crate::{ALL_FAULTS, ALL_SCHEDULES, SOME_FAULTS, SOME_SCHEDULES, at_secrets_manager, faults, interleavings};

fn flattening_with(part: faults::Part) {
    faults::explore("flattening", part, |case| faults::flattening::run(Start::Warm, case));
}

fn deferred_with(part: faults::Part) {
    faults::explore("deferred", part, |case| faults::deferred::run(Start::Warm, case));
}

/// The deferred work comes from `task-events`, which starts too.
fn starts_with(part: faults::Part) {
    for (how, start) in [("cold", Start::Cold), ("after a rotation", Start::Rotated)] {
        faults::explore(&format!("deferred, {how}"), at_secrets_manager(part), |case| {
            faults::deferred::run(start, case)
        });
    }
}

fn events_in(part: interleavings::Part) {
    for (name, besides) in [
        ("flattening of three events", Besides::Webhook),
        ("flattening of two events beside deferred", Besides::Deferred),
    ] {
        interleavings::explore(name, part, |schedule, budget| {
            interleavings::flattening::run(besides, schedule, budget)
        });
    }
}

#[test]
fn flattening_survives_some_faults() {
    flattening_with(SOME_FAULTS);
}

#[test]
fn deferred_copies_survive_some_faults() {
    deferred_with(SOME_FAULTS);
}

#[test]
fn starts_of_copies_survive_some_faults() {
    starts_with(SOME_FAULTS);
}

#[test]
fn simultaneous_events_converge_in_some_schedules() {
    events_in(SOME_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_flattening() {
    flattening_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_deferred_copies() {
    deferred_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_starts_of_copies() {
    starts_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_events() {
    events_in(ALL_SCHEDULES);
}
