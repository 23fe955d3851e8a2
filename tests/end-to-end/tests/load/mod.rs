//! Load: many tasks at once. Their events arrive twice and in any order while upstreams fail.

mod report;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use end_to_end::Scene;
use http::Method;
use serde_json::json;
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault, Struck};
use simulator::options::{DEAD_LETTER_QUEUE, QUEUE};
use simulator::sqs::Message;
use simulator::twilio::{Delivery, DeliveryFault, Order};
use simulator::world::TASK_EVENTS;
use time::OffsetDateTime;

use report::Report;

/// Events of each task after its creation.
const EVENTS: usize = 10;

/// Every fourth delivery is sent twice.
const REPEATED: usize = 4;

/// Tasks that change in turn.
const GROUP: usize = 40;

/// Concurrent instances of the function: enough for two cores and few enough for the limit of open files.
const SENDERS: usize = 16;

/// Deliveries that are shuffled together. One sender delivers each batch in sequence.
const TRAIN: usize = 10;

/// The longest time for the queue to empty.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// A task whose events are sent, and its session.
struct Subject {
    task_sid: String,
    session_id: String,
    last_change: OffsetDateTime,
}

/// The number of tasks and the session API's limits.
#[derive(Clone, Copy)]
struct Load {
    tasks: usize,
    /// The session API's requests per minute. The queue takes the rest. Without a limit there is no queue, and webhooks
    /// do every write.
    limit: Option<usize>,
    /// `SESSION_RATE` if it isn't the standard rate. At 2400, deferred copies use the limit as soon as it allows requests.
    session_rate: Option<&'static str>,
    /// Whether the clock runs sixty times as fast once all events are delivered.
    is_fast: bool,
}

#[tokio::test]
async fn sessions_of_twelve_tasks_converge() {
    play(Load {
        tasks: 12,
        limit: None,
        session_rate: None,
        is_fast: false,
    })
    .await;
}

#[tokio::test]
async fn sessions_converge_at_few_writes_a_minute() {
    play(Load {
        tasks: 12,
        limit: Some(20),
        session_rate: None,
        is_fast: true,
    })
    .await;
}

/// `cargo load` runs this test and prints a report.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes a minute"]
async fn sessions_of_two_hundred_tasks_converge() {
    play(Load {
        tasks: 200,
        limit: None,
        session_rate: None,
        is_fast: false,
    })
    .await;
}

/// `cargo load` runs this test too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes"]
async fn sessions_of_two_hundred_tasks_converge_within_the_limit() {
    play(Load {
        tasks: 200,
        limit: Some(100),
        session_rate: Some("2400"),
        is_fast: false,
    })
    .await;
}

/// `cargo load` runs this test too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it takes minutes"]
async fn sessions_of_two_hundred_tasks_converge_at_the_standard_rate() {
    play(Load {
        tasks: 200,
        limit: Some(100),
        session_rate: None,
        is_fast: false,
    })
    .await;
}

async fn play(load: Load) {
    let scene = Scene::with(|options| {
        options.queue = load.limit.is_some();
        options.close_queue = load.limit.is_some();
        if let Some(rate) = load.session_rate {
            options.deferred.set("SESSION_RATE", rate);
        }
        options.session_api.requests_per_minute = load.limit.unwrap_or(usize::MAX);
    })
    .await;
    let mut subjects: Vec<Subject> = (0..load.tasks).map(|number| subject(&scene, number)).collect();
    let struck = let_a_fifth_of_the_calls_fail(&scene);
    listen(&scene);

    let (started, first_change) = (Instant::now(), OffsetDateTime::now_utc());
    let mut done = 0;
    for group in subjects.chunks_mut(GROUP) {
        for event in 1..=EVENTS {
            for subject in &mut *group {
                room(&scene, &mut done).await;
                set(&scene, subject, event);
            }
        }
    }
    scene.world.twilio.clear_delivery_faults();
    scene.world.twilio.events_settled().await;
    let delivered = started.elapsed();
    tokio::select! {
        () = emptied(&scene) => {}
        () = pass_time(&scene), if load.is_fast => {}
    }

    let report = Report {
        scene: &scene,
        subjects: &subjects,
        struck: &struck,
        started: first_change,
        limit: load.limit,
        delivered,
        settled: started.elapsed(),
    };
    report.print();
    assert_eq!(scene.world.sqs.messages(DEAD_LETTER_QUEUE), []);
    for subject in &subjects {
        assert_eq!(session(&scene, subject), expected(subject), "{}", subject.session_id);
    }
}

/// Waits until the queue is empty.
async fn emptied(scene: &Scene) {
    let emptied = scene.world.sqs.wait_for(QUEUE, <[Message]>::is_empty, LIMIT);
    assert!(emptied.await.is_some(), "{:?}", scene.world.sqs.messages(QUEUE));
}

