//! Tests a deployed stack. Each function must start, read the secret and refuse forged requests.

mod deployment;
mod invocation;
mod variables;
mod webhook;

use std::io;

use crate::aws::{Aws, Stack};
use crate::credentials::Credentials;
use crate::options::Options;
use crate::output::say;
use crate::verb_error::VerbError;

/// A trial and the result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Trial {
    what: String,
    /// The reason for the failure and the remedy.
    failure: Option<String>,
}

impl Trial {
    fn new(what: impl Into<String>, failure: Option<String>) -> Self {
        Self {
            what: what.into(),
            failure,
        }
    }

    fn print(&self) -> io::Result<()> {
        match &self.failure {
            None => say(format_args!("✓ {}", self.what)),
            Some(failure) => say(format_args!("✗ {}\n  {failure}", self.what)),
        }
    }
}

/// Runs all trials and prints each result. Returns whether all is well.
pub(crate) async fn smoke(http: &reqwest::Client, options: &Options, name: &str) -> Result<bool, VerbError> {
    let aws = Aws::load(http).await;
    let stack = aws.stack(name).await?;
    let mut trials = vec![deployment::status(&stack)];
    trials.extend(deployment::trials(&aws, &stack).await);
    trials.extend(invocation::trials(&aws, &stack).await);
    let secret = options
        .target
        .secret
        .clone()
        .or_else(|| stack.parameters.get("SecretId").cloned());
    let credentials = match &secret {
        Some(secret) => Credentials::find(Some(secret), http)
            .await
            .map_err(|error| error.to_string()),
        None => Err("the stack has no parameter SecretId: name the secret with --secret".to_owned()),
    };
    let failure = credentials.as_ref().err().cloned();
    trials.push(Trial::new("the secret can be read, and has what it must", failure));
    let signing = credentials.ok().and_then(|credentials| credentials.signing);
    trials.extend(webhook::trials(http, &stack, signing.as_ref()).await);
    trials.iter().try_for_each(Trial::print)?;
    let failures = trials.iter().filter(|trial| trial.failure.is_some()).count();
    match failures {
        0 => say(format_args!(
            "\nThe stack {name} works: {} trials passed.",
            trials.len()
        ))?,
        count => say(format_args!(
            "\nThe stack {name} doesn't work yet: {count} of {} trials failed.",
            trials.len()
        ))?,
    }
    Ok(failures == 0)
}

/// A function of the stack by its template name without `Function`, and by its name at AWS.
fn functions(stack: &Stack) -> impl Iterator<Item = (&str, &str)> {
    stack
        .functions
        .iter()
        .map(|(logical, name)| (logical.strip_suffix("Function").unwrap_or(logical), name.as_str()))
}
