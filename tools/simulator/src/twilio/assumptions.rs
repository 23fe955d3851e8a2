//! Questions about Twilio's behaviour that the documentation leaves open.

/// Assumptions about TaskRouter and Flex. The default is the likelier answer. A program that must work under both
/// answers is tested with both.
///
/// `docs/assumptions.md` says how to find out on a real account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Assumptions {
    /// Whether the timeout of a reservation cancels a task that was addressed to the worker, as a rejection does.
    /// Otherwise the worker is offered the task again.
    pub target_timeout_cancels: bool,
    /// Whether acceptance by the REST API or an assignment callback adds the worker to the interaction as a
    /// participant. Acceptance in Flex's own interface always does.
    pub rest_acceptance_brings_participant: bool,
    /// Whether the list of participants keeps closed participants.
    pub closed_participants_are_listed: bool,
    /// Whether the list of participants keeps participants in wrap-up, so that a program can close them.
    pub wrapped_up_participants_are_listed: bool,
    /// Whether an agent's participant goes to wrap-up or is closed when TaskRouter's API wraps up or completes the
    /// reservation. Otherwise the agent stays in the conversation.
    pub participant_leaves_with_task: bool,
    /// Whether the list of invites keeps invites whose task was accepted, canceled, completed or deleted.
    pub answered_invites_are_listed: bool,
    /// Whether closing a channel cancels its pending and reserved tasks. Otherwise they stay.
    pub closing_cancels_waiting_tasks: bool,
    /// Whether closing a closed channel is refused. Otherwise the answer is the same as the first time.
    pub closed_channel_refuses_closing: bool,
    /// The number of further requests to Twilio before Flex applies a change that was answered with 200: the update of
    /// a participant or channel, and the participant of an acceptance. With 0, Flex applies the change before the
    /// answer.
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
