//! Functions and the results of their invocations.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    /// The executable, Lambda's `bootstrap`.
    pub binary: PathBuf,
    /// The function's own variables, set in addition to Lambda's. No variable of this process is passed on.
    pub environment: BTreeMap<String, String>,
    pub timeout: Duration,
    /// The number of concurrent invocations reserved for this function. Without a reservation the account's limit
    /// applies.
    pub reserved_concurrency: Option<usize>,
    pub trigger: Trigger,
}

/// The source of a function's invocations, apart from the Invoke API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    Invoke,
    /// A route of the HTTP API, such as `/task-events`. All methods reach the function. The function itself answers
    /// 405.
    Http {
        path: String,
    },
}

/// The result of an invocation as its synchronous caller sees it.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub request_id: String,
    /// `Unhandled`, Lambda's value for any error of an OS-only runtime. The payload is then the error.
    pub function_error: Option<String>,
    pub payload: Vec<u8>,
    /// The time from call to answer. Includes a cold start.
    pub duration: Duration,
}
