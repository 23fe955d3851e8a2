//! The deployed stack and its functions.

use futures_util::future::join_all;

use super::{Trial, functions, variables};
use crate::aws::{Aws, Configuration, Stack};

pub(super) fn status(stack: &Stack) -> Trial {
    let is_good = stack.status.ends_with("_COMPLETE") && !stack.status.contains("ROLLBACK");
    let failure = format!(
        "Its status is {}: look at the stack's events in the CloudFormation console, and deploy again.",
        stack.status
    );
    Trial::new("the stack is deployed", (!is_good).then_some(failure))
}

/// Checks each function's state and variables.
pub(super) async fn trials(aws: &Aws, stack: &Stack) -> Vec<Trial> {
    let trials = functions(stack).map(async |(function, name)| {
        let failure = match aws.configuration(name).await {
            Ok(configuration) => fault(function, &configuration, stack),
            Err(error) => Some(error.to_string()),
        };
        Trial::new(format!("{name} is deployed as the stack's parameters say"), failure)
    });
    join_all(trials).await
}

/// A difference between a function and the stack's parameters.
fn fault(function: &str, configuration: &Configuration, stack: &Stack) -> Option<String> {
    if !matches!(configuration.state.as_str(), "Active" | "Inactive") {
        return Some(format!("Its state is {}.", configuration.state));
    }
    if configuration.last_update != "Successful" {
        return Some(format!(
            "Its last update is {}: wait a minute, or deploy again.",
            configuration.last_update
        ));
    }
    let architecture = stack.parameters.get("Architecture");
    if architecture.is_some_and(|wanted| !configuration.architectures.contains(wanted)) {
        return Some(
            "It was built for another processor than Architecture says: run sam build and deploy again.".to_owned(),
        );
    }
    let value = |variable: &str| configuration.variables.get(variable).cloned();
    let differing = variables::differing(function, stack, value)?;
    Some(format!(
        "Its variable {differing} differs from the stack's parameter. Deploy again."
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_function_that_differs_from_the_parameters_is_found() {
        let stack = Stack {
            parameters: BTreeMap::from([
                ("Architecture".to_owned(), "arm64".to_owned()),
                ("TaskRouterUrl".to_owned(), "https://a.example/".to_owned()),
                ("TaskEventsPublicUrl".to_owned(), String::new()),
                ("SessionUrl".to_owned(), "https://b.example/".to_owned()),
                ("MemorySize".to_owned(), "512".to_owned()),
            ]),
            ..Stack::default()
        };
        let good = Configuration {
            state: "Active".to_owned(),
            last_update: "Successful".to_owned(),
            architectures: vec!["arm64".to_owned()],
            variables: variables([
                ("TASKROUTER_URL", "https://a.example/"),
                ("SESSION_URL", "https://b.example/"),
            ]),
        };
        assert_eq!(fault("TaskEvents", &good, &stack), None);
        let pending = Configuration {
            state: "Pending".to_owned(),
            ..good.clone()
        };
        let updating = Configuration {
            last_update: "InProgress".to_owned(),
            ..good.clone()
        };
        let other = Configuration {
            architectures: vec!["x86_64".to_owned()],
            ..good.clone()
        };
        for broken in [pending, updating, other] {
            assert!(fault("TaskEvents", &broken, &stack).is_some(), "{broken:?}");
        }
        for (changed, named) in [
            (
                variables([("SESSION_URL", "https://b.example/")]),
                "Its variable TASKROUTER_URL differs",
            ),
            (
                variables([
                    ("TASKROUTER_URL", "https://a.example/"),
                    ("SESSION_URL", "https://c.example/"),
                ]),
                "Its variable SESSION_URL differs",
            ),
            (
                variables([
                    ("PUBLIC_URL", "https://p.example/"),
                    ("SESSION_URL", "https://b.example/"),
                    ("TASKROUTER_URL", "https://a.example/"),
                ]),
                "Its variable PUBLIC_URL differs",
            ),
        ] {
            let by_hand = Configuration {
                variables: changed,
                ..good.clone()
            };
            let fault = fault("TaskEvents", &by_hand, &stack).unwrap_or_default();
            assert!(fault.starts_with(named), "{fault}");
        }
        // A function without sessions has no such variable.
        let reply = Configuration {
            variables: variables([("TASKROUTER_URL", "https://a.example/")]),
            ..good
        };
        assert_eq!(fault("Reply", &reply, &stack), None);
    }

    fn variables<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    #[test]
    fn only_a_finished_deployment_is_good() {
        for (status, good) in [
            ("CREATE_COMPLETE", true),
            ("UPDATE_COMPLETE", true),
            ("UPDATE_IN_PROGRESS", false),
            ("UPDATE_ROLLBACK_COMPLETE", false),
            ("", false),
        ] {
            let stack = Stack {
                status: status.to_owned(),
                ..Stack::default()
            };
            assert_eq!(super::status(&stack).failure.is_none(), good, "{status}");
        }
    }
}
