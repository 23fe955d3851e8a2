//! Assignment callbacks.

/// A callback that asks for instructions about a new reservation.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub(crate) workspace_sid: String,
    pub(crate) task_sid: String,
    pub(crate) reservation_sid: String,
    /// The workflow's `AssignmentCallbackUrl`, followed by the `FallbackAssignmentCallbackUrl` if any.
    pub(crate) urls: Vec<String>,
    /// The form's fields.
    pub(crate) fields: Vec<(String, String)>,
}
