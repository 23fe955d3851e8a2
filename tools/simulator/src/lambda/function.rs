//! Functions and the results of their invocations.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    /// The executable, Lambda's `bootstrap`.
    pub binary: PathBuf,
    /// The function's own variables, set beside Lambda's. No variable of this process is passed on.
    pub environment: BTreeMap<String, String>,
    pub timeout: Duration,
    /// The number of invocations that may run at once, reserved for this function; without a reservation, the account's
    /// limit applies.
    pub reserved_concurrency: Option<usize>,
    pub trigger: Trigger,
}

/// The source of a function's invocations, beside the Invoke API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    Invoke,
    /// A route of the HTTP API, such as `/task-events`. All methods reach the function, which answers 405 itself.
    Http {
        path: String,
    },
}

/// The result of one invocation, as its synchronous caller sees it.
#[derive(Clone, Debug)]
pub struct Invocation {
    pub request_id: String,
    /// `Unhandled`, Lambda's value for any error of an OS-only runtime. The payload is then the error.
    pub function_error: Option<String>,
    pub payload: Vec<u8>,
    /// The time from call to answer, including a cold start.
    pub duration: Duration,
}
