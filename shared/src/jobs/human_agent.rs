//! Whether a human agent has a task.

use crate::clients::taskrouter::{Reservation, ReservationStatus};
use crate::config::AiWorkers;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HumanAgent {
    Absent,
    /// A human agent has accepted the task.
    Active,
    /// A human agent's reservation has a status that this version doesn't know.
    Unknown,
}

/// Looks for a human agent among a task's reservations.
pub fn human_agent(reservations: &[Reservation], ai_workers: &AiWorkers) -> HumanAgent {
    let is_human = |it: &&Reservation| !ai_workers.contains(it.worker.as_ref());
    let has = |status| reservations.iter().filter(is_human).any(|it| it.status == status);
    match (has(ReservationStatus::Accepted), has(ReservationStatus::Unknown)) {
        (true, _) => HumanAgent::Active,
        (false, true) => HumanAgent::Unknown,
        (false, false) => HumanAgent::Absent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::sid::{ReservationSid, WorkerSid};

    #[test]
    fn human_agent_is_active_with_an_accepted_reservation_only() {
        use ReservationStatus::{Accepted, Completed, Pending, Rejected, Unknown, Wrapping};
        let worker = |number: u32| WorkerSid::parse(&format!("WK{number:032}")).unwrap();
        let ai_workers = AiWorkers(vec![worker(1)]);
        let look = |of: &[(u32, ReservationStatus)]| {
            let reservation = |&(number, status): &(u32, ReservationStatus)| Reservation {
                sid: ReservationSid::parse(&format!("WR{number:032}")).unwrap(),
                worker: Some(worker(number)),
                status,
                created: None,
                updated: None,
                etag: None,
            };
            let reservations: Vec<_> = of.iter().map(reservation).collect();
            human_agent(&reservations, &ai_workers)
        };
        for status in [Pending, Rejected, Wrapping, Completed] {
            assert_eq!(look(&[(1, Accepted), (2, status)]), HumanAgent::Absent, "{status:?}");
        }
        assert_eq!(look(&[(1, Unknown)]), HumanAgent::Absent);
        assert_eq!(look(&[(2, Unknown)]), HumanAgent::Unknown);
        assert_eq!(look(&[(2, Unknown), (3, Accepted)]), HumanAgent::Active);
    }
}
