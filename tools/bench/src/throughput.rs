//! The requests per second of an environment whose upstreams answer at once. `task-events` is compared with a program
//! that only makes the same calls.

use std::io;
use std::time::Instant;

use simulator::world::TASK_EVENTS;

use crate::programs::BARE_WEBHOOK;
use crate::sample::{Sample, milliseconds};
use crate::stage::{Player, Stage};
use crate::table::{Row, Table};
use crate::upstreams::{Upstreams, Wire};

/// The bar as a share of the bare program's rate.
const BAR: f64 = 0.7;

/// The requests until memory and connections are stable.
const WARM_UP: usize = 20;

/// A turn of the measurement.
struct Turn {
    /// The number of requests per second.
    rate: f64,
    /// The processor time of a request in milliseconds.
    processor: f64,
}

pub(crate) async fn measure(stage: &Stage) -> io::Result<Vec<Table>> {
    let upstreams = stage.upstreams(Wire::Tls).await?;
    let (mut bare, _) = stage.start(BARE_WEBHOOK, &upstreams).await?;
    let (mut function, _) = stage.start(TASK_EVENTS, &upstreams).await?;
    for _ in 0..WARM_UP {
        bare.play(&upstreams).await?;
        function.play(&upstreams).await?;
    }
    let mut turns = Vec::new();
    for _ in 0..stage.runs {
        let bare = turn(stage.requests, &mut bare, &upstreams).await?;
        turns.push((bare, turn(stage.requests, &mut function, &upstreams).await?));
    }
    let sample = |of: fn(&(Turn, Turn)) -> f64| -> Sample { turns.iter().map(of).collect() };
    let rates = [sample(|(bare, _)| bare.rate), sample(|(_, function)| function.rate)];
    let processor = [
        sample(|(bare, _)| bare.processor),
        sample(|(_, function)| function.processor),
    ];
    let ratio = sample(|(bare, function)| function.rate / bare.rate);
    let row = |name: &str, which: usize| {
        Row::new(name)
            .with(format!("{:.0}", rates[which]))
            .with(format!("{:.3}", processor[which]))
    };
    let rows = vec![
        row(BARE_WEBHOOK, 0).with(""),
        row(TASK_EVENTS, 1)
            .with(format!("{ratio}"))
            .at_least(BAR, ratio.median()),
    ];
    let columns = vec![
        "one environment",
        "requests a second",
        "processor, ms a request",
        "of bare-webhook's rate",
    ];
    Ok(vec![Table { columns, rows }])
}

async fn turn(requests: usize, player: &mut Player<'_>, upstreams: &Upstreams) -> io::Result<Turn> {
    let (began, before) = (Instant::now(), player.environment.processor_time()?);
    for _ in 0..requests {
        player.play(upstreams).await?;
    }
    let (took, processor) = (began.elapsed(), player.environment.processor_time()? - before);
    Ok(Turn {
        rate: requests as f64 / took.as_secs_f64(),
        processor: milliseconds(processor) / requests as f64,
    })
}
