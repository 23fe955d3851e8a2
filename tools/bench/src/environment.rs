//! The process of a function and its figures.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use hyper::body::Bytes;
use simulator::lambda::lambda_variables;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::runtime_api::{Report, RuntimeApi};

/// A function that is silent for this long has hung.
const LIMIT: Duration = Duration::from_secs(30);

/// A running process, which is killed on drop.
pub(crate) struct Environment {
    process: Child,
    spawned: Instant,
    events: mpsc::UnboundedSender<Bytes>,
    reports: mpsc::UnboundedReceiver<Report>,
    _runtime_api: JoinSet<()>,
}

/// An invocation that succeeded.
pub(crate) struct Invocation {
    /// The time between the event and its answer.
    pub(crate) took: Duration,
    /// The time from the start of the process to this answer.
    pub(crate) since_start: Duration,
    pub(crate) answer: Bytes,
}

impl Environment {
    /// Starts the function as Lambda does. Returns the time until the function asked for the first event.
    ///
    /// # Errors
    ///
    /// If the function doesn't ask for an event.
    pub(crate) async fn start(binary: &Path, variables: &BTreeMap<String, String>) -> io::Result<(Self, Duration)> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (events, events_out) = mpsc::unbounded_channel();
        let (reports_in, reports) = mpsc::unbounded_channel();
        let api = RuntimeApi {
            events: Mutex::new(events_out),
            reports: reports_in,
            given: Instant::now().into(),
        };
        let mut server = JoinSet::new();
        server.spawn_local(Rc::new(api).serve(listener));
        let mut command = Command::new(binary);
        command
            .env_clear()
            .envs(lambda_variables("bench", binary, address))
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let spawned = Instant::now();
        let mut environment = Self {
            process: command.spawn()?,
            spawned,
            events,
            reports,
            _runtime_api: server,
        };
        let started = environment.next().await?;
        Ok((environment, started - spawned))
    }

    /// Sends an event. Returns when the function waits for the next event.
    ///
    /// # Errors
    ///
    /// If the function fails.
    pub(crate) async fn invoke(&mut self, event: &Bytes) -> io::Result<Invocation> {
        // The receiver lives as long as this value.
        let _ = self.events.send(event.clone());
        let invocation = match self.report().await? {
            Report::Answered { at, took, answer } => Invocation {
                took,
                since_start: at - self.spawned,
                answer,
            },
            report => return Err(unexpected(&report)),
        };
        self.next().await?;
        Ok(invocation)
    }

    /// The processor time of the process's live threads.
    pub(crate) fn processor_time(&self) -> io::Result<Duration> {
        let mut nanoseconds = 0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let text = fs::read_to_string(thread?.path().join("schedstat"))?;
            nanoseconds += first_number(&text)?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// A figure of `/proc/PID/status` in bytes, such as `VmRSS`.
    pub(crate) fn memory(&self, figure: &str) -> io::Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'));
        Ok(first_number(line.unwrap_or_default())? as f64 * 1024.0)
    }

    async fn next(&mut self) -> io::Result<Instant> {
        match self.report().await? {
            Report::Next(at) => Ok(at),
            report => Err(unexpected(&report)),
        }
    }

    async fn report(&mut self) -> io::Result<Report> {
        let report = timeout(LIMIT, self.reports.recv()).await;
        report.ok().flatten().ok_or_else(|| match self.process.try_wait() {
            Ok(Some(status)) => io::Error::other(format!("it has ended: {status}")),
            _ => io::Error::other("it has said nothing for half a minute"),
        })
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn first_number(text: &str) -> io::Result<u64> {
    let number = text.split_whitespace().next().and_then(|word| word.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("no number in {text:?}")))
}

fn unexpected(report: &Report) -> io::Error {
    io::Error::other(match report {
        Report::Failed(why) => format!("it has failed: {}", String::from_utf8_lossy(why)),
        Report::Next(_) => "it has asked for an event and not answered to the last".to_owned(),
        Report::Answered { .. } => "it has answered to nothing".to_owned(),
    })
}
