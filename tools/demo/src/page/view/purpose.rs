//! The purpose of a function's request, in a few words.

use simulator::exchange::{Exchange, Upstream};

/// An upstream and its name.
pub(crate) fn name(upstream: Upstream) -> &'static str {
    match upstream {
        Upstream::TaskRouter => "TaskRouter",
        Upstream::Conversations => "Conversations",
        Upstream::EventStreams => "Event Streams",
        Upstream::Flex => "Flex",
        Upstream::SessionApi => "session API",
        Upstream::SecretsManager => "Secrets Manager",
        Upstream::Sqs => "SQS",
    }
}

/// The function that the `User-Agent` names.
pub(crate) fn sender(exchange: &Exchange) -> Option<&str> {
    let (_, function) = exchange.header("user-agent")?.split_once('(')?;
    function
        .strip_suffix(')')
        .filter(|_| exchange.header("x-amz-target").is_none())
}

pub(crate) fn of(exchange: &Exchange) -> &'static str {
    let path = exchange.path.as_str();
    match (exchange.upstream, exchange.method.as_str()) {
        (_, "HEAD") => "opens a connection, before it is needed",
        (Upstream::Sqs, _) => "leaves work for later",
        (Upstream::EventStreams, _) => "reads or sets where events go",
        (Upstream::SecretsManager, _) => "reads its secret, at its start",
        (Upstream::SessionApi, "GET") => "reads the session",
        (Upstream::SessionApi, _) => "writes custom_data",
        (Upstream::Conversations, "GET") if path.contains("/Participants") => "looks who is in the conversation",
        (Upstream::Conversations, "GET") if path.contains("/Messages") => "looks for its note",
        (Upstream::Conversations, "GET") => "reads the conversation",
        (Upstream::Conversations, "DELETE") => "takes its second note back",
        (Upstream::Conversations, _) => "posts the note",
        (Upstream::Flex, "GET") => "reads the interaction",
        (Upstream::Flex, _) if path.ends_with("/Invites") => "invites a human agent",
        (Upstream::Flex, _) if path.contains("/Participants/") => "takes the AI out of the interaction",
        (Upstream::Flex, _) => "closes the interaction's channel",
        (Upstream::TaskRouter, method) => of_taskrouter(method, path, exchange),
    }
}

fn of_taskrouter(method: &str, path: &str, exchange: &Exchange) -> &'static str {
    match (method, path.contains("/Reservations")) {
        ("GET", true) if path.ends_with("/Reservations") => "reads the reservations",
        ("GET", true) => "reads the reservation",
        ("GET", false) => "reads the task",
        (_, true) => "rejects the reservation",
        (_, false) if exchange.field("AssignmentStatus").is_some() => "completes the task",
        (_, false) => "writes the six attributes",
    }
}
