//! A request as seen by the faults and verdicts.

use std::fmt;

use http::Method;
use simulator::exchange::Upstream;

/// The upstreams' base URLs.
pub(crate) const TASKROUTER_URL: &str = "http://taskrouter.test";
pub(crate) const FLEX_URL: &str = "http://flex.test";
pub(crate) const CONVERSATIONS_URL: &str = "http://conversations.test";
pub(crate) const SESSION_API_URL: &str = "http://sessions.test";
/// SQS and Secrets Manager.
pub(crate) const AWS_URL: &str = "http://aws.test";

/// A request of a process.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Call {
    /// The number of the call in its case, from 0.
    pub(crate) number: usize,
    /// The number of the process.
    pub(crate) process: usize,
    /// Whether the process is one of the functions.
    pub(crate) is_ours: bool,
    /// Whether the process works on messages of a queue, which stay there if the process fails.
    pub(crate) is_consumer: bool,
    /// The message that the request sends to a queue.
    pub(super) sends: Option<Sent>,
    pub(crate) upstream: Upstream,
    pub(crate) method: Method,
    /// The path or the name of AWS's operation. `WT` stands for a task's SID and so on.
    pub(crate) path: String,
}

/// A message for a queue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Sent {
    Copy,
    LookAfterWrite,
    Other,
}

impl Call {
    pub(super) fn reads_task(&self) -> bool {
        self.method == Method::GET && self.path == "Tasks/WT"
    }

    pub(super) fn posts_message(&self) -> bool {
        self.method == Method::POST && self.path == "Conversations/CH/Messages"
    }

    pub(super) fn writes_session(&self) -> bool {
        self.upstream == Upstream::SessionApi
    }
}

impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            process, method, path, ..
        } = self;
        write!(formatter, "{process}: {method} {path}")
    }
}

pub(super) fn upstream(request: &reqwest::Request) -> Upstream {
    let url = request.url().as_str();
    let known = [
        (TASKROUTER_URL, Upstream::TaskRouter),
        (FLEX_URL, Upstream::Flex),
        (CONVERSATIONS_URL, Upstream::Conversations),
        (SESSION_API_URL, Upstream::SessionApi),
        (AWS_URL, Upstream::Sqs),
    ];
    let known = known.into_iter().find(|(base, _)| url.starts_with(base));
    match known.unwrap_or_else(|| panic!("{url} is no upstream's")).1 {
        Upstream::Sqs if operation(request).starts_with("secretsmanager") => Upstream::SecretsManager,
        upstream => upstream,
    }
}

/// The name of an AWS operation.
fn operation(request: &reqwest::Request) -> &str {
    let target = request.headers().get("x-amz-target");
    target.and_then(|target| target.to_str().ok()).unwrap_or_default()
}

/// The message that a request sends to a queue.
pub(super) fn sent(request: &reqwest::Request) -> Option<Sent> {
    if operation(request) != "AmazonSQS.SendMessage" {
        return None;
    }
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    let body = String::from_utf8_lossy(body);
    Some(match () {
        () if body.contains("isAfterWrite") => Sent::LookAfterWrite,
        () if body.contains("sync") => Sent::Copy,
        () => Sent::Other,
    })
}

/// The path without version and workspace. Each SID is shortened to its first two letters.
pub(super) fn shortened(request: &reqwest::Request) -> String {
    let path = match operation(request) {
        "" => request.url().path(),
        operation => return operation.to_owned(),
    };
    let sid = |segment: &str| segment.len() == 34 && segment.is_ascii();
    let segments = path
        .split('/')
        .skip_while(|segment| !matches!(*segment, "Tasks" | "Conversations" | "Interactions" | "sessions"));
    let segments: Vec<_> = segments
        .map(|segment| if sid(segment) { &segment[..2] } else { segment })
        .collect();
    segments.join("/")
}
