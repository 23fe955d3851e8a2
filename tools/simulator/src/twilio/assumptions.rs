//! Behaviour of Twilio that its documentation leaves open.

/// Assumptions about TaskRouter and Flex, each with the answer that seems likelier as its default. A test of a program
/// that must hold whatever Twilio does runs with both answers.
///
/// `docs/assumptions.md` says how to find out on a real account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Assumptions {
    /// Whether a task that was addressed to a worker is canceled when the reservation times out, as it is when the
    /// worker rejects. Otherwise the worker is offered the task again.
    pub target_timeout_cancels: bool,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            target_timeout_cancels: true,
        }
    }
}
