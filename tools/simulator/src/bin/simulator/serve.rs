//! The verb `serve`.

use std::io;

use simulator::options::Options;
use simulator::twilio::Routing;
use simulator::world::World;
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Serve;
use crate::complaint::Complaint;
use crate::greeting;
use crate::log::Log;
use crate::workspace;

pub(crate) async fn run(arguments: &Serve) -> Result<(), Complaint> {
    if arguments.callback.starts_with("https:") {
        let why = "nothing here has a certificate: give the callback's URL with http:";
        return Err(Complaint::usage(why));
    }
    if arguments.sinks.iter().any(|url| url.starts_with("https:")) {
        let why = "nothing here has a certificate: give the sink's URL with http:";
        return Err(Complaint::usage(why));
    }
    let options = Options {
        routing: Routing::ByWorkflow,
        ..Options::default()
    };
    let world = World::start(options).await?;
    workspace::set_up(&world.twilio, arguments)?;
    for session in &arguments.sessions {
        world.session_api.create_session(session);
    }
    let server = world.serve_together(arguments.port).await;
    let server = server.map_err(|error| unavailable(arguments.port, error))?;
    // Heard from here on, so that it can be sent as soon as the greeting is read.
    let mut interrupted = signal(SignalKind::interrupt())?;
    greeting::print(&world, &server.url(), arguments)?;
    let mut log = Log::of(&world);
    tokio::select! {
        told = log.run() => Ok(told?),
        _ = interrupted.recv() => Ok(()),
    }
}

fn unavailable(port: u16, error: io::Error) -> Complaint {
    match error.kind() {
        io::ErrorKind::AddrInUse => Complaint::usage(format!("port {port} is taken: give another one with --port")),
        _ => error.into(),
    }
}
