//! The purpose of a function's request, in a few words.

use simulator::exchange::{Exchange, Upstream};
use simulator::options::CLOSE_QUEUE;
use simulator::world::{REPLY, RESOLVE};

use super::queued::target;

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
    let agent = exchange.header("user-agent")?.strip_prefix("flex-handoff/")?;
    let (_, function) = agent.split_once('(')?;
    function.strip_suffix(')').filter(|_| target(exchange).is_empty())
}

/// Only AWS's SDK hides which function it is in.
pub(crate) fn unnamed_sender(exchange: &Exchange) -> &'static str {
    match exchange.upstream {
        Upstream::SecretsManager | Upstream::Sqs => "a function",
        _ => "your program",
    }
}

/// Empty for the requests of other programs, whose purpose nobody here knows.
pub(crate) fn of(exchange: &Exchange) -> &'static str {
    let path = exchange.path.as_str();
    let sender = sender(exchange);
    match (exchange.upstream, exchange.method.as_str()) {
        (Upstream::SecretsManager, _) => "reads its secret, at its start",
        (Upstream::Sqs, _) => of_queue(exchange),
        _ if sender.is_none() => "",
        (_, "HEAD") => "opens a connection, before it is needed",
        (Upstream::EventStreams, _) => "reads or sets where events go",
        (Upstream::SessionApi, "GET") => "reads the session",
        (Upstream::SessionApi, _) if sender == Some(RESOLVE) => "marks the session resolved",
        (Upstream::SessionApi, _) => "writes custom_data",
        (Upstream::Conversations, "GET") if path.contains("/Participants") => "looks who is in the conversation",
        (Upstream::Conversations, "GET") if path.contains("/Messages") => "looks for its message",
        (Upstream::Conversations, "GET") => "reads the conversation",
        (Upstream::Conversations, "DELETE") => "takes its second note back",
        (Upstream::Conversations, _) if sender == Some(REPLY) => "posts the AI’s message",
        (Upstream::Conversations, _) => "posts the note",
        (Upstream::Flex, "GET") => "reads the interaction",
        (Upstream::Flex, _) if path.ends_with("/Invites") => "invites a human agent",
        (Upstream::Flex, _) if path.contains("/Participants/") => "takes the AI out of the interaction",
        (Upstream::Flex, _) => "closes the interaction’s channel",
        (Upstream::TaskRouter, method) => of_taskrouter(method, path, exchange),
    }
}

fn of_queue(exchange: &Exchange) -> &'static str {
    match target(exchange).rsplit('.').next() {
        Some("SendMessage") if exchange.text().contains(CLOSE_QUEUE) => "leaves it on the queue for auto-close",
        Some("SendMessage") => "leaves it on the queue for deferred",
        _ => "keeps it on the queue for a while",
    }
}

fn of_taskrouter(method: &str, path: &str, exchange: &Exchange) -> &'static str {
    let field = |name: &str| exchange.field(name);
    match (method, path.contains("/Reservations")) {
        ("GET", true) if path.ends_with("/Reservations") => "reads the reservations",
        ("GET", true) => "reads the reservation",
        ("GET", false) if path.ends_with("/Events") => "reads the event log",
        ("GET", false) => "reads the task",
        (_, true) if field("ReservationStatus").as_deref() == Some("wrapping") => "wraps up the reservation",
        (_, true) => "rejects the reservation",
        (_, false) if field("AssignmentStatus").as_deref() == Some("canceled") => "cancels the task",
        (_, false) if field("AssignmentStatus").is_some() => "completes the task",
        (_, false) => "writes the six attributes",
    }
}
