//! A handoff with upstreams that are fifty milliseconds away.
//!
//! The handoff needs at least four round trips: read, attributes, reservation and note. A cold handoff also waits for
//! its process, its secret and connections. Some of the connections are opened at the same time. The TCP handshake and
//! TLS handshake of each connection take a round trip each, and reading the secret takes another. There is no shorter
//! way, since the first request to Twilio needs the secret.

use std::io;
use std::time::Duration;

use simulator::world::HANDOFF;

use crate::programs::HELLO;
use crate::sample::{Sample, milliseconds};
use crate::stage::Stage;
use crate::table::{Row, Table};
use crate::upstreams::{Distance, Wire};

const ROUND_TRIP: Duration = Duration::from_millis(50);

/// The round trips for the read, attributes, reservation and note.
const ROUND_TRIPS: u32 = 4;

/// The milliseconds that a warm handoff may add.
const WARM: f64 = 5.0;

/// A run, in milliseconds.
struct Run {
    warm: f64,
    /// The time from the start of the process to its first answer, less the same time of `hello`.
    cold: f64,
    /// The same time if a handshake took only its computations.
    cold_near: f64,
    /// The first invocation of the process.
    first: f64,
}

pub(crate) async fn measure(stage: &Stage) -> io::Result<Vec<Table>> {
    let upstreams = stage.upstreams(Wire::Tls).await?;
    let far = Distance {
        call: ROUND_TRIP,
        handshake: ROUND_TRIP * 2,
    };
    let near = Distance {
        handshake: Duration::ZERO,
        ..far
    };
    let mut runs = Vec::new();
    for _ in 0..stage.runs {
        let (mut hello, _) = stage.start(HELLO, &upstreams).await?;
        let hello = hello.play(&upstreams).await?.since_start;
        upstreams.set_distance(near);
        let (mut player, _) = stage.start(HANDOFF, &upstreams).await?;
        let cold_near = player.play(&upstreams).await?.since_start.saturating_sub(hello);
        upstreams.set_distance(far);
        let (mut player, _) = stage.start(HANDOFF, &upstreams).await?;
        let first = player.play(&upstreams).await?;
        let warm = player.play(&upstreams).await?;
        runs.push(Run {
            warm: milliseconds(warm.took),
            cold: milliseconds(first.since_start.saturating_sub(hello)),
            cold_near: milliseconds(cold_near),
            first: milliseconds(first.took),
        });
    }
    let sample = |of: fn(&Run) -> f64| -> Sample { runs.iter().map(of).collect() };
    let (calls, handshake) = (milliseconds(ROUND_TRIP * ROUND_TRIPS), milliseconds(far.handshake));
    let secret = milliseconds(ROUND_TRIP);
    let row = |name: &str, of: fn(&Run) -> f64| Row::new(name).with(format!("{:.1}", sample(of)));
    let rows = vec![
        row("warm", |run| run.warm).at_most(calls + WARM, " ms", sample(|run| run.warm).median()),
        row("cold, less hello", |run| run.cold),
        row("the invocation in it", |run| run.first),
        row("cold less warm: the secret and a handshake", |run| run.cold - run.warm).at_most(
            secret + handshake + WARM,
            " ms",
            sample(|run| run.cold - run.warm).median(),
        ),
        row("cold, less hello, with handshakes that take no round trips", |run| {
            run.cold_near
        }),
    ];
    Ok(vec![Table {
        columns: vec!["a handoff, upstreams 50 ms away", "ms"],
        rows,
    }])
}
