//! `cargo demo` builds the demo and the functions in a single call of Cargo with its progress bar, and then starts the
//! demo.
//!
//! `cargo run` builds only the executable that it starts.

use std::env;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

const DEMO: &str = "demo";

/// The packages and their executables.
const BUILT: [(&str, &str); 7] = [
    (DEMO, DEMO),
    ("task-events", "task-events"),
    ("handoff", "handoff"),
    ("resolve-task", "resolve"),
    ("reply", "reply"),
    ("auto-close", "auto-close"),
    ("deferred", "deferred"),
];

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: cargo demo can't start: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Replaces this process with the demo unless the build fails.
fn run() -> io::Result<ExitCode> {
    let program = env::current_exe()?;
    let demo = program.with_file_name(DEMO);
    if !demo.exists() {
        eprintln!("The first build takes about three minutes. After that, the demo starts at once.");
    }
    // Cargo has reported the failure.
    if !build().status()?.success() {
        return Ok(ExitCode::FAILURE);
    }
    // The empty line sets the demo's output apart from Cargo's.
    eprintln!();
    Err(Command::new(demo).arg("--built").args(env::args_os().skip(1)).exec())
}

fn build() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // `cargo run` sets variables about this package. With these, Cargo would build everything again.
    let of_cargo = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in env::vars_os().filter(|(name, _)| of_cargo(&name.to_string_lossy())) {
        command.env_remove(name);
    }
    command.arg("build").current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    for (package, executable) in BUILT {
        command.args(["--package", package, "--bin", executable]);
    }
    command
}
