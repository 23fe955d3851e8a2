//! The verb `serve`.

use std::io;

use owo_colors::OwoColorize;
use simulator::control::resets;
use simulator::options::Options;
use simulator::twilio::{Routing, check_certificate_authorities, check_event_types};
use simulator::world::World;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Serve;
use crate::complaint::Complaint;
use crate::greeting;
use crate::log::Log;
use crate::workspace::Plan;

pub(crate) async fn run(arguments: &Serve) -> Result<(), Complaint> {
    check_certificate_authorities().map_err(Complaint::usage)?;
    for types in [&arguments.events_filter, &arguments.sink_types] {
        check_event_types(types).map_err(|refusal| Complaint::usage(refusal.message))?;
    }
    let plan = Plan::read(arguments)?;
    let mut world = start(arguments, &plan).await?;
    // Begins before the first request can arrive.
    let mut log = Log::of(&world);
    let (resets, mut requested) = resets();
    let server = world.serve_with_resets(arguments.port, resets.clone()).await;
    let server = server.map_err(|error| unavailable(arguments.port, error))?;
    // Heard from here on, so that it can be sent as soon as the greeting is read.
    let mut interrupted = signal(SignalKind::interrupt())?;
    greeting::print(&world, &server.url(), arguments)?;
    loop {
        tokio::select! {
            told = log.run() => return Ok(told?),
            _ = interrupted.recv() => return Ok(()),
            Some(reset) = requested.recv() => {
                world = start(arguments, &plan).await?;
                log = Log::of(&world);
                world.take_over(&server, resets.clone());
                anstream::println!("{}", "reset  everything is as at the start".bold());
                reset.done();
            }
        }
    }
}

/// The world as the command line wants it.
async fn start(arguments: &Serve, plan: &Plan) -> Result<World, Complaint> {
    let options = Options {
        routing: Routing::ByWorkflow,
        ..Options::default()
    };
    let world = World::start(options).await?;
    plan.carry_out(&world.twilio, arguments)?;
    for session in &arguments.sessions {
        world.session_api.create_session(session);
    }
    Ok(world)
}

fn unavailable(port: u16, error: io::Error) -> Complaint {
    match error.kind() {
        io::ErrorKind::AddrInUse => Complaint::usage(format!("port {port} is taken: give another one with --port")),
        _ => error.into(),
    }
}
