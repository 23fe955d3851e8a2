//! Handoffs of accepted reservations, which create a new task in the same interaction.

use simulator::twilio::Assumptions;

use crate::faults::handoff::Request;
use crate::faults::transfer::{self, Transfer};
use crate::functions::handoff::Deferral;
use crate::interleavings::actions::Other;
use crate::network::{Manners, Start};
use crate::scene::World;
use crate::stage::Stage;
use crate::{
    ALL_FAULTS, ALL_SCHEDULES, KILLS, SINGLE_FAULTS, SOME_FAULTS, SOME_SCHEDULES, at_secrets_manager, faults,
    interleavings,
};

fn transfer_with(part: faults::Part) {
    for (name, request, deferral) in [
        ("transfer", Request::Whole, Deferral::Off),
        ("transfer with a queue", Request::Whole, Deferral::Queue),
        ("transfer that names no reservation", Request::Brief, Deferral::Off),
    ] {
        let transfer = Transfer {
            request,
            deferral,
            ..Transfer::default()
        };
        faults::explore(name, part, |case| transfer::run(transfer, case));
    }
}

/// Each assumption about Twilio with its other answer. The assumptions about closing a channel and about a
/// reservation's timeout are left out, since a handoff does neither.
fn worlds() -> [(&'static str, World); 8] {
    let likely = Assumptions::default();
    let assuming = |assumptions| World {
        assumptions,
        ..World::default()
    };
    let without_participant = Assumptions {
        rest_acceptance_brings_participant: false,
        ..likely
    };
    [
        (
            "transfer, closed participants listed",
            assuming(Assumptions {
                closed_participants_are_listed: true,
                ..likely
            }),
        ),
        (
            "transfer, participants in wrap-up not listed",
            assuming(Assumptions {
                wrapped_up_participants_are_listed: false,
                ..likely
            }),
        ),
        (
            "transfer, participants leave with their task",
            assuming(Assumptions {
                participant_leaves_with_task: true,
                ..likely
            }),
        ),
        (
            "transfer, answered invites not listed",
            assuming(Assumptions {
                answered_invites_are_listed: false,
                ..likely
            }),
        ),
        (
            "transfer, Flex a request late",
            assuming(Assumptions {
                flex_delay: 1,
                ..likely
            }),
        ),
        (
            "transfer, Flex three requests late",
            assuming(Assumptions {
                flex_delay: 3,
                ..likely
            }),
        ),
        ("transfer without a participant", assuming(without_participant)),
        (
            "transfer without a participant, reject allowed",
            World {
                accepted_can_be_rejected: true,
                assumptions: without_participant,
            },
        ),
    ]
}

fn worlds_with(part: faults::Part) {
    for (name, world) in worlds() {
        let transfer = Transfer {
            world,
            ..Transfer::default()
        };
        faults::explore(name, part, |case| transfer::run(transfer, case));
    }
}

fn starts_with(part: faults::Part) {
    for (how, start) in [("cold", Start::Cold), ("after a rotation", Start::Rotated)] {
        let transfer = Transfer {
            start,
            ..Transfer::default()
        };
        faults::explore(&format!("transfer, {how}"), at_secrets_manager(part), |case| {
            transfer::run(transfer, case)
        });
    }
}

fn transfers_in(part: interleavings::Part) {
    let stage = Stage::Accepted(World::default());
    for (name, deferral) in [
        ("two transfers", Deferral::Off),
        ("two transfers with a queue", Deferral::Queue),
    ] {
        interleavings::explore(name, part, |schedule, budget| {
            interleavings::handoffs::run(stage, 2, Manners::Strict, deferral, schedule, budget)
        });
    }
}

fn beside_actions(part: interleavings::Part) {
    let stage = Stage::Accepted(World::default());
    for (name, other) in [
        ("transfer beside resolve", Other::Resolve),
        ("reply beside transfer", Other::Reply),
    ] {
        interleavings::explore(name, part, |schedule, budget| {
            interleavings::actions::run(stage, other, schedule, budget)
        });
    }
}

#[test]
fn transfer_survives_some_faults() {
    transfer_with(SOME_FAULTS);
}

#[test]
fn transfer_survives_some_faults_whatever_twilio_does() {
    worlds_with(SOME_FAULTS);
}

#[test]
fn starts_of_transfers_survive_some_faults() {
    starts_with(SOME_FAULTS);
}

#[test]
fn killed_transfer_is_completed_by_a_repeat() {
    transfer_with(KILLS);
    worlds_with(KILLS);
}

#[test]
fn simultaneous_transfers_are_one_in_some_schedules() {
    transfers_in(SOME_SCHEDULES);
}

#[test]
fn actions_beside_a_transfer_end_right_in_some_schedules() {
    beside_actions(SOME_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_transfer() {
    transfer_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_transfer_whatever_twilio_does() {
    worlds_with(SINGLE_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_starts_of_transfers() {
    starts_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_transfers() {
    transfers_in(ALL_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_actions_beside_transfers() {
    beside_actions(ALL_SCHEDULES);
}
