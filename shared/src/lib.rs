//! flex-handoff.
