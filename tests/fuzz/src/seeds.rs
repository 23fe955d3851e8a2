//! What `cargo test` runs of the fuzz targets: the seeds that are kept, and inputs made of them by a known chance.

mod answers;
mod dictionary;
mod harness;
mod mutation;
mod targets;

use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;
use std::{fs, thread};

use mutation::Mutator;
use targets::{TARGETS, Target};

/// For each target. The full run goes through a million, and by what they reach: see `run`.
const INPUTS: usize = 1_500;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// In the order of their names.
fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder().join("seeds").join(target.name)).expect("each target has seeds");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
        .iter()
        .map(|file| fs::read(file).expect("a readable seed"))
        .collect()
}

/// Far more than any input takes. One that takes for ever can't be stopped, but told of.
const LONGEST: Duration = Duration::from_secs(30);

#[test]
fn no_seed_and_nothing_near_one_does_what_no_input_may() {
    for target in &TARGETS {
        let (sender, started) = mpsc::channel();
        let work = thread::spawn(move || check(target, &sender));
        let mut input = Vec::new();
        let is_over = loop {
            match started.recv_timeout(LONGEST) {
                Ok(next) => input = next,
                Err(why) => break why == RecvTimeoutError::Disconnected,
            }
        };
        let ended_well = is_over && work.join().is_ok();
        assert!(ended_well, "{}: {:?}", target.name, String::from_utf8_lossy(&input));
    }
}

/// Tells of each input before it is given to the target.
fn check(target: &Target, started: &Sender<Vec<u8>>) {
    let dictionary = dictionary::read(&folder().join("dictionary"));
    let seeds = seeds(target);
    let mut mutator = Mutator::new(1, &seeds, &dictionary);
    let near = std::iter::repeat_with(|| mutator.next()).take(INPUTS);
    for input in seeds.iter().cloned().chain(near) {
        started.send(input.clone()).expect("somebody listens");
        target.check(&input);
    }
}
