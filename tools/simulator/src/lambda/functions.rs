//! The function binaries, built by Cargo.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::log_stream::LogStream;

#[derive(Clone, Debug)]
pub struct Binaries {
    pub task_events: PathBuf,
    pub handoff: PathBuf,
    pub resolve: PathBuf,
    pub reply: PathBuf,
    pub auto_close: PathBuf,
    pub deferred: PathBuf,
}

/// The functions' packages and executables.
const PACKAGES: [(&str, &str); 6] = [
    ("task-events", "task-events"),
    ("handoff", "handoff"),
    ("resolve-task", "resolve"),
    ("reply", "reply"),
    ("auto-close", "auto-close"),
    ("deferred", "deferred"),
];

/// The destination of the messages of `cargo build`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Messages {
    /// To standard error as they come. Cargo shows its progress bar on a terminal.
    Shown,
    /// Into the error if the build fails.
    InError,
}

/// Builds the functions that have changed.
///
/// # Errors
///
/// When Cargo cannot be run or fails. The message is then Cargo's own.
pub fn build() -> io::Result<Binaries> {
    build_packages(&[], Messages::InError)
}

/// As [`build`], but with the dependencies' features in a build of `package`. If `package` depends on the functions,
/// only their executables are left to build. Cargo's messages are shown.
///
/// # Errors
///
/// When Cargo cannot be run or fails.
pub fn build_as_for(package: &str) -> io::Result<Binaries> {
    build_packages(&[package], Messages::Shown)
}

/// Cargo unifies the features of all selected packages, whether or not it builds their executables.
fn build_packages(others: &[&str], messages: Messages) -> io::Result<Binaries> {
    let packages = PACKAGES.iter().map(|(package, _)| package);
    let selected = packages.chain(others).flat_map(|package| ["--package", package]);
    let executables_of = PACKAGES.iter().flat_map(|(_, executable)| ["--bin", executable]);
    let arguments: Vec<&str> = selected.chain(executables_of).collect();
    let mut executables = executables(own_profile(), &arguments, messages)?;
    Binaries::named(|name| {
        let built = executables.remove(name);
        built.ok_or_else(|| io::Error::other(format!("`cargo build` made no executable {name}")))
    })
}

/// The executables that Cargo has put beside this program.
///
/// # Errors
///
/// When an executable is missing.
pub fn beside_this_program() -> io::Result<Binaries> {
    let program = std::env::current_exe()?;
    Binaries::named(|name| {
        let path = program.with_file_name(name);
        match path.exists() {
            true => Ok(path),
            false => Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("{} is missing", path.display()),
            )),
        }
    })
}

impl Binaries {
    /// Finds each executable by name.
    fn named(mut executable: impl FnMut(&str) -> io::Result<PathBuf>) -> io::Result<Self> {
        Ok(Self {
            task_events: executable("task-events")?,
            handoff: executable("handoff")?,
            resolve: executable("resolve")?,
            reply: executable("reply")?,
            auto_close: executable("auto-close")?,
            deferred: executable("deferred")?,
        })
    }
}

/// Runs `cargo build` for a profile with these arguments. Returns the executables by the names of their targets.
///
/// # Errors
///
/// As [`build`].
pub fn executables(profile: &str, arguments: &[&str], messages: Messages) -> io::Result<BTreeMap<String, PathBuf>> {
    let kept = LogStream::create()?;
    let mut build = cargo_build()
        .args(["--profile", profile])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(match messages {
            Messages::Shown => Stdio::inherit(),
            Messages::InError => kept.writer()?,
        })
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("cargo can't be started: {error}")))?;
    let stdout = build.stdout.take().expect("stdout is piped");

    let mut executables = BTreeMap::new();
    for line in BufReader::new(stdout).lines() {
        let message: Message = serde_json::from_str(&line?)?;
        if let (Some(target), Some(executable)) = (message.target, message.executable) {
            executables.insert(target.name, executable);
        }
    }
    if !build.wait()?.success() {
        let lines = [vec!["`cargo build` failed".to_owned()], kept.lines()].concat();
        return Err(io::Error::other(lines.join("\n")));
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

/// The profile of this program's build. The only sign of a profile of the workspace is the name of its folder.
pub fn own_profile() -> &'static str {
    let program = std::env::current_exe().unwrap_or_default();
    // Tests are a folder further down.
    let is_in = |profile: &str| {
        program
            .ancestors()
            .skip(1)
            .take(2)
            .any(|folder| folder.ends_with(profile))
    };
    match cfg!(debug_assertions) {
        _ if is_in("faults") => "faults",
        true => "dev",
        false => "release",
    }
}

/// Whether `cargo run` or `cargo test` sets this variable about the program's package. Passing the variable on to
/// another Cargo would rebuild ring and all crates above ring after every change of the variable.
fn is_set_by_cargo(variable: &OsStr) -> bool {
    let variable = variable.to_string_lossy();
    variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}

/// The parts of Cargo's messages that are read here: <https://doc.rust-lang.org/cargo/reference/external-tools.html>
#[derive(Deserialize)]
struct Message {
    target: Option<Target>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}
