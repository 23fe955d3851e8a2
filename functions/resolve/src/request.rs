//! The request.

use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::action_request::{self, TaskReference};
use flex_handoff::lambda::actions::ActionInput;
use flex_handoff::twilio::sid::ReservationSid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResolveRequest {
    pub(crate) task: TaskReference,
    /// The default is the AI's reservation on the task.
    pub(crate) reservation: Option<ReservationSid>,
}

impl ResolveRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// [`ActionError::InvalidRequest`] with every fault.
    pub(crate) fn parse(input: &ActionInput) -> Result<Self, ActionError> {
        action_request::read(&input.json, |fields| {
            let task = fields.task(input.session_id.as_deref());
            let expected = "a reservation's SID (WR and 32 hexadecimal digits)";
            let reservation = fields.optional("reservationSid", expected, |text| ReservationSid::parse(text.trim()));
            Some(Self {
                task: task?,
                reservation,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use flex_handoff::twilio::sid::TaskSid;

    use super::*;

    const TASK: &str = "WT00000000000000000000000000000001";
    const RESERVATION: &str = "WR00000000000000000000000000000001";

    fn parse(json: String) -> Result<ResolveRequest, ActionError> {
        ResolveRequest::parse(&ActionInput { json, session_id: None })
    }

    #[test]
    fn request_names_a_task_and_perhaps_a_reservation() {
        let task = TaskReference::Task(TaskSid::parse(TASK).unwrap());
        let request = |reservation| ResolveRequest {
            task: task.clone(),
            reservation,
        };
        let whole = format!(r#"{{"taskSid":"{TASK}","reservationSid":"{RESERVATION}","reason":"ignored"}}"#);
        assert_eq!(parse(whole), Ok(request(ReservationSid::parse(RESERVATION))));
        let without = format!(r#"{{"taskSid":"{TASK}","reservationSid":null}}"#);
        assert_eq!(parse(without), Ok(request(None)));
    }

    #[test]
    fn every_fault_is_named() {
        let expected = [
            "taskSid or sessionId must be given",
            "reservationSid is malformed: it must be a reservation's SID (WR and 32 hexadecimal digits)",
        ];
        let expected = expected.map(str::to_owned).to_vec();
        let faulty = r#"{"reservationSid":"WT1"}"#.to_owned();
        assert_eq!(parse(faulty), Err(ActionError::InvalidRequest(expected)));
    }
}
