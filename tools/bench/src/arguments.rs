//! The command line.

use clap::{Parser, ValueEnum, value_parser};

/// Measures the functions: how fast they start and answer, and the memory and processor time they need.
///
/// Builds them and two baselines for release, and prints the median and the quartiles of several runs for each figure,
/// with its bar. Programs that are compared take turns, so compare figures of one run only.
#[derive(Parser)]
#[command(
    name = "cargo bench-functions",
    bin_name = "cargo bench-functions",
    verbatim_doc_comment
)]
pub(crate) struct Arguments {
    /// The part to measure. Without it, everything.
    #[arg(value_enum)]
    parts: Vec<Part>,

    /// The number of turns for each program [default: 20].
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    pub(crate) runs: Option<u16>,

    /// Makes hardly any measurements, with functions that are not built for release. It fails if a function doesn't
    /// start or answer, or if a figure is absurd.
    #[arg(long, verbatim_doc_comment)]
    pub(crate) smoke: bool,
}

/// A part of the benchmark.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Part {
    /// From the start of the process to its first `next`.
    Start,
    /// From the start of the process to its first answer, and a warm answer.
    Request,
    /// Memory after the start, and after many requests.
    Memory,
    /// The size of each executable, unpacked and zipped.
    Size,
    /// A handoff with distant upstreams.
    Handoff,
    /// Requests per second of one environment.
    Throughput,
}

impl Arguments {
    pub(crate) fn parts(&self) -> &[Part] {
        match &*self.parts {
            [] => Part::value_variants(),
            parts => parts,
        }
    }
}
