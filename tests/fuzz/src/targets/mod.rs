//! The fuzz targets and the conditions that hold for every input.

mod attributes;
mod configuration;
mod expression;
mod queue;
mod request;
mod upstream;
mod webhook;

use std::time::{Duration, Instant};

use crate::harness;

/// Far more time than any input takes, even on a busy machine.
const LONGEST: Duration = Duration::from_secs(10);

/// A parser or function with input from others.
pub(crate) struct Target {
    pub(crate) name: &'static str,
    run: fn(&[u8]),
    /// The most memory that the target may hold at once.
    memory: Memory,
}

struct Memory {
    bytes: u64,
    for_each_byte: u64,
}

const MEGABYTE: u64 = 1 << 20;

/// A function holds the request, its form, its parsed attributes and their text.
const FUNCTION: Memory = Memory {
    bytes: MEGABYTE / 4,
    for_each_byte: 200,
};

/// Flattening can multiply a text up to 4 MiB.
const FLATTENING: Memory = Memory {
    bytes: 24 * MEGABYTE,
    for_each_byte: 200,
};

pub(crate) const TARGETS: [Target; 6] = [
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
    /// Runs the target on an input.
    ///
    /// # Panics
    /// If the target panics, takes too much time or memory, or logs private text.
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
