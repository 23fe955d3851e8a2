//! Credentials and permissions.

use super::{Finding, Id};
use crate::account::{Account, Refusal};
use crate::options::Options;

/// The permissions that reading needs; docs/twilio-permissions.json has those of each function.
const NEEDED: &str = "check needs /twilio/taskrouter/workspaces/read, /twilio/taskrouter/workspaces.activities/list, \
                      /twilio/taskrouter/workspaces.workers/list, /twilio/taskrouter/workspaces.workers.channels/list, \
                      /twilio/taskrouter/workspaces.task-queues/list, /twilio/taskrouter/workspaces.workflows/list and \
                      the right to list Event Streams' sinks and subscriptions. apply also needs \
                      /twilio/taskrouter/workspaces/update, /twilio/taskrouter/workspaces.workflows/read and update, and \
                      the right to create and delete sinks and subscriptions";

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

/// One finding for each permission that the key lacks.
pub(super) fn permissions(account: &Account) -> Vec<Finding> {
    let findings = account.denied.iter().map(|permission| {
        Finding::new(
            Id::Permission,
            format!("The API key may not read a part of the account: it lacks the permission \"{permission}\"."),
            format!(
                "Edit the restricted key in the Console under Account, API keys & tokens, and add the permission, or \
                 use a standard key for this check. All together, {NEEDED}. Whether a key may write can't be seen by \
                 reading.",
            ),
        )
        .at((*permission).to_owned())
    });
    findings.collect()
}
