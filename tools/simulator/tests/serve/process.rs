//! A process of `simulator serve`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::Value;
use simulator::loopback;
use simulator::twilio::sids::{ACCOUNT_SID, WORKSPACE_SID};

pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A running simulator and its greeting.
pub(crate) struct Simulator {
    pub(crate) process: Child,
    /// The lines printed after the greeting.
    pub(crate) lines: mpsc::Receiver<String>,
    pub(crate) greeting: String,
}

impl Simulator {
    pub(crate) fn serve(arguments: &[&str]) -> Self {
        Self::of(command(&[&["serve", "--port", "0"], arguments].concat()))
    }

    /// Starts a command that serves.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("-d 'Attributes=") || !greeting.ends_with("\n\n") {
            assert!(out.read_line(&mut greeting).unwrap() > 0, "{greeting}");
        }
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            while out.read_line(&mut line).is_ok_and(|length| length > 0) {
                // The test may have ended and reads no further lines.
                let _ = send.send(std::mem::take(&mut line));
            }
        });
        Self {
            process,
            lines,
            greeting,
        }
    }

    /// A value of the greeting.
    pub(crate) fn told(&self, name: &str) -> &str {
        let mut lines = self.greeting.lines().map(str::trim);
        let told = lines.find_map(|line| line.strip_prefix(name).filter(|rest| rest.starts_with("  ")));
        told.unwrap().trim()
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.told("TaskRouter, Conversations"));
        loopback::client()
            .request(method.parse().unwrap(), url)
            .basic_auth(ACCOUNT_SID, Some(self.told("auth token")))
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    }

    pub(crate) fn create_task(&self, attributes: &str) -> RequestBuilder {
        self.post(&tasks(), &[("Attributes", attributes)])
    }

    /// Reads the log up to a line that begins with `start`, the last line of the output.
    pub(crate) fn lines_until(&self, start: &str) -> String {
        let mut lines = String::new();
        while !lines.lines().last().is_some_and(|line| line.starts_with(start)) {
            match self.lines.recv_timeout(SOON) {
                Ok(line) => lines.push_str(&line),
                Err(error) => panic!("no line {start}: {error}, after\n{lines}"),
            }
        }
        lines
    }
}

pub(crate) fn tasks() -> String {
    format!("/v1/Workspaces/{WORKSPACE_SID}/Tasks")
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulator"));
    command.args(arguments);
    for variable in ["CLICOLOR_FORCE", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) async fn json(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

pub(crate) fn assert_complaint(arguments: &[&str], message: &str) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    assert_eq!(String::from_utf8(stderr).unwrap(), message);
    assert_eq!((status.code(), stdout), (Some(2), Vec::new()));
}
