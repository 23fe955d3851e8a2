//! The verb `bench`: the functions as whole processes, against the least that could do the same.
//!
//! All of it runs on one thread: the upstreams, the Runtime API and the clock. A function has one event at a time, so
//! while it works this thread only answers it, and what is compared takes turns, run by run.

mod environment;
mod handoff;
mod memory;
mod programs;
mod rehearsal;
mod request;
mod runtime_api;
mod sample;
mod size;
mod start;
mod table;
mod throughput;
mod upstreams;

use std::io;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use hyper::body::Bytes;
use simulator::lambda::functions;
use tokio::task::LocalSet;

use crate::arguments::{Bench, Part};
use crate::complaint::Complaint;

use environment::{Environment, Invocation};
use programs::Programs;
use rehearsal::Script;
use upstreams::{Upstreams, Wire};

pub(crate) async fn run(arguments: Bench) -> Result<(), Complaint> {
    if cfg!(debug_assertions) && !arguments.smoke {
        return run_fast();
    }
    let bench = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, measure(&arguments))
    });
    bench.await.map_err(io::Error::other)?
}

/// The same command, built to be fast: upstreams that take their time would hide what a function takes.
fn run_fast() -> Result<(), Complaint> {
    anstream::eprintln!("Building for release: some minutes for the first time.");
    let arguments = ["--package", "simulator", "--bin", "simulator"];
    let executables = functions::executables("tools", &arguments, |_| ())?;
    let simulator = executables.get("simulator");
    let simulator = simulator.ok_or_else(|| io::Error::other("`cargo build` made no simulator"))?;
    let status = Command::new(simulator).args(std::env::args_os().skip(1)).status()?;
    match status.success() {
        true => Ok(()),
        // It has said why.
        false => std::process::exit(status.code().unwrap_or(1)),
    }
}

async fn measure(arguments: &Bench) -> Result<(), Complaint> {
    if arguments.smoke {
        anstream::println!(
            "Hardly any requests, to programs that are not built for release: whether a bar is reached they don't tell."
        );
    }
    let programs = Programs::build()?;
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
        return Err(io::Error::other(format!("this can't be:\n{}", absurd.join("\n"))).into());
    }
    Ok(())
}

/// What every part needs.
struct Stage {
    programs: Programs,
    script: Rc<Script>,
    /// How often everything that is compared takes its turn.
    runs: usize,
    /// Of a warm function in each of its turns.
    requests: usize,
}

impl Stage {
    async fn upstreams(&self, wire: Wire) -> io::Result<Upstreams> {
        Upstreams::start(&self.script, wire).await
    }

    /// Starts a program, and says how long it took to ask for its first event.
    async fn start(&self, program: &str, upstreams: &Upstreams) -> io::Result<(Player<'_>, std::time::Duration)> {
        let path: &Path = self.programs.path(program);
        let started = Environment::start(path, &upstreams.variables()).await;
        let (environment, took) = started.map_err(|error| io::Error::other(format!("{program}: {error}")))?;
        let part = self.script.part(program);
        let player = Player {
            program: program.to_owned(),
            environment,
            event: &part.event,
            answer: &part.answer,
        };
        Ok((player, took))
    }
}

/// A program that runs, and its part.
struct Player<'s> {
    program: String,
    environment: Environment,
    event: &'s Bytes,
    answer: &'s Bytes,
}

impl Player<'_> {
    /// Lets it play its part once, as rehearsed.
    async fn play(&mut self, upstreams: &Upstreams) -> io::Result<Invocation> {
        let failed = |error| io::Error::other(format!("{}: {error}", self.program));
        let invocation = self.environment.invoke(self.event).await.map_err(failed)?;
        upstreams.check()?;
        if invocation.answer != self.answer {
            let answer = String::from_utf8_lossy(&invocation.answer);
            return Err(io::Error::other(format!("{} has answered {answer}", self.program)));
        }
        Ok(invocation)
    }
}
