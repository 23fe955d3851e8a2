//! The `task-events` function.

fn main() {}
