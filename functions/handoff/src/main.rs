//! The `handoff` function.

fn main() {}
