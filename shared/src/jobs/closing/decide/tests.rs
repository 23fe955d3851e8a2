use ReservationStatus::{Accepted, Canceled, Completed, Pending, Rejected, Rescinded, Timeout, Unknown, Wrapping};

use super::*;
use crate::twilio::sid::WorkerSid;

const AI: &str = "WK00000000000000000000000000000001";
const OTHER_AI: &str = "WK00000000000000000000000000000002";
const HUMAN: &str = "WK00000000000000000000000000000003";

const STATUSES: [ReservationStatus; 9] = [
    Pending, Accepted, Rejected, Timeout, Canceled, Rescinded, Wrapping, Completed, Unknown,
];

/// A reservation: its worker and status.
type Listed<'l> = (&'l str, ReservationStatus);

fn task(status: TaskStatus, attributes: &str) -> Task {
    Task {
        status,
        attributes: Some(attributes.to_owned()),
        created: None,
        updated: None,
        workflow_sid: None,
        task_channel: None,
        priority: None,
        routing_target: None,
        etag: None,
    }
}

fn sid(number: usize) -> ReservationSid {
    ReservationSid::parse(&format!("WR{number:032}")).unwrap()
}

/// Reservations 0, 1, 2 and so on, each created a second after the last.
fn reservations(of: &[Listed<'_>]) -> Vec<Reservation> {
    let date = |seconds: usize| OffsetDateTime::from_unix_timestamp(seconds.try_into().unwrap()).ok();
    let reservation = |(number, (worker, status)): (usize, &(&str, ReservationStatus))| Reservation {
        sid: sid(number),
        worker: WorkerSid::parse(worker),
        status: *status,
        created: date(number),
        updated: date(number + 100),
        etag: None,
    };
    of.iter().enumerate().map(reservation).collect()
}

fn decide(
    (scope, cause, named): (AutoCloseScope, CloseCause, Option<usize>),
    (status, attributes): (TaskStatus, &str),
    of: &[Listed<'_>],
) -> Result<CloseDecision, Unreadable> {
    let ai_workers = AiWorkers([AI, OTHER_AI].map(|it| WorkerSid::parse(it).unwrap()).into());
    let named = named.map(sid);
    let rules = CloseRules {
        scope,
        ai_workers: &ai_workers,
        cause,
        named: named.as_ref(),
    };
    rules.decide(&task(status, attributes), &reservations(of))
}

fn completed_by(number: usize) -> CloseDecision {
    CloseDecision::End(Ending {
        status: "completed",
        ended_by: Some(sid(number)),
    })
}

fn canceled() -> CloseDecision {
    CloseDecision::End(Ending {
        status: "canceled",
        ended_by: None,
    })
}

const WRAPUP: (AutoCloseScope, CloseCause, Option<usize>) = (AutoCloseScope::Ai, CloseCause::Wrapup, None);

#[test]
fn task_that_the_ai_wrapped_up_is_completed() {
    let wrapping = (TaskStatus::Wrapping, "{}");
    let not_ended = || CloseDecision::Leave(NothingToDo::NotEndedByAi);
    let human_active = || CloseDecision::Leave(NothingToDo::HumanActive);
    let cases: [(&[Listed<'_>], CloseDecision); 9] = [
        (&[(AI, Wrapping)], completed_by(0)),
        (
            &[(AI, Completed), (HUMAN, Completed), (HUMAN, Rejected)],
            completed_by(0),
        ),
        (&[(AI, Completed), (OTHER_AI, Completed)], completed_by(1)),
        (&[(AI, Wrapping), (OTHER_AI, Completed)], completed_by(0)),
        (&[], not_ended()),
        (&[(AI, Rejected), (HUMAN, Wrapping)], not_ended()),
        (&[(AI, Wrapping), (HUMAN, Wrapping)], human_active()),
        (&[(AI, Completed), (HUMAN, Accepted)], human_active()),
        (&[(AI, Completed), (HUMAN, Unknown)], human_active()),
    ];
    for (of, expected) in cases {
        for cause in [CloseCause::Wrapup, CloseCause::Resolved] {
            let rules = (AutoCloseScope::Ai, cause, None);
            assert_eq!(decide(rules, wrapping, of).as_ref(), Ok(&expected), "{of:?} {cause:?}");
        }
    }
}

#[test]
fn handed_off_task_is_left() {
    let handed_off = r#"{"handedOff":true}"#;
    let left = Ok(CloseDecision::Leave(NothingToDo::HandedOff));
    for (cause, status, of) in [
        (CloseCause::Wrapup, TaskStatus::Wrapping, (AI, Wrapping)),
        (CloseCause::Resolved, TaskStatus::Wrapping, (AI, Wrapping)),
        (CloseCause::Rejection, TaskStatus::Pending, (AI, Rejected)),
        (CloseCause::Resolved, TaskStatus::Pending, (AI, Rejected)),
        (CloseCause::Resolved, TaskStatus::Reserved, (AI, Pending)),
    ] {
        let rules = (AutoCloseScope::Ai, cause, Some(0));
        assert_eq!(decide(rules, (status, handed_off), &[of]), left, "{cause:?}");
        assert_eq!(decide(rules, (status, "[]"), &[of]), Err(Unreadable), "{cause:?}");
    }
}

#[test]
fn every_other_task_status_is_left() {
    use TaskStatus::{Assigned, Canceled as TaskCanceled, Completed as TaskCompleted, Pending as Waiting, Reserved};
    let already_closed = NothingToDo::AlreadyClosed;
    let not_closable = NothingToDo::NotClosable;
    for (cause, statuses) in [
        (
            CloseCause::Wrapup,
            vec![Waiting, Reserved, Assigned, TaskStatus::Unknown],
        ),
        (
            CloseCause::Rejection,
            vec![Reserved, Assigned, TaskStatus::Wrapping, TaskStatus::Unknown],
        ),
        (CloseCause::Resolved, vec![Assigned, TaskStatus::Unknown]),
    ] {
        for scope in [AutoCloseScope::Ai, AutoCloseScope::All] {
            let rules = (scope, cause, None);
            let closed = [TaskCompleted, TaskCanceled].map(|status| (status, already_closed));
            for (status, reason) in statuses.iter().map(|status| (*status, not_closable)).chain(closed) {
                let decided = decide(rules, (status, "{}"), &[(AI, Wrapping)]);
                assert_eq!(decided, Ok(CloseDecision::Leave(reason)), "{rules:?} {status:?}");
            }
        }
    }
}

#[test]
fn scope_all_completes_every_wrapping_task() {
    let rules = (AutoCloseScope::All, CloseCause::Wrapup, None);
    for attributes in [r#"{"handedOff":true}"#, "[]"] {
        let task = (TaskStatus::Wrapping, attributes);
        assert_eq!(decide(rules, task, &[(HUMAN, Wrapping)]), Ok(completed_by(0)));
        let nobodys = CloseDecision::End(Ending {
            status: "completed",
            ended_by: None,
        });
        assert_eq!(decide(rules, task, &[]), Ok(nobodys));
    }
}

#[test]
fn only_the_last_wrap_up_completes_after_a_delay() {
    let wrapping = (TaskStatus::Wrapping, "{}");
    let overtaken = || CloseDecision::Leave(NothingToDo::NewerReservation);
    let cases: [(&[Listed<'_>], usize, CloseDecision); 9] = [
        (&[(AI, Wrapping)], 0, completed_by(0)),
        (&[(AI, Completed)], 0, completed_by(0)),
        (&[(AI, Completed), (AI, Wrapping)], 1, completed_by(1)),
        (&[(AI, Wrapping), (AI, Rejected)], 0, completed_by(0)),
        (&[(AI, Completed), (AI, Wrapping)], 0, overtaken()),
        (&[(AI, Wrapping), (AI, Wrapping)], 0, overtaken()),
        (&[(AI, Rejected), (AI, Wrapping)], 0, overtaken()),
        (&[(AI, Wrapping)], 1, overtaken()),
        (&[], 0, overtaken()),
    ];
    for (of, named, expected) in cases {
        for scope in [AutoCloseScope::Ai, AutoCloseScope::All] {
            let rules = (scope, CloseCause::Wrapup, Some(named));
            assert_eq!(decide(rules, wrapping, of).as_ref(), Ok(&expected), "{of:?} {scope:?}");
        }
    }
    // With `resolved`, any reservation may be named.
    let rules = (AutoCloseScope::Ai, CloseCause::Resolved, Some(0));
    let of = [(AI, Rejected), (AI, Wrapping)];
    assert_eq!(decide(rules, wrapping, &of), Ok(completed_by(1)));
}

#[test]
fn worker_who_wraps_up_last_completes_though_another_joined_later() {
    let ai_workers = AiWorkers(vec![WorkerSid::parse(AI).unwrap()]);
    let named = sid(0);
    let rules = CloseRules {
        scope: AutoCloseScope::Ai,
        ai_workers: &ai_workers,
        cause: CloseCause::Wrapup,
        named: Some(&named),
    };
    let mut of = reservations(&[(AI, Wrapping), (HUMAN, Completed)]);
    let wrapping = task(TaskStatus::Wrapping, "{}");
    assert_eq!(
        rules.decide(&wrapping, &of),
        Ok(CloseDecision::Leave(NothingToDo::NewerReservation))
    );
    of[0].updated = OffsetDateTime::from_unix_timestamp(200).ok();
    assert_eq!(rules.decide(&wrapping, &of), Ok(completed_by(0)));
}

#[test]
fn rejected_task_is_canceled_if_nobody_has_it() {
    let open = || CloseDecision::Leave(NothingToDo::ReservationOpen);
    let not_released = || CloseDecision::Leave(NothingToDo::NotReleasedByAi);
    for status in STATUSES {
        // The named reservation has this status, for `rejection` and for `resolved`.
        let (rejection, resolved) = match status {
            Rejected => (canceled(), canceled()),
            Timeout | Canceled | Rescinded => (not_released(), canceled()),
            Completed => (not_released(), not_released()),
            Pending => (open(), canceled()),
            Accepted | Wrapping | Unknown => (open(), open()),
        };
        for (cause, expected) in [(CloseCause::Rejection, rejection), (CloseCause::Resolved, resolved)] {
            for scope in [AutoCloseScope::Ai, AutoCloseScope::All] {
                let rules = (scope, cause, Some(0));
                let decided = decide(rules, (TaskStatus::Pending, "{}"), &[(AI, status)]);
                assert_eq!(decided.as_ref(), Ok(&expected), "{cause:?} {status:?}");
            }
        }
    }
    for cause in [CloseCause::Rejection, CloseCause::Resolved] {
        for (of, named) in [
            (vec![(HUMAN, Rejected)], Some(0)),
            (vec![(AI, Rejected)], None),
            (vec![(AI, Rejected)], Some(1)),
            (vec![], Some(0)),
        ] {
            let decided = decide((AutoCloseScope::Ai, cause, named), (TaskStatus::Pending, "{}"), &of);
            assert_eq!(decided, Ok(not_released()), "{cause:?} {of:?}");
        }
        for other in STATUSES {
            let of = [(AI, Rejected), (HUMAN, other)];
            let decided = decide((AutoCloseScope::Ai, cause, Some(0)), (TaskStatus::Pending, "{}"), &of);
            let expected = match other {
                Pending | Accepted | Wrapping | Unknown => open(),
                _ => canceled(),
            };
            assert_eq!(decided, Ok(expected), "{cause:?} {other:?}");
        }
    }
}

#[test]
fn resolved_task_is_canceled_while_only_the_ai_is_offered_it() {
    let open = || CloseDecision::Leave(NothingToDo::ReservationOpen);
    let cases: [(&[Listed<'_>], CloseDecision); 6] = [
        (&[(AI, Pending)], canceled()),
        (&[(AI, Rejected), (OTHER_AI, Pending)], canceled()),
        (&[(AI, Pending), (HUMAN, Rejected)], canceled()),
        (&[(AI, Pending), (HUMAN, Pending)], open()),
        (&[(AI, Pending), (HUMAN, Accepted)], open()),
        (&[(AI, Pending), (OTHER_AI, Wrapping)], open()),
    ];
    for (of, expected) in cases {
        for status in [TaskStatus::Pending, TaskStatus::Reserved] {
            for named in [None, Some(0)] {
                let rules = (AutoCloseScope::Ai, CloseCause::Resolved, named);
                assert_eq!(decide(rules, (status, "{}"), of).as_ref(), Ok(&expected), "{of:?}");
            }
        }
    }
    let reserved = (TaskStatus::Reserved, "{}");
    let rules = (AutoCloseScope::Ai, CloseCause::Resolved, Some(0));
    let not_released = CloseDecision::Leave(NothingToDo::NotReleasedByAi);
    assert_eq!(decide(rules, reserved, &[(AI, Rejected)]), Ok(not_released));
    assert_eq!(
        decide(WRAPUP, reserved, &[(AI, Rejected)]),
        Ok(CloseDecision::Leave(NothingToDo::NotClosable))
    );
}
