//! What an input is given to, and what holds of each.

mod attributes;
mod configuration;
mod expression;
mod handoff;
mod queue;
mod request;
mod upstream;
mod webhook;

use std::time::{Duration, Instant};

use crate::harness;

/// In the secrets, and in seeds and dictionary wherever a customer's text can be. It is no plain name, since those are told
/// to whoever used one that is unknown.
pub(crate) const MARK: &str = "hunter 2";

/// Far more than any input takes, on a machine that does other things too.
const LONGEST: Duration = Duration::from_secs(10);

/// Something that reads what others send.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    run: fn(&[u8]),
    /// The most memory that it may hold at once: so many bytes, and so many for each byte of input.
    memory: Memory,
}

struct Memory {
    bytes: u64,
    for_each_byte: u64,
}

const MEGABYTE: u64 = 1 << 20;

/// A function holds the request, its form, its attributes parsed and their text, each for a while.
const FUNCTION: Memory = Memory {
    bytes: MEGABYTE / 4,
    for_each_byte: 200,
};

/// Flattening may multiply a text, and stops at 4 MiB.
const FLATTENING: Memory = Memory {
    bytes: 24 * MEGABYTE,
    for_each_byte: 200,
};

pub(crate) const TARGETS: [Target; 7] = [
    Target {
        name: "webhook",
        run: webhook::run,
        memory: FLATTENING,
    },
    Target {
        name: "attributes",
        run: attributes::run,
        memory: FLATTENING,
    },
    Target {
        name: "handoff",
        run: handoff::run,
        memory: FUNCTION,
    },
    Target {
        name: "upstream",
        run: upstream::run,
        memory: FLATTENING,
    },
    Target {
        name: "queue",
        run: queue::run,
        memory: FUNCTION,
    },
    Target {
        name: "expression",
        run: expression::run,
        memory: FUNCTION,
    },
    Target {
        name: "configuration",
        run: configuration::run,
        memory: FUNCTION,
    },
];

impl Target {
    /// Gives it an input.
    ///
    /// # Panics
    /// If it panics, takes too much time or memory, or says in its log what nobody may read there.
    pub(crate) fn check(&self, input: &[u8]) {
        harness::prepare();
        let started = Instant::now();
        let memory = allocation_counter::measure(|| (self.run)(input));
        let time = started.elapsed();
        assert!(time < LONGEST, "{}: {time:?}", self.name);
        let most = self.memory.bytes + self.memory.for_each_byte * input.len() as u64;
        let peak = memory.bytes_max;
        assert!(peak <= most, "{}: {peak} bytes for {} of input", self.name, input.len());
        harness::check_log();
    }
}
