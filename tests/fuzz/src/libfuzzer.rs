//! The full run: libFuzzer on the target named by `FUZZ_TARGET`. See `run`.

#![no_main]

mod answers;
mod harness;
mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use targets::{TARGETS, Target};

fn target() -> &'static Target {
    static TARGET: OnceLock<&Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let found = TARGETS.iter().find(|target| target.name == name);
        found.unwrap_or_else(|| panic!("FUZZ_TARGET names no target: {name}"))
    })
}

fuzz_target!(|input: &[u8]| target().check(input));
