//! What `cargo test` runs of the fuzz targets: the seeds that are kept, and inputs made of them by a known chance.

mod answers;
mod dictionary;
mod machine;
mod mutation;
mod targets;

use std::fs;
use std::path::PathBuf;

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

#[test]
fn no_seed_and_nothing_near_one_does_what_no_input_may() {
    let dictionary = dictionary::read(&folder().join("dictionary"));
    for target in &TARGETS {
        let seeds = seeds(target);
        for seed in &seeds {
            target.check(seed);
        }
        let mut mutator = Mutator::new(1, &seeds, &dictionary);
        for _ in 0..INPUTS {
            target.check(&mutator.next());
        }
    }
}
