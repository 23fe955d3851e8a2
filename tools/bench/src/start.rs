//! The time from the start of the process to its first `next`.
//!
//! On the way a function reads its secret and opens connections. The start is measured twice. With TLS, the only
//! root is in a separate file. Without TLS, the function has the built-in roots as on Lambda.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use crate::programs::{BARE_WEBHOOK, FUNCTIONS, HELLO};
use crate::sample::{Sample, milliseconds};
use crate::stage::Stage;
use crate::table::{Row, Table};
use crate::upstreams::{Upstreams, Wire};

/// The bar as a multiple of the time of a function that answers a constant.
const BAR: f64 = 2.5;

/// The pause after which a function that has asked for the first event is asleep.
const ASLEEP: Duration = Duration::from_millis(2);

/// The wall time and processor time of a start in milliseconds.
#[derive(Clone, Copy)]
struct Start {
    wall: f64,
    processor: f64,
}

pub(crate) async fn measure(stage: &Stage) -> io::Result<Vec<Table>> {
    let wires = [(Wire::Tls, "TLS upstreams"), (Wire::Plain, "built-in roots")];
    let mut sites = Vec::new();
    for (wire, _) in wires {
        sites.push(stage.upstreams(wire).await?);
    }
    let programs: Vec<&'static str> = [HELLO, BARE_WEBHOOK].into_iter().chain(FUNCTIONS).collect();
    let mut starts: BTreeMap<(usize, &str), Vec<Start>> = BTreeMap::new();
    // The first run is left out, since it reads the files from the disk.
    for run in 0..=stage.runs {
        for (site, upstreams) in sites.iter().enumerate() {
            for program in &programs {
                let start = start(stage, program, upstreams).await?;
                if run > 0 {
                    starts.entry((site, *program)).or_default().push(start);
                }
            }
        }
    }
    let mut rows = Vec::new();
    for (site, (_, name)) in wires.iter().enumerate() {
        for program in &programs {
            let what = format!("{program}, {name}");
            rows.push(row(what, &starts[&(site, *program)], &starts[&(site, HELLO)], program));
        }
    }
    let columns = vec![
        "start to the first `next`",
        "ms",
        "times hello",
        "processor, ms",
        "times hello's",
    ];
    Ok(vec![Table { columns, rows }])
}

async fn start(stage: &Stage, program: &'static str, upstreams: &Upstreams) -> io::Result<Start> {
    let (player, took) = stage.start(program, upstreams).await?;
    upstreams.check()?;
    tokio::time::sleep(ASLEEP).await;
    Ok(Start {
        wall: milliseconds(took),
        processor: milliseconds(player.environment.processor_time()?),
    })
}

fn row(what: String, starts: &[Start], hello: &[Start], program: &str) -> Row {
    let walls: Sample = starts.iter().map(|start| start.wall).collect();
    let processor: Sample = starts.iter().map(|start| start.processor).collect();
    let times = |of: fn(&Start) -> f64| -> Sample {
        starts
            .iter()
            .zip(hello)
            .map(|(start, hello)| of(start) / of(hello))
            .collect()
    };
    let (ratios, processor_ratios) = (times(|start| start.wall), times(|start| start.processor));
    let row = Row::new(what)
        .with(format!("{walls}"))
        .with(format!("{ratios}"))
        .with(format!("{processor}"))
        .with(format!("{processor_ratios}"));
    match program {
        HELLO | BARE_WEBHOOK => row,
        _ => row.at_most(BAR, " times", ratios.median()),
    }
}
