//! Handoffs.

use crate::faults::handoff::Request;
use crate::network::{Manners, Start};
use crate::{ALL_FAULTS, ALL_SCHEDULES, SOME_FAULTS, SOME_SCHEDULES, at_secrets_manager, faults, interleavings};

fn handoff_with(part: faults::Part) {
    for (name, request) in [
        ("handoff", Request::Whole),
        ("handoff that names no reservation", Request::Brief),
        ("handoff of another's reservation", Request::AnothersReservation),
    ] {
        faults::explore(name, part, |case| faults::handoff::run(request, Start::Warm, case));
    }
}

fn starts_with(part: faults::Part) {
    for (how, start) in [("cold", Start::Cold), ("after a rotation", Start::Rotated)] {
        faults::explore(&format!("handoff, {how}"), at_secrets_manager(part), |case| {
            faults::handoff::run(Request::Whole, start, case)
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

#[test]
fn handoff_survives_some_faults() {
    handoff_with(SOME_FAULTS);
}

#[test]
fn starts_of_handoffs_survive_some_faults() {
    starts_with(SOME_FAULTS);
}

#[test]
fn simultaneous_handoffs_are_one_in_some_schedules() {
    handoffs_in(SOME_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_handoff() {
    handoff_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_starts_of_handoffs() {
    starts_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_handoffs() {
    handoffs_in(ALL_SCHEDULES);
}
