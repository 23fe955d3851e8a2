//! The part of the fuzzing that `cargo test` runs: the stored seeds and their reproducible mutations.

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

/// The number of mutated inputs for each target. The full run takes a million, guided by coverage: see `run`.
const INPUTS: usize = 1_500;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A target's seeds by name.
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

/// Far more time than any input takes. An input that never ends can only be reported.
const LONGEST: Duration = Duration::from_secs(30);

#[test]
fn seeds_and_mutations_violate_no_invariant() {
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

/// Reports each input before the target gets it.
fn check(target: &Target, started: &Sender<Vec<u8>>) {
    let dictionary = dictionary::read(&folder().join("dictionary"));
    let seeds = seeds(target);
    let mut mutator = Mutator::new(1, &seeds, &dictionary);
    let near = std::iter::repeat_with(|| mutator.next()).take(INPUTS);
    for input in seeds.iter().cloned().chain(near) {
        started.send(input.clone()).expect("the watching thread listens");
        target.check(&input);
    }
}
