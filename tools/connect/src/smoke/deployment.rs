//! The stack and its functions, as they are deployed.

use futures_util::future::join_all;

use super::{Trial, functions};
use crate::aws::{Aws, Configuration, Stack};

pub(super) fn status(stack: &Stack) -> Trial {
    let is_good = stack.status.ends_with("_COMPLETE") && !stack.status.contains("ROLLBACK");
    let failure = format!(
        "Its status is {}: look at the stack's events in the CloudFormation console, and deploy again.",
        stack.status
    );
    Trial::new("the stack is deployed", (!is_good).then_some(failure))
}

/// Each function's state and variables.
pub(super) async fn trials(aws: &Aws, stack: &Stack) -> Vec<Trial> {
    let trials = functions(stack).map(async |(_, name)| {
        let failure = match aws.configuration(name).await {
            Ok(configuration) => fault(&configuration, stack),
            Err(error) => Some(error.to_string()),
        };
        Trial::new(format!("{name} is deployed as the stack's parameters say"), failure)
    });
    join_all(trials).await
}

/// A difference between a function and the stack's parameters.
fn fault(configuration: &Configuration, stack: &Stack) -> Option<String> {
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
    let differs = stack.parameters.iter().find_map(|(parameter, value)| {
        let variable = variable(parameter);
        let own = configuration.variables.get(&variable)?;
        (own != value).then_some(variable)
    });
    differs.map(|variable| format!("Its variable {variable} differs from the stack's parameter. Deploy again."))
}

/// The variable that a parameter is named after: `SESSION_URL` after `SessionUrl`.
fn variable(parameter: &str) -> String {
    let mut name = String::new();
    for (place, character) in parameter.chars().enumerate() {
        if character.is_uppercase() && place > 0 {
            name.push('_');
        }
        name.push(character.to_ascii_uppercase());
    }
    name
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
                ("SessionUrl".to_owned(), "https://a.example/".to_owned()),
                ("MemorySize".to_owned(), "512".to_owned()),
            ]),
            ..Stack::default()
        };
        let good = Configuration {
            state: "Active".to_owned(),
            last_update: "Successful".to_owned(),
            architectures: vec!["arm64".to_owned()],
            variables: BTreeMap::from([("SESSION_URL".to_owned(), "https://a.example/".to_owned())]),
        };
        assert_eq!(fault(&good, &stack), None);
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
        let by_hand = Configuration {
            variables: BTreeMap::from([("SESSION_URL".to_owned(), "https://b.example/".to_owned())]),
            ..good
        };
        for broken in [pending, updating, other, by_hand] {
            assert!(fault(&broken, &stack).is_some(), "{broken:?}");
        }
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
