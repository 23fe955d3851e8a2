//! `simulator`: a Twilio on this machine, for your own Flex work.

mod arguments;
mod complaint;
mod greeting;
mod log;
mod serve;
mod workspace;

use std::process::ExitCode;

use clap::Parser;
use owo_colors::OwoColorize;

use arguments::{Arguments, Verb};

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Arguments::parse().verb {
        Verb::Serve(arguments) => serve::run(&arguments).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            anstream::eprintln!("{} {}", "error:".red().bold(), complaint.message);
            complaint.code
        }
    }
}
