//! The state of the world's own workspace, and what happened last.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Control;
use crate::clock::iso_8601;
use crate::exchange::Exchange;
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::{Event, Task, TaskQueue, Worker};

/// The numbers of requests, events and tasks that are shown, the latest ones.
const MOST: usize = 100;

/// The longest that a request waits for a change, by `Prefer: wait=…` (RFC 7240).
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// `GET`, as a conditional request: with the ETag of an earlier answer in `If-None-Match` and `Prefer: wait=20`, the
/// answer comes with the next change, or is 304 after 20 seconds without one.
pub(super) async fn fetch(State(control): State<Control>, headers: HeaderMap) -> Response {
    let known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let changed = async {
        loop {
            // Subscribed before the state is read, so that no change is missed.
            let changes = control.changes();
            let answer = Snapshot::of(&control);
            if known != Some(&answer.etag) {
                return answer;
            }
            changes.await;
        }
    };
    let answer = tokio::select! {
        answer = timeout(wait(&headers), changed) => answer.ok(),
        // The caller asks again, and then it is the new world that answers.
        () = control.replaced() => None,
    };
    answer.map_or_else(|| StatusCode::NOT_MODIFIED.into_response(), Snapshot::into_response)
}

/// The time that the caller is ready to wait.
fn wait(headers: &HeaderMap) -> Duration {
    let preference = headers.get("prefer").and_then(|value| value.to_str().ok());
    let seconds = preference.and_then(|value| value.trim().strip_prefix("wait=")?.parse().ok());
    Duration::from_secs(seconds.unwrap_or_default()).min(LONGEST_WAIT)
}

/// The state as text, with its ETag.
struct Snapshot {
    etag: String,
    text: String,
}

impl Snapshot {
    fn of(control: &Control) -> Self {
        let text = control.state().to_string();
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let etag = format!("\"{:016x}\"", hasher.finish());
        Self { etag, text }
    }
}

impl IntoResponse for Snapshot {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, "application/json".to_owned()),
            (CACHE_CONTROL, "no-cache".to_owned()),
            (ETAG, self.etag),
        ];
        (headers, self.text).into_response()
    }
}

/// Twilio's refusal in an answer.
#[derive(Deserialize)]
struct Refusal {
    code: u32,
    message: String,
}

impl Control {
    /// Waits until another world takes the place of this one, which may never happen.
    async fn replaced(&self) {
        match &self.resets {
            Some(resets) => resets.replaced().await,
            None => std::future::pending().await,
        }
    }

    /// Waits for the next change from now on.
    fn changes(&self) -> impl Future<Output = ()> + use<> {
        let (mut exchanges, mut twilio) = (self.exchanges.changed(), self.twilio.changed());
        let (mut deliveries, mut clock) = (self.twilio.deliveries_changed(), self.clock.moves());
        async move {
            // The senders live as long as the world.
            tokio::select! {
                _ = exchanges.changed() => {}
                _ = twilio.changed() => {}
                _ = deliveries.changed() => {}
                _ = clock.changed() => {}
            }
        }
    }

    fn state(&self) -> Value {
        let twilio = &self.twilio;
        let (workers, tasks) = (twilio.workers(), twilio.tasks());
        let events = twilio.events_from(twilio.event_count().saturating_sub(MOST));
        let exchanges = self.exchanges.all();
        json!({
            "accountSid": ACCOUNT_SID,
            "authToken": twilio.credentials().auth_token,
            "workspaceSid": twilio.workspace_sid(),
            "aheadSeconds": self.clock.ahead().as_secs_f64(),
            "workers": workers.iter().map(|worker| self.worker(worker, &tasks)).collect::<Vec<_>>(),
            "queues": twilio.queues().iter().map(|queue| queue_json(queue, &tasks)).collect::<Vec<_>>(),
            "tasks": tasks.iter().rev().take(MOST).map(|task| self.task(task)).collect::<Vec<_>>(),
            "events": events.iter().rev().map(event).collect::<Vec<_>>(),
            "requests": exchanges.iter().rev().take(MOST).map(request).collect::<Vec<_>>(),
        })
    }

    fn worker(&self, worker: &Worker, tasks: &[Task]) -> Value {
        let activity = self
            .twilio
            .activities()
            .into_iter()
            .find(|own| own.sid == worker.activity_sid);
        let load = |channel: &str| {
            let of_channel = tasks.iter().filter(|task| task.channel == channel);
            let reservations = of_channel.flat_map(|task| &task.reservations);
            let open = reservations.filter(|one| one.worker_sid == worker.sid && one.status.is_open());
            open.count()
        };
        let channels = worker.channels.iter().map(|channel| {
            json!({
                "name": channel.unique_name,
                "capacity": channel.capacity,
                "available": channel.available,
                "reservations": load(&channel.unique_name),
            })
        });
        json!({
            "sid": worker.sid,
            "name": worker.friendly_name,
            "attributes": worker.attributes,
            "activity": activity.as_ref().map(|activity| &activity.friendly_name),
            "available": activity.as_ref().is_some_and(|activity| activity.available),
            "channels": channels.collect::<Vec<_>>(),
        })
    }

    fn task(&self, task: &Task) -> Value {
        let queue = self
            .twilio
            .queues()
            .into_iter()
            .find(|own| Some(&own.sid) == task.queue_sid.as_ref());
        let reservations = task.reservations.iter().map(|reservation| {
            json!({
                "sid": reservation.sid,
                "worker": reservation.worker_name,
                "workerSid": reservation.worker_sid,
                "status": reservation.status,
            })
        });
        json!({
            "sid": task.sid,
            "status": task.status,
            "reason": task.reason,
            "attributes": task.attributes,
            "channel": task.channel,
            "priority": task.priority,
            "queue": queue.map(|queue| queue.friendly_name),
            "created": iso_8601(task.date_created),
            "route": task.last_route.as_ref().map(ToString::to_string),
            "reservations": reservations.collect::<Vec<_>>(),
        })
    }
}

fn queue_json(queue: &TaskQueue, tasks: &[Task]) -> Value {
    let inside = tasks.iter().filter(|task| task.queue_sid.as_ref() == Some(&queue.sid));
    json!({
        "sid": queue.sid,
        "name": queue.friendly_name,
        "expression": queue.target_workers,
        "tasks": inside.filter(|task| !task.status.is_terminal()).count(),
    })
}

fn event(event: &Event) -> Value {
    json!({
        "sid": event.sid,
        "type": event.event_type,
        "resourceSid": event.resource_sid,
        "date": iso_8601(event.date),
    })
}

fn request(exchange: &Exchange) -> Value {
    let body = exchange
        .answer
        .as_ref()
        .map(|answer| &answer.body[..])
        .unwrap_or_default();
    let status = exchange.status().map(|status| status.as_u16());
    let refusal = match status {
        Some(400..) => serde_json::from_slice::<Refusal>(body).ok(),
        _ => None,
    };
    json!({
        "number": exchange.number,
        "method": exchange.method.as_str(),
        "path": exchange.path,
        "query": exchange.query,
        "status": status,
        "milliseconds": exchange.duration.map(|duration| duration.as_secs_f64() * 1e3),
        "refusal": refusal.map(|refusal| format!("{}: {}", refusal.code, refusal.message)),
    })
}
