//! A CloudFormation stack and its Lambda functions.

use std::collections::BTreeMap;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::{Aws, AwsError, refusal};

/// A deployed stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stack {
    pub(crate) status: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) outputs: BTreeMap<String, String>,
    /// The names of the stack's functions by their names in the template.
    pub(crate) functions: BTreeMap<String, String>,
}

/// The deployed configuration of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Configuration {
    pub(crate) state: String,
    pub(crate) last_update: String,
    pub(crate) architectures: Vec<String>,
    pub(crate) variables: BTreeMap<String, String>,
}

/// A function's answer to an invocation.
pub(crate) struct Invoked {
    pub(crate) failed: bool,
    pub(crate) payload: Value,
    /// The version in the function's log line, if there is a line.
    pub(crate) version: Option<String>,
}

impl Aws {
    pub(crate) async fn stack(&self, name: &str) -> Result<Stack, AwsError> {
        let client = aws_sdk_cloudformation::Client::new(&self.config);
        let what = format!("stack {name}");
        let described = client.describe_stacks().stack_name(name).send().await;
        let described = described.map_err(|error| refusal(&what, &error))?;
        let stack = described
            .stacks()
            .first()
            .ok_or_else(|| AwsError::new(&what, "there is none of this name"))?;
        let pair = |name: Option<&str>, value: Option<&str>| Some((name?.to_owned(), value?.to_owned()));
        let parameters = stack.parameters().iter();
        let outputs = stack.outputs().iter();
        let mut functions = BTreeMap::new();
        let mut pages = client.list_stack_resources().stack_name(name).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| refusal(&what, &error))?;
            let resources = page.stack_resource_summaries().iter();
            let lambdas = resources.filter(|resource| resource.resource_type() == Some("AWS::Lambda::Function"));
            functions.extend(lambdas.filter_map(|it| pair(it.logical_resource_id(), it.physical_resource_id())));
        }
        Ok(Stack {
            status: stack
                .stack_status()
                .map(|status| status.as_str().to_owned())
                .unwrap_or_default(),
            parameters: parameters
                .filter_map(|it| pair(it.parameter_key(), it.parameter_value()))
                .collect(),
            outputs: outputs
                .filter_map(|it| pair(it.output_key(), it.output_value()))
                .collect(),
            functions,
        })
    }

    pub(crate) async fn configuration(&self, function: &str) -> Result<Configuration, AwsError> {
        let client = aws_sdk_lambda::Client::new(&self.config);
        let answer = client.get_function_configuration().function_name(function).send().await;
        let answer = answer.map_err(|error| refusal(format!("function {function}"), &error))?;
        let variables = answer.environment().and_then(|environment| environment.variables());
        Ok(Configuration {
            state: answer
                .state()
                .map(|state| state.as_str().to_owned())
                .unwrap_or_default(),
            last_update: answer
                .last_update_status()
                .map(|it| it.as_str().to_owned())
                .unwrap_or_default(),
            architectures: answer.architectures().iter().map(|it| it.as_str().to_owned()).collect(),
            variables: variables
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        })
    }

    /// Invokes a function and waits for the answer.
    pub(crate) async fn invoke(&self, function: &str, event: &Value) -> Result<Invoked, AwsError> {
        let client = aws_sdk_lambda::Client::new(&self.config);
        let payload = Blob::new(event.to_string());
        let invocation = client.invoke().function_name(function).payload(payload);
        let answer = invocation.log_type(LogType::Tail).send().await;
        let answer = answer.map_err(|error| refusal(format!("function {function}"), &error))?;
        let payload = answer.payload().map(AsRef::as_ref).unwrap_or_default();
        Ok(Invoked {
            failed: answer.function_error().is_some(),
            payload: serde_json::from_slice(payload).unwrap_or_default(),
            version: answer.log_result().and_then(version),
        })
    }
}

/// The version in the last lines of a function's log, which are in base64.
fn version(log: &str) -> Option<String> {
    let log = BASE64_STANDARD.decode(log).ok()?;
    let log = String::from_utf8_lossy(&log);
    let lines = log.lines().rev();
    let mut lines = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let own = lines.find(|line| line["function"].is_string() && line["version"].is_string())?;
    own["version"].as_str().map(str::to_owned)
}
