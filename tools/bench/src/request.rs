//! The time from the start of the process to its first answer, and the time of a warm answer.
//!
//! The time that a function adds is the time between its event and its answer, less the time of `hello` and less the
//! time of the upstreams. An upstream's time runs from having the head of a request to having its answer. The loopback
//! interface, TLS and HTTP on both sides therefore count as the function's own time. The difference to `bare-webhook`
//! is the cost of the function's own code.
//!
//! The processor time is the function's own part of the whole. The rest is that of the upstreams and the Runtime API.

use std::collections::BTreeMap;
use std::io;

use crate::programs::{BARE_WEBHOOK, FUNCTIONS, HELLO};
use crate::sample::{Sample, milliseconds};
use crate::stage::{Player, Stage};
use crate::table::{Row, Table};
use crate::upstreams::{Upstreams, Wire};
use simulator::world::TASK_EVENTS;

/// The milliseconds that a function may add.
const BAR: f64 = 0.3;

/// The requests until memory and connections are stable.
const WARM_UP: usize = 20;

/// A turn of a warm function, with percentiles in milliseconds.
struct Turn {
    p50: f64,
    p99: f64,
    /// The median without the upstreams' time.
    without_upstreams: f64,
    /// The function's own processor time per request.
    processor: f64,
}

pub(crate) async fn measure(stage: &Stage) -> io::Result<Vec<Table>> {
    let upstreams = stage.upstreams(Wire::Tls).await?;
    let programs: Vec<&'static str> = [HELLO, BARE_WEBHOOK].into_iter().chain(FUNCTIONS).collect();
    let first = Table {
        columns: vec!["start to the first answer", "ms"],
        rows: first_answers(stage, &programs, &upstreams).await?,
    };
    let turns = warm(stage, &programs, &upstreams).await?;
    let row = |program: &&str| row(program, &turns[program], &turns[HELLO]);
    let mut rows: Vec<Row> = programs.iter().map(row).collect();
    let pairs = turns[TASK_EVENTS].iter().zip(&turns[BARE_WEBHOOK]);
    let over: Sample = pairs.map(|(function, bare)| function.p50 - bare.p50).collect();
    let row = Row::new("task-events less bare-webhook").with(format!("{over:.3}"));
    rows.push(row.with("").with("").with(""));
    let warm = Table {
        columns: vec![
            "a warm request",
            "p50, ms",
            "p99, ms",
            "processor, ms",
            "added to the upstreams' time, p50, ms",
        ],
        rows,
    };
    Ok(vec![first, warm])
}

async fn first_answers(stage: &Stage, programs: &[&'static str], upstreams: &Upstreams) -> io::Result<Vec<Row>> {
    let mut firsts: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for _ in 0..stage.runs {
        for program in programs {
            let (mut player, _) = stage.start(program, upstreams).await?;
            let answered = player.play(upstreams).await?.since_start;
            firsts.entry(*program).or_default().push(milliseconds(answered));
        }
    }
    let row = |program: &&str| {
        let first: Sample = firsts[program].iter().copied().collect();
        Row::new(*program).with(format!("{first}"))
    };
    Ok(programs.iter().map(row).collect())
}

async fn warm(
    stage: &Stage,
    programs: &[&'static str],
    upstreams: &Upstreams,
) -> io::Result<BTreeMap<&'static str, Vec<Turn>>> {
    let mut players = Vec::new();
    for program in programs {
        let (mut player, _) = stage.start(program, upstreams).await?;
        for _ in 0..WARM_UP {
            player.play(upstreams).await?;
        }
        players.push((*program, player));
    }
    let mut turns: BTreeMap<&str, Vec<Turn>> = BTreeMap::new();
    for _ in 0..stage.runs {
        for (program, player) in &mut players {
            let turn = turn(stage.requests, player, upstreams).await?;
            turns.entry(*program).or_default().push(turn);
        }
    }
    Ok(turns)
}

async fn turn(requests: usize, player: &mut Player<'_>, upstreams: &Upstreams) -> io::Result<Turn> {
    let (mut whole, mut own) = (Vec::new(), Vec::new());
    let before = player.environment.processor_time()?;
    upstreams.take_time();
    for _ in 0..requests {
        let took = player.play(upstreams).await?.took;
        whole.push(milliseconds(took));
        own.push(milliseconds(took.saturating_sub(upstreams.take_time())));
    }
    let processor = player.environment.processor_time()? - before;
    let (whole, own): (Sample, Sample) = (whole.into_iter().collect(), own.into_iter().collect());
    Ok(Turn {
        p50: whole.median(),
        p99: whole.at(99),
        without_upstreams: own.median(),
        processor: milliseconds(processor) / requests as f64,
    })
}

fn row(program: &str, turns: &[Turn], hello: &[Turn]) -> Row {
    let over_runs = |of: fn(&Turn) -> f64| -> Sample { turns.iter().map(of).collect() };
    let (p50, p99) = (over_runs(|turn| turn.p50), over_runs(|turn| turn.p99));
    let processor = over_runs(|turn| turn.processor);
    let row = Row::new(program)
        .with(format!("{p50:.3}"))
        .with(format!("{p99:.3}"))
        .with(format!("{processor:.3}"));
    let pairs = turns.iter().zip(hello);
    let added: Sample = pairs.map(|(turn, hello)| turn.without_upstreams - hello.p50).collect();
    match program {
        HELLO => row.with(""),
        BARE_WEBHOOK => row.with(format!("{added:.3}")),
        _ => row.with(format!("{added:.3}")).at_most(BAR, " ms", added.median()),
    }
}
