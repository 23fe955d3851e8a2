//! Checks that the time limits fit inside each other, as docs/architecture.md lists them.

use std::time::Duration;

use super::actions::HTTPS_LIMITS;
use super::batch::MARGIN;
use super::start::WARM_UP_TIMEOUT;
use super::webhook::{WITH_QUEUE, WITHOUT_QUEUE};
use crate::aws::queue;
use crate::aws::secrets::READ_TIMEOUT;
use crate::upstream::MIN_TRY;
use crate::upstream::transport::CONNECT_TIMEOUT;

/// Twilio's limit for a callback with all retries.
const CALLBACK: Duration = Duration::from_secs(15);
/// Twilio's limit for a delivery of Event Streams.
const EVENT_STREAMS: Duration = Duration::from_secs(5);
/// API Gateway's limit for an answer.
const API_GATEWAY: Duration = Duration::from_secs(29);

#[test]
fn cold_start_and_webhook_fit_into_a_callback() {
    assert!(WARM_UP_TIMEOUT <= READ_TIMEOUT);
    assert!(READ_TIMEOUT + WITHOUT_QUEUE.longest < CALLBACK);
    assert!(WITHOUT_QUEUE.longest <= Duration::from_secs(12));
}

#[test]
fn webhook_with_a_queue_fits_into_event_streams() {
    assert!(WITH_QUEUE.longest <= Duration::from_millis(4_500));
    assert!(WITH_QUEUE.longest < EVENT_STREAMS);
    assert!(queue::TIMEOUT < WITH_QUEUE.longest);
}

#[test]
fn cold_start_and_action_fit_into_an_https_answer() {
    assert!(READ_TIMEOUT + HTTPS_LIMITS.longest <= Duration::from_secs(28));
    assert!(Duration::from_secs(28) < API_GATEWAY);
}

#[test]
fn tries_fit_into_their_requests() {
    assert!(CONNECT_TIMEOUT < MIN_TRY);
    assert!(queue::TRY_TIMEOUT < queue::TIMEOUT);
    assert!(queue::TIMEOUT < MARGIN);
}

/// A number in template.yaml: the named property of the named resource.
fn in_template(resource: &str, property: &str) -> Duration {
    let template = include_str!("../../../template.yaml");
    let (_, after) = template
        .split_once(&format!("\n  {resource}:\n"))
        .expect("the resource is there");
    let line = after.lines().find(|line| line.trim_start().starts_with(property));
    let value = line
        .and_then(|line| line.split(':').nth(1))
        .expect("the property is there");
    Duration::from_secs(value.trim().parse().expect("a number of seconds"))
}

#[test]
fn visibility_timeouts_are_six_times_their_functions_timeouts() {
    for (queue, function) in [
        ("DeferredQueue", "DeferredFunction"),
        ("CloseQueue", "AutoCloseFunction"),
    ] {
        let visibility = in_template(queue, "VisibilityTimeout");
        assert_eq!(visibility, 6 * in_template(function, "Timeout"), "{queue}");
    }
}
