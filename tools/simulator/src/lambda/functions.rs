//! The function binaries, built by Cargo.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::log_stream::LogStream;

/// The executables of the functions.
#[derive(Clone, Debug)]
pub struct Binaries {
    pub task_events: PathBuf,
    pub handoff: PathBuf,
    pub auto_close: PathBuf,
    pub deferred: PathBuf,
}

/// Builds the functions, as far as they have changed.
///
/// # Errors
///
/// When Cargo cannot be run, or fails; the message then is Cargo's own.
pub fn build() -> io::Result<Binaries> {
    build_reporting(|_| ())
}

/// [`build`], which names each crate as it has been compiled.
///
/// # Errors
///
/// As [`build`].
pub fn build_reporting(compiled: impl FnMut(&str)) -> io::Result<Binaries> {
    let packages = [
        "--package",
        "task-events",
        "--package",
        "handoff",
        "--package",
        "auto-close",
        "--package",
        "deferred",
        "--bins",
    ];
    let mut executables = executables(own_profile(), &packages, compiled)?;
    let mut executable = |name: &str| {
        executables
            .remove(name)
            .ok_or_else(|| io::Error::other(format!("`cargo build` made no executable {name}")))
    };
    Ok(Binaries {
        task_events: executable("task-events")?,
        handoff: executable("handoff")?,
        auto_close: executable("auto-close")?,
        deferred: executable("deferred")?,
    })
}

/// Runs `cargo build` for a profile with these arguments and returns the executables by the names of their targets.
///
/// # Errors
///
/// As [`build`].
pub fn executables(
    profile: &str,
    arguments: &[&str],
    mut compiled: impl FnMut(&str),
) -> io::Result<BTreeMap<String, PathBuf>> {
    let messages = LogStream::create()?;
    let mut build = cargo_build()
        .args(["--profile", profile])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(messages.writer()?)
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("cargo can't be started: {error}")))?;
    let stdout = build.stdout.take().expect("stdout is piped");

    let mut executables = BTreeMap::new();
    for line in BufReader::new(stdout).lines() {
        let message: Message = serde_json::from_str(&line?)?;
        let Some(target) = message.target else { continue };
        if !message.fresh {
            compiled(&target.name);
        }
        executables.extend(message.executable.map(|executable| (target.name, executable)));
    }
    if !build.wait()?.success() {
        let message = format!("`cargo build` failed:\n{}", messages.lines().join("\n"));
        return Err(io::Error::other(message));
    }
    Ok(executables)
}

fn cargo_build() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    for inherited in std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| is_set_by_cargo(name))
    {
        command.env_remove(inherited);
    }
    command
        .args(["build", "--message-format=json-render-diagnostics"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    command
}

/// The profile that this program was built with. A profile of the workspace is known only by the name of its folder.
pub fn own_profile() -> &'static str {
    let program = std::env::current_exe().unwrap_or_default();
    // Tests are one folder further down.
    let is_in = |profile: &str| {
        program
            .ancestors()
            .skip(1)
            .take(2)
            .any(|folder| folder.ends_with(profile))
    };
    match cfg!(debug_assertions) {
        _ if is_in("exploration") => "exploration",
        true => "dev",
        false => "release",
    }
}

/// Whether `cargo run` or `cargo test` sets this variable about the program's package. If it were passed on to another
/// Cargo, every change of it would rebuild ring and all crates above.
fn is_set_by_cargo(variable: &OsStr) -> bool {
    let variable = variable.to_string_lossy();
    variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}

/// The parts of Cargo's messages that are read here. <https://doc.rust-lang.org/cargo/reference/external-tools.html>
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    #[serde(default)]
    fresh: bool,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}
