//! The command line.

use clap::{Parser, ValueEnum, value_parser};

/// Measures the functions: how fast they start and answer, and what they need.
///
/// Builds them and two baselines for release, and says for each figure
/// the median and the quartiles of some runs, and whether it reaches its bar.
/// What is compared takes turns, so compare figures of one run only.
#[derive(Parser)]
#[command(
    name = "cargo bench-functions",
    bin_name = "cargo bench-functions",
    verbatim_doc_comment
)]
pub(crate) struct Arguments {
    /// What to measure; without it, everything.
    #[arg(value_enum)]
    parts: Vec<Part>,

    /// How often each thing takes its turn [default: 20].
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..))]
    pub(crate) runs: Option<u16>,

    /// Measures hardly anything, with functions that are not built for release. It
    /// fails if one doesn't start or answer, or if a figure is absurd.
    #[arg(long, verbatim_doc_comment)]
    pub(crate) smoke: bool,
}

/// What can be measured.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Part {
    /// From the start of the process to its first `next`.
    Start,
    /// From the start of the process to its first answer, and a warm answer.
    Request,
    /// After the start, and over requests.
    Memory,
    /// Of each executable, unpacked and zipped.
    Size,
    /// A handoff with upstreams that are far away.
    Handoff,
    /// Requests a second of one environment.
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
