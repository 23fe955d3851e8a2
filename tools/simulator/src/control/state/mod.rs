//! The state of the world's own workspace, and what happened last.

pub(super) mod record;
mod workspace;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::Control;
use crate::fault::Faults;
use crate::twilio::sids::ACCOUNT_SID;

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
        let (mut sinks, mut faults) = (self.twilio.sink_deliveries_changed(), self.faults.changed());
        async move {
            // The senders live as long as the world.
            tokio::select! {
                _ = exchanges.changed() => {}
                _ = twilio.changed() => {}
                _ = deliveries.changed() => {}
                _ = clock.changed() => {}
                _ = sinks.changed() => {}
                _ = faults.changed() => {}
            }
        }
    }

    fn state(&self) -> Value {
        let twilio = &self.twilio;
        let tasks = twilio.tasks();
        json!({
            "since": self.beginning.text(),
            "accountSid": ACCOUNT_SID,
            "authToken": twilio.credentials().auth_token,
            "workspaceSid": twilio.workspace_sid(),
            "aheadSeconds": self.clock.ahead().as_secs_f64(),
            "activities": workspace::activities(twilio),
            "channels": workspace::channels(twilio),
            "workers": workspace::workers(twilio, &tasks),
            "queues": workspace::queues(twilio, &tasks),
            "workflows": workspace::workflows(twilio),
            "tasks": workspace::tasks(twilio, &tasks),
            "requests": record::requests(self),
            "events": record::events(self),
            "routes": record::routes(self),
            "deliveries": record::deliveries(self),
            "faults": faults(&self.faults),
        })
    }
}

fn faults(faults: &Faults) -> Vec<Value> {
    let armed = faults.armed().into_iter();
    armed
        .map(|fault| json!({"rule": fault.label, "struck": fault.struck, "left": fault.left}))
        .collect()
}
