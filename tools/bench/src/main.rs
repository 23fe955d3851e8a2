//! `cargo bench-functions` measures the functions as whole processes, compared with the smallest programs that do the
//! same.
//!
//! Everything runs on one thread: the upstreams, the Runtime API and the clock. A function has one event at a time, so
//! this thread only answers while the function works. Programs that are compared take turns.

mod arguments;
mod environment;
mod handoff;
mod memory;
mod programs;
mod rehearsal;
mod request;
mod runtime_api;
mod sample;
mod size;
mod stage;
mod start;
mod table;
mod throughput;
mod upstreams;

use std::io;
use std::process::ExitCode;
use std::rc::Rc;

use clap::Parser;
use owo_colors::OwoColorize;
use tokio::task::LocalSet;

use arguments::{Arguments, Part};
use programs::Programs;
use rehearsal::Script;
use stage::Stage;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Slow upstreams would hide the function's own time.
    if cfg!(debug_assertions) && !arguments.smoke {
        complain("this build is too slow to measure with; run `cargo bench-functions`, or add --smoke");
        return ExitCode::from(2);
    }
    match LocalSet::new().run_until(measure(&arguments)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn complain(message: &str) {
    anstream::eprintln!("{} {message}", "error:".red().bold());
}

async fn measure(arguments: &Arguments) -> io::Result<()> {
    if arguments.smoke {
        anstream::println!(
            "Hardly any requests, to functions that are not built for release: too few to tell whether a bar is reached."
        );
    }
    let programs = Programs::build(if arguments.smoke { "dev" } else { "release" })?;
    let script = Rc::new(Script::rehearse(&programs).await?);
    let stage = Stage {
        programs,
        script,
        runs: arguments.runs.unwrap_or(if arguments.smoke { 2 } else { 20 }).into(),
        requests: if arguments.smoke { 5 } else { 500 },
    };
    let mut absurd = Vec::new();
    for part in arguments.parts() {
        let tables = match part {
            Part::Start => start::measure(&stage).await?,
            Part::Request => request::measure(&stage).await?,
            Part::Memory => memory::measure(&stage).await?,
            Part::Size => size::measure(&stage)?,
            Part::Handoff => handoff::measure(&stage).await?,
            Part::Throughput => throughput::measure(&stage).await?,
        };
        for table in tables {
            table.print();
            absurd.extend(table.absurdities());
        }
    }
    if arguments.smoke && !absurd.is_empty() {
        return Err(io::Error::other(format!("this can't be:\n{}", absurd.join("\n"))));
    }
    Ok(())
}
