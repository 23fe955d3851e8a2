//! The cost of flattening and merging, relative to the time that `serde_json` takes to parse the same attributes into a
//! `Value`.
//!
//! Run `cargo bench --package flex-handoff`, for this package only. The tests of another package enable
//! `preserve_order` of `serde_json`, which nothing deployed does. That would change the baseline.

use std::hint::black_box;
use std::time::Instant;

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::flatten::flatten;
use flex_handoff::attributes::handoff::{HandoffAttributes, HandoffDetails};
use serde_json::Value;

/// Attributes as Flex and its plugins set them. The longest leave room for a handoff only if the texts are cut.
const ATTRIBUTES: [(&str, &str); 3] = [
    ("0.3 KB", include_str!("attributes/300.json").trim_ascii_end()),
    ("1 KB", include_str!("attributes/1000.json").trim_ascii_end()),
    ("4 KB", include_str!("attributes/4000.json").trim_ascii_end()),
];

const ROUNDS: usize = 3_000;
/// The calls between two readings of the clock, so that the reading doesn't count.
const IN_A_ROW: u32 = 4;

/// In each round every operation takes its turn, so that other load on the machine hits all operations.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn main() {
    let six = six();
    println!("median of {ROUNDS} rounds     parse, ns   flatten     merge   as multiples of the parse");
    for (size, text) in ATTRIBUTES {
        let measured: [&dyn Fn(); 3] = [
            &|| drop(black_box(serde_json::from_slice::<Value>(black_box(text.as_bytes())))),
            &|| drop(black_box(flattened(black_box(text)))),
            &|| drop(black_box(merged(black_box(&six), black_box(text)))),
        ];
        let mut times = measured.map(|_| Vec::with_capacity(ROUNDS));
        for _ in 0..ROUNDS {
            for (measured, times) in measured.iter().zip(&mut times) {
                let started = Instant::now();
                for _ in 0..IN_A_ROW {
                    measured();
                }
                times.push(started.elapsed().as_secs_f64() * 1e9 / f64::from(IN_A_ROW));
            }
        }
        let [parse, flatten, merge] = times.map(median);
        let (flatten, merge) = (flatten / parse, merge / parse);
        println!("{size:<24}{parse:>11.0}{flatten:>10.2}{merge:>10.2}");
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The custom data that is sent to the session.
fn flattened(attributes: &str) -> Option<String> {
    let data = flatten(&Attributes::parse(attributes).ok()?).ok()?;
    Some(data.to_json())
}

/// The attributes that are sent to the task.
fn merged(six: &HandoffAttributes, attributes: &str) -> Option<String> {
    six.merge_into(&Attributes::parse(attributes).ok()?, &[]).ok()
}

fn six() -> HandoffAttributes {
    let details = HandoffDetails {
        reason: "customer wants her money back".to_owned(),
        summary: "Ana was charged twice for order 1138 on 19 November, €249.90 each time. She has sent both \
                  statements of her bank and asks for one of the charges back as soon as possible."
            .to_owned(),
        sentiment: "negative".to_owned(),
        language: "en".to_owned(),
    };
    HandoffAttributes {
        details,
        timestamp: "2026-11-22T09:00:00Z".to_owned(),
    }
}
