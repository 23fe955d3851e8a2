//! What flattening and merging cost, against the floor: `serde_json` parsing the same attributes into a `Value`.
//!
//! `cargo bench --package flex-handoff`, for the package alone: another one's tests switch on `serde_json`'s
//! `preserve_order`, which nothing deployed has, and which makes the floor another one.

use std::fs::File;
use std::hint::black_box;
use std::path::Path;

use criterion::Criterion;
use flex_handoff::attributes::Attributes;
use flex_handoff::flatten::flatten;
use flex_handoff::handoff::{HandoffAttributes, Words};
use serde_json::Value;

/// Attributes as Flex and its plugins set them. Beside the longest there is room for the six only if the words are cut.
const ATTRIBUTES: [(&str, &str); 3] = [
    ("0.3 KB", include_str!("attributes/300.json").trim_ascii_end()),
    ("1 KB", include_str!("attributes/1000.json").trim_ascii_end()),
    ("4 KB", include_str!("attributes/4000.json").trim_ascii_end()),
];

const FLOOR: &str = "parse";
const MEASURED: [&str; 2] = ["flatten", "merge"];

fn main() {
    let results = Path::new(env!("CARGO_TARGET_TMPDIR")).join("attributes");
    let mut criterion = Criterion::default().output_directory(&results).configure_from_args();
    let six = six();
    for (size, text) in ATTRIBUTES {
        let mut group = criterion.benchmark_group(size);
        group.bench_function(FLOOR, |bencher| {
            bencher.iter(|| serde_json::from_slice::<Value>(black_box(text.as_bytes())));
        });
        group.bench_function("flatten", |bencher| bencher.iter(|| flattened(black_box(text))));
        group.bench_function("merge", |bencher| {
            bencher.iter(|| merged(black_box(&six), black_box(text)))
        });
    }
    criterion.final_summary();
    print_ratios(&results);
}

/// The custom data that the session is sent.
fn flattened(attributes: &str) -> Option<String> {
    let data = flatten(&Attributes::parse(attributes).ok()?).ok()?;
    Some(data.to_json())
}

/// The attributes that the task is sent.
fn merged(six: &HandoffAttributes, attributes: &str) -> Option<String> {
    six.merge_into(&Attributes::parse(attributes).ok()?).ok()
}

fn six() -> HandoffAttributes {
    let words = Words {
        reason: "customer wants her money back".to_owned(),
        summary: "Ana was charged twice for order 1138 on 19 November, €249.90 each time. She has sent both \
                  statements of her bank and asks for one of the charges back as soon as possible."
            .to_owned(),
        sentiment: "negative".to_owned(),
        language: "en".to_owned(),
    };
    HandoffAttributes {
        words,
        timestamp: "2026-11-22T09:00:00Z".to_owned(),
    }
}

/// Prints the medians as multiples of the floor's.
fn print_ratios(results: &Path) {
    println!(
        "multiples of the parse   {}",
        MEASURED.map(|name| format!("{name:>8}")).concat()
    );
    for (size, _) in ATTRIBUTES {
        let floor = median(results, size, FLOOR);
        let ratio = |name| Some(format!("{:8.2}", median(results, size, name)? / floor?));
        println!(
            "{size:<25}{}",
            MEASURED.map(|name| ratio(name).unwrap_or_default()).concat()
        );
    }
}

/// The median of the last run, in nanoseconds; `None` if there was none.
fn median(results: &Path, size: &str, name: &str) -> Option<f64> {
    let estimates = File::open(results.join(size).join(name).join("new/estimates.json")).ok()?;
    let estimates: Value = serde_json::from_reader(estimates).ok()?;
    estimates["median"]["point_estimate"].as_f64()
}
