//! Handoffs.

use crate::faults::handoff::{Handover, Request};
use crate::functions::handoff::Deferral;
use crate::network::{Manners, Start};
use crate::stage::Stage;
use crate::{ALL_FAULTS, ALL_SCHEDULES, SOME_FAULTS, SOME_SCHEDULES, at_secrets_manager, faults, interleavings};

fn handoff_with(part: faults::Part) {
    for (name, request, deferral) in [
        ("handoff", Request::Whole, Deferral::Off),
        ("handoff with a queue", Request::Whole, Deferral::Queue),
        ("handoff that names no reservation", Request::Brief, Deferral::Off),
        (
            "handoff of another's reservation",
            Request::AnothersReservation,
            Deferral::Off,
        ),
        ("handoff of an accepted reservation", Request::Accepted, Deferral::Off),
    ] {
        let handover = Handover {
            request,
            deferral,
            ..Handover::default()
        };
        faults::explore(name, part, |case| faults::handoff::run(handover, case));
    }
}

/// Before each of the calls, another program puts back the attributes without `If-Match`.
fn clobbered_with(part: faults::Part) {
    for call in 0..10 {
        let handover = Handover {
            clobbered_at: Some(call),
            ..Handover::default()
        };
        let name = format!("handoff, clobbered at call {call}");
        faults::explore(&name, part, |case| faults::handoff::run(handover, case));
    }
}

fn starts_with(part: faults::Part) {
    for (how, start) in [("cold", Start::Cold), ("after a rotation", Start::Rotated)] {
        faults::explore(&format!("handoff, {how}"), at_secrets_manager(part), |case| {
            faults::handoff::run(
                Handover {
                    start,
                    ..Handover::default()
                },
                case,
            )
        });
    }
}

fn handoffs_in(part: interleavings::Part) {
    for (name, count, manners, deferral) in [
        ("two handoffs", 2, Manners::Strict, Deferral::Off),
        ("two handoffs with a queue", 2, Manners::Strict, Deferral::Queue),
        ("three handoffs", 3, Manners::Strict, Deferral::Off),
        ("two handoffs that both reject", 2, Manners::Lenient, Deferral::Off),
    ] {
        interleavings::explore(name, part, |schedule, budget| {
            interleavings::handoffs::run(Stage::Offered, count, manners, deferral, schedule, budget)
        });
    }
}

#[test]
fn handoff_survives_some_faults() {
    handoff_with(SOME_FAULTS);
}

#[test]
fn clobbered_handoffs_survive_some_faults() {
    clobbered_with(SOME_FAULTS);
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
fn all_faults_at_clobbered_handoffs() {
    clobbered_with(ALL_FAULTS);
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
