//! The measured programs: the functions and the baselines, all built the same way.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use simulator::lambda::functions::{self, Binaries, Messages};
use simulator::world::{AUTO_CLOSE, DEFERRED, HANDOFF, REPLY, RESOLVE, TASK_EVENTS};

/// A function that answers a constant.
pub(crate) const HELLO: &str = "hello";

/// A function that makes only the upstream calls of `task-events`.
pub(crate) const BARE_WEBHOOK: &str = "bare-webhook";

pub(crate) const FUNCTIONS: [&str; 6] = [TASK_EVENTS, HANDOFF, RESOLVE, REPLY, AUTO_CLOSE, DEFERRED];

/// The package of a function's executable.
fn package(function: &str) -> &str {
    match function {
        RESOLVE => "resolve-task",
        function => function,
    }
}

/// The executables by name.
pub(crate) struct Programs(BTreeMap<String, PathBuf>);

impl Programs {
    /// Builds all programs with this profile in a single command, so that their dependencies have the same features.
    /// Cargo's messages are shown, since a release build takes minutes.
    ///
    /// # Errors
    ///
    /// If Cargo fails.
    pub(crate) fn build(profile: &str) -> io::Result<Self> {
        let packages = FUNCTIONS.into_iter().map(package).chain(["baseline"]);
        let arguments: Vec<&str> = packages.flat_map(|package| ["--package", package]).collect();
        let arguments = [&arguments[..], &["--bins"]].concat();
        let executables = functions::executables(profile, &arguments, Messages::Shown)?;
        for name in FUNCTIONS.into_iter().chain([HELLO, BARE_WEBHOOK]) {
            if !executables.contains_key(name) {
                return Err(io::Error::other(format!("`cargo build` made no executable {name}")));
            }
        }
        Ok(Self(executables))
    }

    pub(crate) fn path(&self, name: &str) -> &Path {
        &self.0[name]
    }

    pub(crate) fn functions(&self) -> Binaries {
        let path = |name| self.path(name).to_owned();
        Binaries {
            task_events: path(TASK_EVENTS),
            handoff: path(HANDOFF),
            resolve: path(RESOLVE),
            reply: path(REPLY),
            auto_close: path(AUTO_CLOSE),
            deferred: path(DEFERRED),
        }
    }
}
