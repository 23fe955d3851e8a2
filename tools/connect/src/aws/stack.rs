//! A CloudFormation stack, and its Lambda functions.

use std::collections::BTreeMap;

use aws_sdk_lambda::primitives::Blob;

use super::{Aws, AwsError, refusal};

/// A deployed stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stack {
    pub(crate) status: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) outputs: BTreeMap<String, String>,
    /// The names of its functions by their names in the template.
    pub(crate) functions: BTreeMap<String, String>,
}

/// How a function is deployed.
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
    pub(crate) payload: serde_json::Value,
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

    /// Invokes a function and waits for its answer.
    pub(crate) async fn invoke(&self, function: &str, event: &serde_json::Value) -> Result<Invoked, AwsError> {
        let client = aws_sdk_lambda::Client::new(&self.config);
        let payload = Blob::new(event.to_string());
        let answer = client.invoke().function_name(function).payload(payload).send().await;
        let answer = answer.map_err(|error| refusal(format!("function {function}"), &error))?;
        let payload = answer.payload().map(AsRef::as_ref).unwrap_or_default();
        Ok(Invoked {
            failed: answer.function_error().is_some(),
            payload: serde_json::from_slice(payload).unwrap_or_default(),
        })
    }
}
