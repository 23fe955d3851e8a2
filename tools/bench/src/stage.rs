//! The programs with their upstreams and a running program.

use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use hyper::body::Bytes;

use crate::environment::{Environment, Invocation};
use crate::programs::Programs;
use crate::rehearsal::Script;
use crate::upstreams::{Upstreams, Wire};

/// The inputs of every part.
pub(crate) struct Stage {
    pub(crate) programs: Programs,
    pub(crate) script: Rc<Script>,
    /// The number of turns for each program.
    pub(crate) runs: usize,
    /// The requests of a warm function in each turn.
    pub(crate) requests: usize,
}

impl Stage {
    pub(crate) async fn upstreams(&self, wire: Wire) -> io::Result<Upstreams> {
        Upstreams::start(&self.script, wire).await
    }

    /// Starts a program. Returns the time until the program asked for the first event.
    pub(crate) async fn start(
        &self,
        program: &'static str,
        upstreams: &Upstreams,
    ) -> io::Result<(Player<'_>, Duration)> {
        let path: &Path = self.programs.path(program);
        upstreams.begin(program);
        let started = Environment::start(path, &upstreams.variables()).await;
        let (environment, took) = started.map_err(|error| io::Error::other(format!("{program}: {error}")))?;
        let part = self.script.part(program);
        let player = Player {
            program,
            environment,
            event: &part.event,
            answer: &part.answer,
        };
        Ok((player, took))
    }
}

/// A running program and its part.
pub(crate) struct Player<'s> {
    program: &'static str,
    pub(crate) environment: Environment,
    event: &'s Bytes,
    answer: &'s Bytes,
}

impl Player<'_> {
    /// Runs the program's part once as recorded.
    pub(crate) async fn play(&mut self, upstreams: &Upstreams) -> io::Result<Invocation> {
        upstreams.begin(self.program);
        let failed = |error| io::Error::other(format!("{}: {error}", self.program));
        let invocation = self.environment.invoke(self.event).await;
        // A request without a recording explains a failed invocation.
        upstreams.check()?;
        let invocation = invocation.map_err(failed)?;
        if invocation.answer != self.answer {
            let answer = String::from_utf8_lossy(&invocation.answer);
            return Err(io::Error::other(format!("{} has answered {answer}", self.program)));
        }
        Ok(invocation)
    }
}
