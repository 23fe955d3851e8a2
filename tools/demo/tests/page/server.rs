//! The demo as a separate process.

use std::process::Stdio;
use std::time::Duration;

use http::Method;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use simulator::loopback;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// The time limit of each wait on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A server that ends with the test.
pub(crate) struct Server {
    /// The URL without a slash at its end.
    pub(crate) url: String,
    pub(crate) process: Child,
}

impl Server {
    /// Starts a server at a free port. Ana has just written there.
    pub(crate) async fn start() -> Self {
        Self::start_at("0", &[]).await
    }

    /// Starts a server at a free port with these further arguments.
    pub(crate) async fn start_with(arguments: &[&str]) -> Self {
        Self::start_at("0", arguments).await
    }

    /// Restarts the server at its port with a new world.
    pub(crate) async fn restart(&mut self) {
        self.process.kill().await.unwrap();
        let port = self.url.rsplit(':').next().unwrap().to_owned();
        *self = Self::start_at(&port, &[]).await;
    }

    async fn start_at(port: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_demo"))
            .args(["--serve", "--port", port])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let url = tokio::time::timeout(2 * LIMIT, async {
            loop {
                let line = lines.next_line().await.unwrap().expect("the server ended early");
                if let Some(url) = line.trim().strip_suffix('/').filter(|url| url.starts_with("http://")) {
                    return url.to_owned();
                }
            }
        });
        let url = url.await.expect("the server names its address");
        // Otherwise the server's later output would break the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { url, process }
    }

    /// A request as the page sends it.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = loopback::client().request(method, format!("{}{path}", self.url));
        request.header("Origin", &self.url)
    }

    /// Sends a request and returns the answer.
    pub(crate) async fn ask(&self, method: Method, path: &str, body: Value) -> (u16, Value) {
        let request = self.request(method, path).header("Content-Type", "application/json");
        let answer = request.body(body.to_string()).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
        (status, json)
    }

    /// Sends a request that must succeed.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        self.must(Method::POST, path, body).await
    }

    /// Sends a request that must succeed.
    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        self.must(Method::PUT, path, body).await
    }

    async fn must(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask(method, path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    /// The stream of states from now on.
    pub(crate) async fn live(&self) -> Live {
        let answer = self.request(Method::GET, "/live").send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Live {
            answer,
            received: Vec::new(),
        }
    }

    /// Waits for a state that fulfils the condition.
    pub(crate) async fn state(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        self.live().await.until(is_it).await
    }

    /// Waits until Ana's task fulfils the condition.
    pub(crate) async fn task(&self, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut state = self.state(|state| is_it(&state["tasks"][0])).await;
        state["tasks"][0].take()
    }

    /// The SID of Ana's task. Waits until the AI has been offered the task and the session agrees with the task.
    pub(crate) async fn anas_task(&self) -> String {
        let task = self.task(|task| reservation(task, "ai", "pending").is_some() && task["session"]["agrees"] == true);
        task.await["sid"].as_str().unwrap().to_owned()
    }

    /// Hands off Ana's task and returns the answer.
    pub(crate) async fn hand_over(&self) -> (u16, Value) {
        let task_sid = self.anas_task().await;
        self.hand_over_of(&task_sid).await
    }

    /// Hands off a task and returns the answer.
    pub(crate) async fn hand_over_of(&self, task_sid: &str) -> (u16, Value) {
        let reasons = json!({
            "reason": "asks for compensation",
            "summary": "Ana's espresso machine has leaked onto her floor.",
            "sentiment": "negative",
            "language": "en",
        });
        self.ask(Method::POST, &format!("/tasks/{task_sid}/handoff"), reasons)
            .await
    }
}

/// The SID of a task's last reservation if the kind of worker and the status match.
pub(crate) fn reservation(task: &Value, kind: &str, status: &str) -> Option<String> {
    let last = task["reservations"].as_array()?.last()?;
    let is_it = last["kind"] == kind && last["status"] == status;
    is_it.then(|| last["sid"].as_str().unwrap().to_owned())
}

/// The stream of states.
pub(crate) struct Live {
    answer: reqwest::Response,
    /// Bytes, since a chunk may end within a character.
    received: Vec<u8>,
}

impl Live {
    /// The next state.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            if let Some(end) = self.received.windows(2).position(|pair| pair == b"\n\n") {
                let event: Vec<u8> = self.received.drain(..end + 2).collect();
                // Other lines are comments that keep the connection alive.
                if let Some(data) = event.strip_prefix(b"event: state\ndata: ") {
                    return serde_json::from_slice(data).unwrap();
                }
            } else {
                let chunk = self.answer.chunk().await.unwrap().expect("the stream never ends");
                self.received.extend_from_slice(&chunk);
            }
        }
    }

    /// The first state that fulfils the condition.
    pub(crate) async fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let found = tokio::time::timeout(LIMIT, async {
            loop {
                last = self.next().await;
                if is_it(&last) {
                    return;
                }
            }
        });
        if found.await.is_err() {
            panic!("this is not what was waited for: {last:#}");
        }
        last
    }
}
