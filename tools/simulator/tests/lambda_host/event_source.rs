use std::time::Duration;

use simulator::clock::Clock;
use simulator::lambda::{EventSource, LambdaHost};
use simulator::sqs::{Message, Redrive, Settings, Sqs};

use crate::{function, host};

const QUEUE: &str = "work";
const DEAD: &str = "dead";
const LIMIT: Duration = Duration::from_secs(20);

fn source() -> EventSource {
    EventSource {
        queue: QUEUE.to_owned(),
        function: "misbehaving".to_owned(),
        batch_size: 10,
        batching_window: Duration::ZERO,
        maximum_concurrency: 1,
        reports_item_failures: true,
    }
}

/// A queue whose received messages become visible again at once and are given up after two receives.
fn queues() -> Sqs {
    let sqs = Sqs::new(Clock::default());
    sqs.create_queue(DEAD, Settings::default());
    let redrive = Redrive {
        dead_letter_queue: DEAD.to_owned(),
        max_receive_count: 2,
    };
    let settings = Settings {
        visibility_timeout: Duration::ZERO,
        redrive: Some(redrive),
        ..Settings::default()
    };
    sqs.create_queue(QUEUE, settings);
    sqs
}

/// Sends these messages, lets the queue call the function and waits until the queue is empty. Returns the dead
/// messages, and the batches in the function's log.
async fn play(source: EventSource, bodies: &[&str]) -> (Vec<String>, Vec<String>) {
    let sqs = queues();
    let host = host(function()).await;
    for body in bodies {
        sqs.send(QUEUE, body);
    }
    host.map_event_source(&sqs, &source);
    let done = sqs.wait_for(QUEUE, <[Message]>::is_empty, LIMIT).await;
    assert!(done.is_some(), "{:?}", sqs.messages(QUEUE));
    let dead = sqs.messages(DEAD).into_iter().map(|message| message.body).collect();
    (dead, batches(&host))
}

fn batches(host: &LambdaHost) -> Vec<String> {
    let mut lines = host.logs("misbehaving");
    lines.retain(|line| line != "started");
    lines
}

#[tokio::test]
async fn what_succeeds_is_deleted_and_what_fails_comes_again_until_it_is_given_up() {
    let (dead, batches) = play(source(), &["a", "fail", "b"]).await;
    assert_eq!(dead, ["fail"]);
    assert_eq!(batches, ["a fail b", "fail"]);
}

#[tokio::test]
async fn a_function_that_crashes_fails_its_whole_batch() {
    let (dead, batches) = play(source(), &["a", "exit"]).await;
    assert_eq!(dead, ["a", "exit"]);
    assert_eq!(batches, ["a exit", "a exit"]);
}

#[tokio::test]
async fn an_answer_counts_only_where_the_function_reports_what_failed() {
    let source = EventSource {
        reports_item_failures: false,
        ..source()
    };
    let (dead, batches) = play(source, &["fail"]).await;
    assert_eq!((dead, batches), (vec![], vec!["fail".to_owned()]));
}

#[tokio::test]
async fn a_batch_is_no_larger_than_it_may_be() {
    let source = EventSource {
        batch_size: 2,
        ..source()
    };
    let (_, batches) = play(source, &["a", "b", "c"]).await;
    assert_eq!(batches, ["a b", "c"]);
}

#[tokio::test]
async fn a_batch_waits_for_more_as_long_as_it_may() {
    let source = EventSource {
        batch_size: 3,
        batching_window: LIMIT,
        ..source()
    };
    let sqs = queues();
    sqs.create_queue(QUEUE, Settings::default());
    let host = host(function()).await;
    host.map_event_source(&sqs, &source);
    for body in ["a", "b", "c"] {
        sqs.send(QUEUE, body);
        // The first messages are taken before the last arrives.
        let taken = |messages: &[Message]| messages.iter().all(|message| message.receive_count > 0);
        assert!(sqs.wait_for(QUEUE, taken, LIMIT).await.is_some());
    }
    assert!(sqs.wait_for(QUEUE, <[Message]>::is_empty, LIMIT).await.is_some());
    assert_eq!(batches(&host), ["a b c"]);
}
