//! The variables that the template sets from parameters for each function.

use crate::aws::Stack;

/// A variable and the parameter with its value.
type Variable = (&'static str, &'static str);

const ALL: [Variable; 4] = [
    ("SECRET_ID", "SecretId"),
    ("WORKSPACE_SID", "WorkspaceSid"),
    ("AI_WORKER_SIDS", "AiWorkerSids"),
    ("TASKROUTER_URL", "TaskRouterUrl"),
];

const SESSION: [Variable; 7] = [
    ("SESSION_URL", "SessionUrl"),
    ("SESSION_METHOD", "SessionMethod"),
    ("SESSION_BODY_KEY", "SessionBodyKey"),
    ("SESSION_AUTH_HEADER", "SessionAuthHeader"),
    ("SESSION_AUTH_SCHEME", "SessionAuthScheme"),
    ("SESSION_HEADERS", "SessionHeaders"),
    SESSION_ID,
];

const SESSION_ID: Variable = ("SESSION_ID_ATTRIBUTE", "SessionIdAttribute");
const CONVERSATIONS: Variable = ("CONVERSATIONS_URL", "ConversationsUrl");
const FLEX: Variable = ("FLEX_URL", "FlexUrl");
const CLOSE_ON: Variable = ("AUTO_CLOSE_ON", "AutoCloseOn");
const CLOSE_DELAY: Variable = ("AUTO_CLOSE_DELAY", "AutoCloseDelay");

/// The settings of the keys and values that a copy may write.
const COPY: [Variable; 2] = [("SESSION_KEYS", "SessionKeys"), ("SESSION_REMOVED", "SessionRemoved")];

const NOTE: [Variable; 3] = [
    ("HANDOFF_NOTE", "HandoffNote"),
    ("NOTE_AUTHOR", "NoteAuthor"),
    ("NOTE_TEMPLATE", "NoteTemplate"),
];

/// The variables of a function by its template name without `Function`.
fn of(function: &str) -> impl Iterator<Item = Variable> {
    let own: &[&[Variable]] = match function {
        "TaskEvents" => &[
            &SESSION,
            &COPY,
            &[("PUBLIC_URL", "TaskEventsPublicUrl"), CLOSE_ON, CLOSE_DELAY],
        ],
        "Handoff" => &[
            &NOTE,
            &[
                CONVERSATIONS,
                FLEX,
                SESSION_ID,
                ("HANDOFF_WORKFLOW_SID", "HandoffWorkflowSid"),
            ],
        ],
        "Resolve" => &[
            &SESSION,
            &[
                ("RESOLVED_ATTRIBUTE", "ResolvedAttribute"),
                ("SESSION_RESOLVED_BODY", "SessionResolvedBody"),
                CLOSE_DELAY,
            ],
        ],
        "Reply" => &[&[CONVERSATIONS, SESSION_ID, ("AI_AUTHOR", "AiAuthor")]],
        "AutoClose" => &[&[
            FLEX,
            CLOSE_ON,
            CLOSE_DELAY,
            ("AUTO_CLOSE_SCOPE", "AutoCloseScope"),
            ("AUTO_CLOSE_CONVERSATION", "AutoCloseConversation"),
            ("PUBLIC_URL", "AutoClosePublicUrl"),
        ]],
        "Deferred" => &[
            &SESSION,
            &COPY,
            &NOTE,
            &[CONVERSATIONS, ("SESSION_RATE", "SessionRate")],
        ],
        _ => &[],
    };
    ALL.into_iter().chain(own.iter().copied().flatten().copied())
}

/// The first variable of a function that differs from its parameter. A missing variable counts as empty.
pub(super) fn differing(function: &str, stack: &Stack, value: impl Fn(&str) -> Option<String>) -> Option<&'static str> {
    of(function).find_map(|(variable, parameter)| {
        let wanted = stack.parameters.get(parameter)?;
        (value(variable).unwrap_or_default() != *wanted).then_some(variable)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const TEMPLATE: &str = include_str!("../../../../template.yaml");

    /// The names between two lines of the template at an indentation of two.
    fn names<'t>(from: &str, to: &str) -> Vec<&'t str> {
        let section = TEMPLATE.split_once(from).unwrap().1.split_once(to).unwrap().0;
        let lines = section.lines().filter_map(|line| line.strip_prefix("  "));
        let names = lines.filter(|line| line.starts_with(char::is_alphabetic));
        names.filter_map(|line| line.strip_suffix(':')).collect()
    }

    /// The variables below `Variables:` whose value is a parameter.
    fn variables<'t>(text: &'t str, parameters: &[&str]) -> BTreeSet<(&'t str, &'t str)> {
        let Some((_, text)) = text.split_once("Variables:\n") else {
            return BTreeSet::new();
        };
        let lines = text.lines().map(str::trim_start).take_while(|line| {
            let name = line.trim_start_matches("# ").split(':').next().unwrap_or_default();
            line.starts_with('#')
                || name.chars().all(|letter| letter.is_ascii_uppercase() || letter == '_') && !name.is_empty()
        });
        lines
            .filter_map(|line| line.split_once(": !Ref "))
            .filter(|(_, parameter)| parameters.contains(parameter))
            .collect()
    }

    #[test]
    fn the_table_is_the_template() {
        let parameters = names("\nParameters:\n", "\nConditions:\n");
        let resources = names("\nResources:\n", "\nOutputs:\n");
        let (globals, rest) = TEMPLATE.split_once("\nResources:\n").unwrap();
        let global = variables(globals.split_once("\nGlobals:\n").unwrap().1, &parameters);
        let functions: Vec<&str> = resources
            .into_iter()
            .filter(|name| rest.contains(&format!("\n  {name}:\n    Type: AWS::Serverless::Function\n")))
            .collect();
        assert_eq!(functions.len(), 6);
        for name in functions {
            let body = rest.split_once(&format!("\n  {name}:\n")).unwrap().1;
            let mut expected = variables(body, &parameters);
            expected.extend(&global);
            let own: BTreeSet<Variable> = of(name.strip_suffix("Function").unwrap()).collect();
            assert_eq!(own, expected, "{name}");
        }
    }
}
