//! Twilio's resources that the simulator lacks, by name. The refusal shows callers that the mistake is not theirs.

use std::collections::BTreeMap;

use super::refusal::Refusal;
use super::sids::CHAT_SERVICE_SID;

/// The beginning of each path and the name of its resource. `{}` stands for any SID or name. In a path of a
/// Conversations service, the part after the service counts.
const NOT_SIMULATED: [(&str, &str); 19] = [
    ("/2010-04-01", "calls, SMS and accounts"),
    (
        "/v1/Workspaces/{}/TaskQueues/RealTimeStatistics",
        "RealTimeStatistics of all queues",
    ),
    ("/v1/Workspaces/{}/TaskQueues/Statistics", "Statistics of all queues"),
    ("/v1/Workspaces/{}/Workers/Statistics", "Statistics of all workers"),
    ("/v1/Workspaces/{}/Workers/{}/Statistics", "Statistics of a worker"),
    ("/v1/Bindings", "bindings of Conversations"),
    ("/v1/Configuration", "Configuration of Conversations and of Flex"),
    ("/v1/ConversationWithParticipants", "ConversationWithParticipants"),
    ("/v1/Conversations/{}/Messages/{}/Receipts", "receipts of messages"),
    ("/v1/Credentials", "credentials of Conversations"),
    ("/v1/ParticipantConversations", "ParticipantConversations"),
    ("/v1/Roles", "roles of Conversations"),
    ("/v1/Services", "services of Conversations"),
    ("/v1/Users", "users of Conversations"),
    ("/v1/Schemas", "schemas of Event Streams"),
    ("/v1/Types", "types of Event Streams"),
    ("/v1/Interactions/{}/Channels/{}/Transfers", "transfers of interactions"),
    ("/v1/Insights", "Flex Insights"),
    ("/v1/PluginService", "plugins of Flex"),
];

/// Further resources of Flex, by their path.
const OF_FLEX: [&str; 4] = ["Channels", "FlexFlows", "WebChannels", "account"];

/// The refusal of a request for a resource that the simulator lacks. None for other paths.
pub(super) fn refusal(path: &str) -> Option<Refusal> {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let plain = match segments.as_slice() {
        ["v1", "Configuration", "Webhooks"] | ["v1", "Services", CHAT_SERVICE_SID, "Configuration", "Webhooks"] => {
            return None;
        }
        ["v1", "Services", service, "Conversations", ..] | ["v1", "Services", service, "Configuration", "Webhooks"]
            if *service != CHAT_SERVICE_SID =>
        {
            segments
        }
        ["v1", "Services", _, rest @ ..] if !rest.is_empty() => [&["v1"], rest].concat(),
        _ => segments,
    };
    let listed = NOT_SIMULATED.iter().find(|(pattern, _)| begins_with(&plain, pattern));
    if let Some((_, name)) = listed {
        return Some(Refusal::not_simulated(path, name));
    }
    match plain.as_slice() {
        ["v1", name, ..] if OF_FLEX.contains(name) => Some(Refusal::not_simulated(path, &format!("{name} of Flex"))),
        _ => None,
    }
}

/// The names of the resources in alphabetical order.
pub(crate) fn names() -> Vec<String> {
    let listed = NOT_SIMULATED.iter().map(|(_, name)| (*name).to_owned());
    let all = listed.chain(OF_FLEX.map(|name| format!("{name} of Flex")));
    // Several paths have the same name.
    let names: BTreeMap<String, String> = all.map(|name| (name.to_lowercase(), name)).collect();
    names.into_values().collect()
}

fn begins_with(segments: &[&str], pattern: &str) -> bool {
    let mut wanted = pattern.split('/').skip(1).zip(segments);
    let length = pattern.matches('/').count();
    segments.len() >= length && wanted.all(|(wanted, segment)| wanted == "{}" || wanted == *segment)
}

#[cfg(test)]
mod tests {
    use super::{CHAT_SERVICE_SID, NOT_SIMULATED, refusal};

    #[test]
    fn resources_are_named_by_their_path() {
        let message = |path: &str| refusal(path).map(|refusal| refusal.message);
        assert_eq!(
            message("/v1/Workspaces/WS1/Workers/Statistics").as_deref(),
            Some(
                "The requested resource /v1/Workspaces/WS1/Workers/Statistics was not found. Not simulated: Statistics \
                 of all workers. See docs/simulator.md"
            )
        );
        assert!(message("/v1/Services/IS1/Users/US1/Conversations").is_some());
        assert!(message("/v1/Services/IS1/Conversations").is_some());
        assert!(message("/v1/Services/IS1/Configuration/Webhooks").is_some());
        assert!(message("/v1/Configuration/Addresses").is_some());
        assert!(message("/v1/WebChannels/WC1").is_some());
        for simulated in [
            "/v1/Workspaces/WS1/Statistics",
            "/v1/Workspaces/WS1/Workers/RealTimeStatistics",
            &format!("/v1/Services/{CHAT_SERVICE_SID}/Conversations/CH1/Messages"),
            "/v1/Conversations/CH1/Messages/IM1",
            "/v1/Conversations/CH1/Webhooks",
            "/v1/Configuration/Webhooks",
            &format!("/v1/Services/{CHAT_SERVICE_SID}/Configuration/Webhooks"),
            "/v1/Interactions/KD1/Channels/UO1/Invites",
        ] {
            assert_eq!(message(simulated), None);
        }
    }

    #[test]
    fn documentation_names_each_resource() {
        let docs = include_str!("../../../../docs/simulator.md");
        for (_, name) in NOT_SIMULATED {
            assert!(docs.contains(name), "{name}");
        }
    }
}
