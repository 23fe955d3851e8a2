//! Credentials and permissions.

use serde_json::Value;

use super::{Finding, Id};
use crate::account::{Account, Refusal};
use crate::options::Options;

/// The permissions of each function, of `check` and of `apply`.
const PERMISSIONS: &str = include_str!("../../../../docs/twilio-permissions.json");

pub(super) fn of_refusal(refusal: Refusal, options: &Options) -> Finding {
    match refusal {
        Refusal::Credentials => Finding::new(
            Id::Credentials,
            "Twilio doesn't accept these credentials, so nothing else could be looked at.",
            "Copy the Account SID and the Auth Token once more from the Console's Account Dashboard, from the account \
             that has your Flex (not a parent or a subaccount, and not the test credentials). If you use an API key, \
             its secret is shown only once: make a new key if in doubt. A key belongs to one region: for another one \
             than US1, give that region's --taskrouter-url and --events-url.",
        ),
        Refusal::Workspace => Finding::new(
            Id::Workspace,
            format!(
                "The credentials are good, but their account has no workspace {}.",
                options.target.workspace
            ),
            "Look up the SID in the Console under TaskRouter, Workspaces; Flex's own is called \"Flex Task \
             Assignment\". If you have several accounts, check that the credentials are of the same one.",
        ),
    }
}

/// A finding for each permission that the key lacks.
pub(super) fn permissions(account: &Account) -> Vec<Finding> {
    let findings = account.denied.iter().map(|permission| {
        Finding::new(
            Id::Permission,
            format!("The API key may not read a part of the account: it lacks the permission \"{permission}\"."),
            format!(
                "Edit the restricted key in the Console under Account, API keys & tokens, and add the permission, or use a \
                 standard key for this check. check needs {}. apply also needs {}. Whether a key may write can't be seen by \
                 reading.",
                needed_by("check"),
                needed_by("apply")
            ),
        )
        .at((*permission).to_owned())
    });
    findings.collect()
}

/// The permissions of a verb in a sentence.
fn needed_by(verb: &str) -> String {
    let all: Value = serde_json::from_str(PERMISSIONS).unwrap_or_default();
    let of_verb = &all["connect"][verb];
    let lists = ["policy", "console"].map(|kind| of_verb[kind].as_array().cloned().unwrap_or_default());
    let names = lists.iter().flatten().filter_map(Value::as_str);
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::READ_PERMISSIONS;

    #[test]
    fn every_permission_that_can_be_lacking_is_in_the_file() {
        let needed = needed_by("check");
        for permission in READ_PERMISSIONS {
            assert!(needed.contains(permission), "{permission}");
        }
        assert!(needed_by("apply").contains("/twilio/taskrouter/workspaces.workflows/update"));
    }
}
