//! The messages on the queues, and the links that lead through a queue: from an invocation to the message that it sent,
//! and from a message to the invocation that received it.

use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;
use simulator::exchange::{Exchange, Upstream};
use simulator::lambda::Invoked;
use simulator::options::{CLOSE_QUEUE, QUEUE};
use simulator::sqs::{Message, Sqs};
use simulator::world::AUTO_CLOSE;
use time::OffsetDateTime;

use super::entry::rfc3339;

/// The number of messages on a queue.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueDepth {
    queue: &'static str,
    function: &'static str,
    waiting: usize,
    in_flight: usize,
}

impl QueueDepth {
    pub(crate) fn of(sqs: &Sqs, queue: &'static str, function: &'static str, now: OffsetDateTime) -> Self {
        let messages = sqs.messages(queue);
        let in_flight = messages.iter().filter(|message| message.is_in_flight(now)).count();
        Self {
            queue,
            function,
            waiting: messages.len() - in_flight,
            in_flight,
        }
    }
}

/// A task's message on the queue of deferred work.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Waiting {
    #[serde(serialize_with = "rfc3339")]
    until: OffsetDateTime,
    receives: u32,
    in_flight: bool,
}

impl Waiting {
    /// The message that is received next.
    pub(crate) fn of(messages: &[Message], task_sid: &str, now: OffsetDateTime) -> Option<Self> {
        let own = messages
            .iter()
            .filter(|message| task_in(&message.body) == Some(task_sid));
        let next = own.min_by_key(|message| message.visible_from)?;
        Some(Self {
            until: next.visible_from,
            receives: next.receive_count,
            in_flight: next.is_in_flight(now),
        })
    }
}

/// The first task that a text names. Messages hold nothing but SIDs.
pub(crate) fn task_in(text: &str) -> Option<&str> {
    let mut places = text.match_indices("WT").map(|(place, _)| place);
    places.find_map(|place| {
        let sid = text.get(place..place + 34)?;
        sid[2..].bytes().all(|digit| digit.is_ascii_hexdigit()).then_some(sid)
    })
}

/// Whether the request sends a message.
pub(crate) fn is_send(exchange: &Exchange) -> bool {
    exchange.upstream == Upstream::Sqs && target(exchange).ends_with(".SendMessage")
}

/// The operation of an SQS request, such as `AmazonSQS.SendMessage`.
pub(crate) fn target(exchange: &Exchange) -> &str {
    exchange.header("x-amz-target").unwrap_or_default()
}

/// The place of the last request before `moment` that sent a message about this task to the function's queue.
pub(crate) fn sent_to(exchanges: &[Exchange], function: &str, task_sid: &str, moment: Instant) -> Option<usize> {
    let queue = if function == AUTO_CLOSE { CLOSE_QUEUE } else { QUEUE };
    exchanges.iter().rposition(|exchange| {
        let body = exchange.text();
        exchange.arrival <= moment && is_send(exchange) && body.contains(queue) && task_in(&body) == Some(task_sid)
    })
}

/// The invocation that sent a request to SQS, whose requests don't name it: one about the same task that was running.
pub(crate) fn sender_of<'i>(
    invocations: &'i [Arc<Invoked>],
    task_of: impl Fn(&Invoked) -> Option<String>,
    exchange: &Exchange,
) -> Option<&'i Arc<Invoked>> {
    let body = exchange.text();
    let task_sid = task_in(&body)?;
    let is_running = |invoked: &Invoked| {
        let ended = invoked.ended.as_ref().map(|ended| invoked.moment + ended.duration);
        invoked.moment <= exchange.arrival && ended.is_none_or(|ended| ended >= exchange.arrival)
    };
    invocations
        .iter()
        .rev()
        .find(|invoked| is_running(invoked) && task_of(invoked).as_deref() == Some(task_sid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn task_is_found_in_a_message() {
        let sid = format!("WT{}", "0a".repeat(16));
        let body = format!(r#"{{"sync":{{"taskSid":"{sid}"}}}}"#);
        assert_eq!(task_in(&body), Some(sid.as_str()));
        assert_eq!(task_in(r#"{"sync":{"taskSid":"WT1"}}"#), None);
        assert_eq!(task_in("WT"), None);
    }
}
