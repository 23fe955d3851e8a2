//! Tests of the functions in one process and in virtual time. They run every fault at every call, pairs of faults and
//! many schedules of simultaneous runs.
//!
//! `cargo test` always runs the same part. `cargo explore` runs everything. `cargo explore faults` and `cargo explore
//! interleavings` each run one half.

mod actions;
mod ai_platform;
mod aws;
mod closings;
mod fault;
mod faults;
mod functions;
mod handoffs;
mod interleavings;
mod network;
mod other_writer;
mod panics;
mod queue;
mod replay;
mod scene;
mod session_copies;
mod stage;
mod transfers;
mod twilio_callback;
mod verdict;
mod virtual_time;
mod watch;

use simulator::exchange::Upstream;

const ALL_FAULTS: faults::Part = faults::Part {
    singles: 1.0,
    pairs: 1.0,
    one_at: None,
    only_kills: false,
};

/// For cases that differ little from others whose pairs are all run.
const SINGLE_FAULTS: faults::Part = faults::Part {
    pairs: 0.05,
    ..ALL_FAULTS
};

const SOME_FAULTS: faults::Part = faults::Part {
    singles: 0.15,
    pairs: 0.002,
    one_at: None,
    only_kills: false,
};

/// Kills a run at each of its requests before and after the request is applied. The run is then requested again.
const KILLS: faults::Part = faults::Part {
    singles: 1.0,
    pairs: 0.0,
    one_at: None,
    only_kills: true,
};

const ALL_SCHEDULES: interleavings::Part = interleavings::Part {
    systematic: 5_500,
    random: 5_500,
};

const SOME_SCHEDULES: interleavings::Part = interleavings::Part {
    systematic: 15,
    random: 15,
};

/// For starts that read the secret and runs that read it again. Each pair has a fault at Secrets Manager.
fn at_secrets_manager(part: faults::Part) -> faults::Part {
    faults::Part {
        one_at: Some(Upstream::SecretsManager),
        ..part
    }
}
