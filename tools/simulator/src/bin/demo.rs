//! `cargo demo`.

fn main() {}
