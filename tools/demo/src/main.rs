//! `cargo demo`: three support conversations, in which the deployed functions run on this machine.

mod arguments;
mod flattened;
mod members;
mod page;
mod play;

use std::io;
use std::process::ExitCode;

use clap::Parser;
use owo_colors::OwoColorize;
use simulator::lambda::functions::{self, Binaries};
use simulator::options::Options;
use simulator::twilio::Routing;
use simulator::world::World;

use arguments::Arguments;
use play::script::Script;
use play::stage::Stage;
use play::{Play, ending};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let script = match Script::read(&arguments) {
        Ok(script) => script,
        Err(message) => {
            complain(&message);
            return ExitCode::from(2);
        }
    };
    let played = match arguments.serve {
        true => serve(&arguments, script).await.map(|()| true),
        false => run(&arguments, &script).await,
    };
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // The reader of `cargo demo | head` has gone, so the rest was not played.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Plays or serves the conversations. Returns whether every check passed.
async fn run(arguments: &Arguments, script: &Script) -> io::Result<bool> {
    let binaries = binaries(arguments)?;
    let mut stage = Stage::stdout();
    stage.heading("flex-handoff: three customers, one AI agent, one human agent")?;
    stage.tell("The functions are real. Twilio, the AI platform and Lambda are simulated.")?;
    tell_changes(&mut stage, script)?;
    let world = World::start(Options {
        binaries: Some(binaries),
        routing: Routing::ByWorkflow,
        close_queue: true,
        ..Options::default()
    })
    .await?;
    let mut play = Play::new(world, stage, arguments.wires);
    let ended = play::all(&mut play, script).await;
    let is_good = ended.is_ok();
    match ended {
        Ok(()) => ending::good(&mut play)?,
        Err(stopped) => ending::early(&mut play, stopped)?,
    }
    play.world.lambda.stop().await;
    Ok(is_good)
}

fn tell_changes(stage: &mut Stage, script: &Script) -> io::Result<()> {
    match &*script.changes {
        [] => Ok(()),
        changes => stage.tell(&format!("Your attributes: {}.", changes.join("; "))),
    }
}

async fn serve(arguments: &Arguments, script: Script) -> io::Result<()> {
    let binaries = binaries(arguments)?;
    let mut stage = Stage::stdout();
    tell_changes(&mut stage, &script)?;
    let [first, ..] = script.parts;
    let files = script.is_own.then_some(first);
    let served = page::serve(binaries, arguments.port, files, &mut stage).await;
    match (served, arguments.port) {
        (Ok(()), _) => stage.tell("Goodbye. The simulated Twilio and all that was in it are gone."),
        (Err(error), Some(port)) if error.kind() == io::ErrorKind::AddrInUse => {
            let advice =
                format!("port {port} is taken: give another one with --port, or leave --port out for a free one");
            Err(io::Error::new(error.kind(), advice))
        }
        (Err(error), _) => Err(error),
    }
}

/// The functions' executables. Without `cargo demo`, they are built here.
fn binaries(arguments: &Arguments) -> io::Result<Binaries> {
    match arguments.built {
        true => functions::beside_this_program(),
        false => functions::build_as_for(env!("CARGO_PKG_NAME")),
    }
}

fn complain(message: &str) {
    anstream::eprintln!("{} {message}", "error:".red().bold());
}
