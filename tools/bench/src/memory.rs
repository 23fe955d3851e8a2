//! Resident memory after the start and after enough requests to show a leak.

use std::io;

use crate::programs::{BARE_WEBHOOK, FUNCTIONS, HELLO};
use crate::sample::Sample;
use crate::stage::Stage;
use crate::table::{Row, Table};
use crate::upstreams::{Upstreams, Wire};

/// The limit after the start in megabytes.
const BAR: f64 = 16.0;

/// The limit of the growth between a tenth of the requests and all of them, in kilobytes. The allocator gets memory in
/// pieces of this size. A function that kept fifteen bytes of each request would grow by more.
const GROWTH: f64 = 132.0;

/// The number of turns, each with a tenth of all requests.
const TURNS: usize = 10;

pub(crate) async fn measure(stage: &Stage) -> io::Result<Vec<Table>> {
    let (tls, plain) = (stage.upstreams(Wire::Tls).await?, stage.upstreams(Wire::Plain).await?);
    let (mut starts, mut growths) = (Vec::new(), Vec::new());
    for program in [HELLO, BARE_WEBHOOK].into_iter().chain(FUNCTIONS) {
        let (own, system) = (
            after_start(stage, program, &tls).await?,
            after_start(stage, program, &plain).await?,
        );
        let row = Row::new(program).with(format!("{own:.1}")).with(format!("{system:.1}"));
        starts.push(match program {
            HELLO | BARE_WEBHOOK => row,
            _ => row.at_most(BAR, " MB", own.median().max(system.median())),
        });
        let [early, late] = over_requests(stage, program, &tls).await?;
        let growth = (late - early) / 1e3;
        let row = Row::new(program).with(format!("{:.2}", early / 1e6));
        let row = row.with(format!("{:.2}", late / 1e6)).with(format!("{growth:.0}"));
        growths.push(match program {
            HELLO | BARE_WEBHOOK => row,
            _ => row.at_most(GROWTH, " KB", growth.max(0.0)),
        });
    }
    let after_start = Table {
        columns: vec!["memory after the start", "TLS upstreams, MB", "built-in roots, MB"],
        rows: starts,
    };
    let over_requests = Table {
        columns: vec![
            "memory over requests",
            "after a tenth, MB",
            "after all, MB",
            "growth, KB",
        ],
        rows: growths,
    };
    Ok(vec![after_start, over_requests])
}

/// The peak before the first `next` in megabytes.
async fn after_start(stage: &Stage, program: &'static str, upstreams: &Upstreams) -> io::Result<Sample> {
    let mut figures = Vec::new();
    for _ in 0..stage.runs {
        let (player, _) = stage.start(program, upstreams).await?;
        figures.push(player.environment.memory("VmHWM")? / 1e6);
    }
    Ok(figures.into_iter().collect())
}

/// The memory in bytes after a tenth of the requests and after all of them.
async fn over_requests(stage: &Stage, program: &'static str, upstreams: &Upstreams) -> io::Result<[f64; 2]> {
    let (mut player, _) = stage.start(program, upstreams).await?;
    let mut figures = [0.0; TURNS];
    for figure in &mut figures {
        for _ in 0..stage.requests * 2 {
            player.play(upstreams).await?;
        }
        *figure = player.environment.memory("VmRSS")?;
    }
    Ok([figures[0], figures[TURNS - 1]])
}
