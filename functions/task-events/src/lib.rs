//! task-events.
