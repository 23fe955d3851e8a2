//! Counts the instructions of a warm invocation.
//!
//! `cargo bench --package instructions` needs Valgrind. Each function runs twice with constant answers in place of a
//! network: for a few invocations and for many. The difference is divided by the difference in invocations. The start
//! and the set-up of the first invocations therefore don't count.

mod answers;
mod functions;
mod secret;

use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use functions::Function;

/// The numbers of invocations of the shorter run and the longer run.
const FEW: u64 = 50;
const MANY: u64 = 250;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [name, invocations] = &arguments[..] {
        return run(name, invocations);
    }
    for function in Function::ALL {
        match instructions(function) {
            Ok(instructions) => println!("{:<12}{instructions:>9} instructions an invocation", function.name()),
            Err(why) => {
                eprintln!("{why}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// The process that Valgrind runs.
fn run(name: &str, invocations: &str) -> ExitCode {
    let function = Function::ALL.into_iter().find(|function| function.name() == name);
    match (function, invocations.parse()) {
        (Some(function), Ok(invocations)) => {
            function.invoke(invocations);
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

/// The average instructions of an invocation.
fn instructions(function: Function) -> Result<u64, String> {
    Ok((collected(function, MANY)? - collected(function, FEW)?) / (MANY - FEW))
}

/// The instructions of a whole process, counted by Callgrind. Its profile is kept for `callgrind_annotate`.
fn collected(function: Function, invocations: u64) -> Result<u64, String> {
    let profile = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("callgrind.{}.{invocations}", function.name()));
    let this = env::current_exe().map_err(|error| error.to_string())?;
    let valgrind = Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(this)
        .args([function.name(), &invocations.to_string()])
        .stdout(Stdio::null())
        .output();
    let output = valgrind.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "Instructions are counted by Valgrind, which is not installed.".to_owned(),
        _ => format!("Valgrind could not be run: {error}"),
    })?;
    let report = String::from_utf8_lossy(&output.stderr);
    let collected = report
        .split("Collected : ")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next());
    let collected = collected
        .filter(|_| output.status.success())
        .and_then(|count| count.parse().ok());
    collected.ok_or_else(|| format!("Valgrind did not come to its end:\n{report}"))
}
