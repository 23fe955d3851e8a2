//! `resolve` and `reply`, alone and beside a handoff.

use crate::interleavings::actions::Other;
use crate::network::Start;
use crate::stage::Stage;
use crate::{ALL_FAULTS, ALL_SCHEDULES, SOME_FAULTS, SOME_SCHEDULES, at_secrets_manager, faults, interleavings};

fn resolve_with(part: faults::Part) {
    for (name, accepted) in [("resolve", false), ("resolve of an accepted reservation", true)] {
        faults::explore(name, part, |case| faults::resolve::run(accepted, Start::Warm, case));
    }
}

fn reply_with(part: faults::Part) {
    faults::explore("reply", part, |case| faults::reply::run(Start::Warm, case));
}

fn starts_with(part: faults::Part) {
    for (how, start) in [("cold", Start::Cold), ("after a rotation", Start::Rotated)] {
        let part = at_secrets_manager(part);
        faults::explore(&format!("resolve, {how}"), part, |case| {
            faults::resolve::run(false, start, case)
        });
        faults::explore(&format!("reply, {how}"), part, |case| faults::reply::run(start, case));
    }
}

fn beside_handoff(part: interleavings::Part) {
    for (name, other) in [
        ("handoff beside resolve", Other::Resolve),
        ("reply beside handoff", Other::Reply),
    ] {
        interleavings::explore(name, part, |schedule, budget| {
            interleavings::actions::run(Stage::Offered, other, schedule, budget)
        });
    }
}

#[test]
fn resolve_survives_some_faults() {
    resolve_with(SOME_FAULTS);
}

#[test]
fn reply_survives_some_faults() {
    reply_with(SOME_FAULTS);
}

#[test]
fn starts_of_actions_survive_some_faults() {
    starts_with(SOME_FAULTS);
}

#[test]
fn actions_beside_a_handoff_end_right_in_some_schedules() {
    beside_handoff(SOME_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_resolve() {
    resolve_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_reply() {
    reply_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_starts_of_actions() {
    starts_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_actions() {
    beside_handoff(ALL_SCHEDULES);
}
