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
    /// Whether a reservation that is accepted by the REST API, or by an assignment callback, brings the worker into the
    /// interaction as a participant. An acceptance in Flex's own interface does in any case.
    pub rest_acceptance_brings_participant: bool,
    /// Whether the list of participants keeps those that were closed.
    pub closed_participants_are_listed: bool,
    /// Whether the list of participants keeps those that are in wrap-up, so that they can be closed.
    pub wrapped_up_participants_are_listed: bool,
    /// Whether an agent's participant goes to wrap-up or is closed when TaskRouter's API wraps up or completes the
    /// reservation. Otherwise the agent stays in the conversation.
    pub participant_leaves_with_task: bool,
    /// Whether the list of invites keeps those whose task was accepted, canceled, completed or deleted.
    pub answered_invites_are_listed: bool,
    /// Whether closing a channel cancels its tasks that are pending or reserved. Otherwise they stay.
    pub closing_cancels_waiting_tasks: bool,
    /// Whether closing a closed channel is refused. Otherwise it is answered as if it were the first time.
    pub closed_channel_refuses_closing: bool,
    /// The number of further requests to Twilio after which Flex applies what it has answered with 200: the update of a
    /// participant or a channel, and the participant of an acceptance. With 0, Flex applies it before it answers.
    pub flex_delay: usize,
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            target_timeout_cancels: true,
            rest_acceptance_brings_participant: true,
            closed_participants_are_listed: false,
            wrapped_up_participants_are_listed: true,
            participant_leaves_with_task: false,
            answered_invites_are_listed: true,
            closing_cancels_waiting_tasks: true,
            closed_channel_refuses_closing: true,
            flex_delay: 0,
        }
    }
}
