//! task_events.
