//! The `auto-close` function.

fn main() {}
