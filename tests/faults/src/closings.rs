//! Closings.

use crate::faults::closing::{Besides, Wrapping};
use crate::functions::webhook::Webhook;
use crate::interleavings::closing::Rival;
use crate::network::Start;
use crate::{ALL_FAULTS, ALL_SCHEDULES, SOME_FAULTS, SOME_SCHEDULES, at_secrets_manager, faults, interleavings};

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

fn starts_with(part: faults::Part) {
    let wrapping = Wrapping {
        webhook: Webhook::AutoClose,
        event: "reservation.wrapup",
        besides: Besides::Nothing,
        after: 0,
    };
    for (how, start) in [("cold", Start::Cold), ("after a rotation", Start::Rotated)] {
        faults::explore(&format!("closing, {how}"), at_secrets_manager(part), |case| {
            faults::closing::run(wrapping, start, case)
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
fn closing_survives_some_faults() {
    closing_with(SOME_FAULTS);
}

#[test]
fn starts_of_closings_survive_some_faults() {
    starts_with(SOME_FAULTS);
}

#[test]
fn closing_overtakes_nobody_in_some_schedules() {
    closings_in(SOME_SCHEDULES);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_closing() {
    closing_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_faults_at_starts_of_closings() {
    starts_with(ALL_FAULTS);
}

#[test]
#[ignore = "all of them take minutes"]
fn all_interleavings_of_closings() {
    closings_in(ALL_SCHEDULES);
}
