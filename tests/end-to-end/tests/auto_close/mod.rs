//! `auto-close` ends the task that the AI resolved and no other task.

mod causes;
mod completion;
mod decision;
mod interactions;
mod others;
mod queue;

use end_to_end::Scene;
use http::Method;
use serde_json::{Value, json};
use simulator::exchange::{Answer as UpstreamAnswer, Exchange, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::{ReservationStatus, TaskStatus};
use simulator::world::AUTO_CLOSE;

use crate::webhook::{self, Answer};

/// The only write that closes a task.
const COMPLETION: &str = "AssignmentStatus=completed&Reason=Closed+by+auto-close+at+wrap-up";

/// A scene in which the AI has accepted the task and wrapped it up.
async fn wrapped_up() -> Scene {
    wrapped_up_with_scope("ai").await
}

async fn wrapped_up_with_scope(scope: &str) -> Scene {
    let scene = Scene::with(|options| options.auto_close.set("AUTO_CLOSE_SCOPE", scope)).await;
    end(&scene, ReservationStatus::Wrapping);
    scene
}

/// Lets the AI accept the task. The reservation then gets this status.
fn end(scene: &Scene, status: ReservationStatus) {
    for status in [ReservationStatus::Accepted, status] {
        let moved = scene.world.twilio.move_reservation(&scene.reservation_sid, status);
        moved.expect("the reservation is open");
    }
}

/// Sends an event about the scene's task or the AI's reservation.
async fn tell(scene: &Scene, event_type: &str) -> Answer {
    webhook::tell(scene, AUTO_CLOSE, event_type).await
}

/// The logged cause for ignoring the last event.
fn cause(scene: &Scene) -> Value {
    webhook::log(scene, AUTO_CLOSE).pop().expect("there was an invocation")["cause"].take()
}

/// All writes to all upstreams.
fn written(scene: &Scene) -> Vec<Exchange> {
    let mut exchanges = scene.exchanges();
    exchanges.retain(|exchange| exchange.method != Method::GET);
    exchanges
}

/// Whether the task was closed, which takes exactly one write.
fn was_closed(scene: &Scene) -> bool {
    let bodies: Vec<String> = written(scene).iter().map(Exchange::text).collect();
    let closed = scene.task().status == TaskStatus::Completed;
    assert_eq!(bodies, if closed { vec![COMPLETION] } else { vec![] });
    closed
}

fn at_read(scene: &Scene) -> Fault {
    Fault::at(Upstream::TaskRouter)
        .method(Method::GET)
        .path_ends_with(scene.task_sid.clone())
}

fn at_list() -> Fault {
    Fault::at(Upstream::TaskRouter)
        .method(Method::GET)
        .path_ends_with("/Reservations")
}

fn at_write() -> Fault {
    Fault::at(Upstream::TaskRouter).method(Method::POST)
}

/// The worker SID and status of a listed reservation.
type Listed<'l> = (Option<&'l str>, &'l str);

/// Lets TaskRouter list these reservations of the task.
fn listed(reservations: &[Listed<'_>], next_page_url: Option<&str>) -> Effect {
    let sid = |number| format!("WR{number:032}");
    let reservations: Vec<Value> = reservations
        .iter()
        .enumerate()
        .map(|(number, (worker, status))| json!({ "sid": sid(number), "worker_sid": worker, "reservation_status": status }))
        .collect();
    let body = json!({ "reservations": reservations, "meta": { "next_page_url": next_page_url } });
    Effect::Answer(UpstreamAnswer::status(200).body(body.to_string()))
}
