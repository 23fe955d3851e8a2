//! `cargo demo`: one support conversation, played on this machine by the functions as they would be deployed.

mod acts;
mod arguments;
mod building;
mod case;
mod ending;
mod flattened;
mod handing_over;
mod members;
mod page;
mod play;
mod script;
mod stage;
mod stopped;
mod tables;
mod wires;

use std::io;
use std::process::ExitCode;

use owo_colors::OwoColorize;
use simulator::options::Options;
use simulator::twilio::Routing;
use simulator::world::World;

use arguments::Arguments;
use play::Play;
use script::Script;
use stage::Stage;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::from_command_line();
    let script = match Script::read(&arguments) {
        Ok(script) => script,
        Err(message) => {
            complain(&message);
            return ExitCode::from(2);
        }
    };
    let played = match arguments.serve {
        true => serve(arguments.port).await.map(|()| true),
        false => run(&script).await,
    };
    match played {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // `cargo demo | head`: nobody listens any more, and the rest was not played.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Whether everything went as it should.
async fn run(script: &Script) -> io::Result<bool> {
    let mut stage = Stage::stdout();
    stage.title("flex-handoff: one support conversation, played on this machine")?;
    stage.tell(
        "A company answers its customers' chats by an AI first, and by people in Twilio Flex where the AI should not \
         decide. Three Lambda functions keep the two together. Here they run as the programs that they are, in a \
         simulated Lambda, against a simulated Twilio and a simulated AI platform.",
    )?;
    let binaries = building::build(&mut stage)?;
    let world = World::start(Options {
        binaries: Some(binaries),
        routing: Routing::ByWorkflow,
        ..Options::default()
    })
    .await?;
    let mut play = Play::new(world, stage);
    let ended = acts::all(&mut play, script).await;
    let is_good = ended.is_ok();
    match ended {
        Ok(()) => ending::good(&mut play)?,
        Err(stopped) => ending::early(&mut play, stopped)?,
    }
    play.world.lambda.stop().await;
    Ok(is_good)
}

async fn serve(port: Option<u16>) -> io::Result<()> {
    let mut stage = Stage::stdout();
    let binaries = building::build(&mut stage)?;
    page::serve(binaries, port, &mut stage).await
}

fn complain(message: &str) {
    anstream::eprintln!("{} {message}", "error:".red().bold());
}
