//! An execution environment: a function's process and its Runtime API.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::failure::Failure;
use super::function::Function;
use super::log_stream::LogStream;
use super::process_group::ProcessGroup;
use super::runtime_api::{self, Event, Report};
use crate::identity::{self, REGION};
use crate::loopback::serve;

/// A time limit and its deadline.
#[derive(Clone, Copy)]
pub(super) struct TimeLimit {
    length: Duration,
    deadline: Instant,
}

impl TimeLimit {
    pub(super) fn from_now(length: Duration) -> Self {
        Self {
            length,
            deadline: Instant::now() + length,
        }
    }

    pub(super) fn remaining(self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }
}

/// A function's process and its Runtime API. Dropping the environment kills the process.
pub(super) struct Environment {
    process: Child,
    events: mpsc::Sender<Event>,
    reports: mpsc::UnboundedReceiver<Report>,
    kill: watch::Receiver<bool>,
    /// Aborted with the environment.
    _runtime_api: JoinSet<()>,
}

impl Environment {
    /// Starts the function and waits until the function asks for its first event. A change of `kill` kills the process,
    /// now or during an invocation.
    pub(super) async fn start(
        function: &Function,
        group: &ProcessGroup,
        log: &LogStream,
        kill: watch::Receiver<bool>,
        limit: TimeLimit,
    ) -> Result<Self, Failure> {
        let spawned = Self::spawn(function, group, log, kill).await;
        let mut environment = spawned.map_err(Failure::NotStarted)?;
        match environment.report(limit).await? {
            Report::InitError(payload) => Err(Failure::Reported(payload)),
            Report::Next | Report::Outcome(_) => Ok(environment),
        }
    }

    async fn spawn(
        function: &Function,
        group: &ProcessGroup,
        log: &LogStream,
        kill: watch::Receiver<bool>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        // An environment handles a single event at a time.
        let (events, events_out) = mpsc::channel(1);
        let (reports_in, reports) = mpsc::unbounded_channel();
        let mut server = JoinSet::new();
        server.spawn(serve(listener, runtime_api::router(events_out, reports_in)));

        let mut command = Command::new(&function.binary);
        group.adopt(&mut command)?;
        let process = command
            .env_clear()
            .envs(lambda_variables(&function.name, &function.binary, address))
            .envs(&function.environment)
            .current_dir(task_root(&function.binary))
            .stdin(Stdio::null())
            .stdout(log.writer()?)
            .stderr(log.writer()?)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", function.binary.display())))?;
        Ok(Self {
            process,
            events,
            reports,
            kill,
            _runtime_api: server,
        })
    }

    /// Sends an event and waits for the outcome. The process is killed if it exceeds the limit.
    ///
    /// An invocation ends when the runtime asks for the next event. The environment is idle afterwards unless its
    /// process has ended.
    pub(super) async fn invoke(&mut self, event: Event, limit: TimeLimit) -> Result<Vec<u8>, Failure> {
        let mut outcome = None;
        if self.events.send(event).await.is_err() {
            return Err(Failure::NotStarted(io::Error::other("the Runtime API has ended")));
        }
        loop {
            match self.report(limit).await {
                Ok(Report::Outcome(reported)) => outcome = Some(reported),
                Ok(Report::Next | Report::InitError(_)) => {
                    if let Some(outcome) = outcome {
                        return outcome;
                    }
                }
                Err(failure) => return outcome.unwrap_or(Err(failure)),
            }
        }
    }

    /// Whether the process runs and was not killed.
    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None)) && matches!(self.kill.has_changed(), Ok(false))
    }

    /// The runtime's next report, or the reason why no report will follow.
    async fn report(&mut self, limit: TimeLimit) -> Result<Report, Failure> {
        tokio::select! {
            // A function may answer and exit at once. The answer comes first.
            biased;
            Some(report) = self.reports.recv() => Ok(report),
            status = self.process.wait() => Err(status.map_or_else(Failure::NotStarted, Failure::Exited)),
            _ = self.kill.changed() => Err(self.end().await.map_or_else(Failure::NotStarted, Failure::Exited)),
            () = tokio::time::sleep_until(limit.deadline) => {
                Err(self.end().await.map_or_else(Failure::NotStarted, |_| Failure::TimedOut(limit.length)))
            }
        }
    }

    async fn end(&mut self) -> io::Result<ExitStatus> {
        self.process.start_kill()?;
        self.process.wait().await
    }
}

/// The variables that Lambda sets for an OS-only runtime, except `LD_LIBRARY_PATH`, whose folders don't exist here.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>
pub fn lambda_variables(name: &str, binary: &Path, runtime_api: SocketAddr) -> Vec<(&'static str, String)> {
    let today = OffsetDateTime::now_utc().date();
    let day = format!("{}/{:02}/{:02}", today.year(), u8::from(today.month()), today.day());
    vec![
        ("_HANDLER", "bootstrap".to_owned()),
        ("AWS_ACCESS_KEY_ID", "ASIAIOSFODNN7EXAMPLE".to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
        ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
        (
            "AWS_LAMBDA_LOG_STREAM_NAME",
            format!("{day}/[$LATEST]{}", identity::hex(32)),
        ),
        ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string()),
        ("AWS_REGION", REGION.to_owned()),
        (
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        ),
        ("AWS_SESSION_TOKEN", "a-role-s-session-token".to_owned()),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime".to_owned()),
        ("LAMBDA_TASK_ROOT", task_root(binary).display().to_string()),
        ("LANG", "en_US.UTF-8".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin/:/bin:/opt/bin".to_owned()),
        ("TZ", ":UTC".to_owned()),
    ]
}

/// The folder with the function's code.
fn task_root(binary: &Path) -> &Path {
    binary.parent().unwrap_or(Path::new("/"))
}