/// Runs the upstreams' clock sixty times as fast.
async fn pass_time(scene: &Scene) {
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        scene.world.clock.advance(Duration::from_secs(6));
    }
}

fn subject(scene: &Scene, number: usize) -> Subject {
    let session_id = format!("session-of-{number}");
    scene.world.session_api.create_session(&session_id);
    let attributes = attributes(&session_id, 0).to_string();
    let task = scene.world.twilio.create_task(&attributes);
    Subject {
        task_sid: task.expect("the attributes are a short object").sid,
        session_id,
        last_change: OffsetDateTime::now_utc(),
    }
}

/// A task's attributes after this many events. Names never disappear, since a session keeps names that the task has
/// lost.
fn attributes(session_id: &str, event: usize) -> serde_json::Value {
    json!({ "session_id": session_id, "event": event, "is_last": event == EVENTS, "customer": { "says": vec!["x"; event] } })
}

fn set(scene: &Scene, subject: &mut Subject, event: usize) {
    subject.last_change = OffsetDateTime::now_utc();
    let attributes = attributes(&subject.session_id, event).to_string();
    let set = scene.world.twilio.set_attributes(&subject.task_sid, &attributes);
    set.expect("the task is there");
}

/// Lets a fifth of all calls fail. Half of those are applied and half are not.
fn let_a_fifth_of_the_calls_fail(scene: &Scene) -> Vec<Struck> {
    let away = |status| Effect::Answer(Answer::status(status).body("{}"));
    let mut struck = Vec::new();
    for upstream in [Upstream::TaskRouter, Upstream::SessionApi] {
        let calls = Arc::new(AtomicUsize::default());
        for method in [Method::GET, Method::PATCH] {
            // Of twenty calls, those at the places 0, 5, 10 and 15 fail.
            let one_of_twenty = |place: usize, counts: bool| {
                let calls = calls.clone();
                let fault = Fault::at(upstream).method(method.clone()).always();
                fault.path(move |_| calls.fetch_add(usize::from(counts), Ordering::Relaxed) % 20 == place)
            };
            let faults = [
                one_of_twenty(0, false).before(away(503)),
                one_of_twenty(5, false).before(Effect::Reset),
                one_of_twenty(10, false).after(away(500)),
                one_of_twenty(15, true).after(Effect::Reset),
            ];
            struck.extend(faults.map(|fault| scene.world.faults.add(fault)));
        }
    }
    struck
}

/// Registers the webhook behind a network that delivers some events twice and all events in random order.
fn listen(scene: &Scene) {
    let twilio = &scene.world.twilio;
    let http_api = scene.world.lambda.http_api();
    twilio.resolve(&http_api.domain_name, http_api.address);
    let url = format!("{}#rc=5&rp=4xx,5xx,ct,rt", scene.world.webhook_url(TASK_EVENTS));
    twilio.register_callback(&url);
    let deliveries = AtomicUsize::default();
    let repeated = DeliveryFault::duplicate(1)
        .matching(move |_, _| deliveries.fetch_add(1, Ordering::Relaxed).is_multiple_of(REPEATED))
        .always();
    twilio.add_delivery_fault(repeated);
    twilio.add_delivery_fault(DeliveryFault::reorder(TRAIN, Order::Shuffled { seed: 7 }).always());
}

/// Waits for an idle sender, so that tasks change as fast as their events are delivered. The first `done` deliveries
/// are known to be done.
async fn room(scene: &Scene, done: &mut usize) {
    let twilio = &scene.world.twilio;
    let mut changed = twilio.deliveries_changed();
    let is_done = |delivery: &&Delivery| delivery.done;
    loop {
        let recent = twilio.deliveries_from(*done);
        if recent.len() - recent.iter().filter(is_done).count() <= (SENDERS - 1) * TRAIN {
            return;
        }
        *done += recent.iter().take_while(is_done).count();
        changed.changed().await.unwrap();
    }
}

/// The session's custom data, by name.
fn session(scene: &Scene, subject: &Subject) -> Vec<(String, String)> {
    let data = scene.world.session_api.custom_data(&subject.session_id);
    let data = data.expect("there is such a session");
    let mut data: Vec<_> = data
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    data.sort();
    data
}

fn expected(subject: &Subject) -> Vec<(String, String)> {
    let says = json!(vec!["x"; EVENTS]).to_string();
    let expected = [
        ("flex_customer_says", json!(says)),
        ("flex_event", json!(EVENTS)),
        ("flex_is_last", json!(true)),
        ("flex_session_id", json!(subject.session_id)),
        ("flex_task_sid", json!(subject.task_sid)),
    ];
    expected
        .map(|(name, value)| (name.to_owned(), value.to_string()))
        .into()
}
