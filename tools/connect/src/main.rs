//! `connect` checks a Twilio account for flex-handoff, sets the account up and tests a deployed stack.

mod account;
mod apply;
mod aws;
mod backup;
mod check;
mod client;
mod credentials;
mod events;
mod export;
mod findings;
mod further_options;
mod options;
mod output;
mod plan;
mod report;
mod routing;
mod session_probe;
mod smoke;
mod undo;
mod verb_error;
mod verbs;

use std::process::ExitCode;

use clap::Parser;

use options::Options;

/// The exit code for a question that could not be answered.
const UNKNOWN: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    match verbs::run(Options::parse()).await {
        Ok(code) => code,
        Err(error) => {
            // The reader closed the pipe and wants no more output.
            if !error.is_broken_pipe() {
                eprintln!("connect: {error}");
            }
            ExitCode::from(UNKNOWN)
        }
    }
}
