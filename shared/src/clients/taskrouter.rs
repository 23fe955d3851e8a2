//! Twilio TaskRouter. The fields that end a task are only in `jobs::closing`.
//! <https://www.twilio.com/docs/taskrouter/api>

mod by_attribute;

use http::HeaderValue;
use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;

use crate::attributes::json::JsonText;
use crate::clients::pages::Pages;
use crate::config::Upstreams;
use crate::invocation::Invocation;
use crate::twilio::event::EventType;
use crate::twilio::sid::{ReservationSid, TaskSid, WorkerSid};
use crate::upstream::Upstream;
use crate::upstream::answer::{Answer, CallError, date};
use crate::upstream::request::{Request, below};

pub use by_attribute::ListedTask;

/// TaskRouter's largest page.
const PAGE_SIZE: &str = "1000";

/// The part of the event log that is read: eight hours. TaskRouter's default is the last 15 minutes.
const LOG_MINUTES: &str = "480";

/// An event holds the attributes of its task and of a worker with up to 4,096 characters each. A thousand events would
/// exceed the longest answer that is read.
const LOG_PAGE_SIZE: &str = "100";

/// The client of one workspace.
pub struct TaskRouter {
    upstream: Upstream,
    tasks_url: Url,
    events_url: Url,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub status: TaskStatus,
    /// A JSON text, which should be an object. `None` if TaskRouter returns null.
    pub attributes: Option<String>,
    pub created: Option<OffsetDateTime>,
    pub updated: Option<OffsetDateTime>,
    pub workflow_sid: Option<String>,
    /// The unique name of the task's channel.
    pub task_channel: Option<String>,
    pub priority: Option<i64>,
    /// The worker, queue or other target that the task was created for.
    pub routing_target: Option<String>,
    /// The task's version.
    pub etag: Option<HeaderValue>,
}

#[derive(Clone)]
pub struct TaskAttributes {
    pub status: TaskStatus,
    /// A JSON text, which should be an object.
    pub text: String,
    /// The answer of TaskRouter with these attributes.
    answer: Answer,
}

/// The assignment status of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskStatus {
    Pending,
    Reserved,
    Assigned,
    Wrapping,
    Completed,
    Canceled,
    /// A status that this version doesn't know. Neither open nor closed.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Reservation {
    pub sid: ReservationSid,
    #[serde(rename = "worker_sid")]
    pub worker: Option<WorkerSid>,
    #[serde(rename = "reservation_status")]
    pub status: ReservationStatus,
    #[serde(rename = "date_created", deserialize_with = "date", default)]
    pub created: Option<OffsetDateTime>,
    #[serde(rename = "date_updated", deserialize_with = "date", default)]
    pub updated: Option<OffsetDateTime>,
    /// The reservation's version. Lists don't show versions.
    #[serde(skip)]
    pub etag: Option<HeaderValue>,
}

/// The status of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReservationStatus {
    Pending,
    Accepted,
    Rejected,
    Timeout,
    Canceled,
    Rescinded,
    Wrapping,
    Completed,
    /// A status that this version doesn't know. Neither open nor released.
    #[serde(other)]
    Unknown,
}

impl TaskStatus {
    /// Whether the task can no longer be handed over.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Wrapping | Self::Completed | Self::Canceled)
    }
}

impl ReservationStatus {
    /// Whether the worker has released the task or never had it.
    pub fn is_released(self) -> bool {
        matches!(self, Self::Rejected | Self::Timeout | Self::Canceled | Self::Rescinded)
    }

    /// Whether the worker has the task or is being offered it.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Accepted)
    }

    /// Whether the worker has ended the conversation.
    pub fn is_wrapped_up(self) -> bool {
        matches!(self, Self::Wrapping | Self::Completed)
    }
}

impl TaskRouter {
    pub fn new(upstream: Upstream, config: &Upstreams) -> Self {
        let Upstreams {
            taskrouter_url,
            workspace,
            ..
        } = config;
        let list = |name| below(taskrouter_url, ["v1", "Workspaces", workspace.as_str(), name]);
        Self {
            upstream,
            tasks_url: list("Tasks"),
            events_url: list("Events"),
        }
    }

    /// Reads a task.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn task(&self, invocation: &Invocation, task: &TaskSid) -> Result<Task, CallError> {
        self.read_task(invocation, task, read_task).await
    }

    /// Reads a task's attributes. `None` if TaskRouter returns null. An answer with the same bytes as that of `before`
    /// isn't parsed again.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn attributes(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        before: Option<&TaskAttributes>,
    ) -> Result<Option<TaskAttributes>, CallError> {
        self.read_task(invocation, task, |answer| match before {
            Some(before) if before.answer == *answer => Some(Some(before.clone())),
            _ => {
                let task = read_task(answer)?;
                Some(task.attributes.map(|text| TaskAttributes {
                    status: task.status,
                    text,
                    answer: answer.clone(),
                }))
            }
        })
        .await
    }

    async fn read_task<T>(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        read: impl Fn(&Answer) -> Option<T>,
    ) -> Result<T, CallError> {
        let request = Request::get("read task", self.task_url(task));
        self.upstream.call(invocation, &request, read).await
    }

    /// Reads a reservation.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn reservation(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        reservation: &ReservationSid,
    ) -> Result<Reservation, CallError> {
        let request = Request::get("read reservation", self.reservation_url(task, reservation));
        let read = |answer: &Answer| {
            let etag = answer.etag.clone();
            answer.json().map(|reservation| Reservation { etag, ..reservation })
        };
        self.upstream.call(invocation, &request, read).await
    }

    /// Reads all reservations of a task, in no particular order.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn reservations(&self, invocation: &Invocation, task: &TaskSid) -> Result<Vec<Reservation>, CallError> {
        let url = below(&self.tasks_url, [task.as_str(), "Reservations"]);
        let pages = Pages::new("list reservations", url, "reservations", &[("PageSize", PAGE_SIZE)]);
        pages.rest(&self.upstream, invocation).await
    }

    /// Reads the last attributes of a deleted task from TaskRouter's event log. `None` if the log doesn't list the end
    /// of the task.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn final_attributes(&self, invocation: &Invocation, task: &TaskSid) -> Result<Option<String>, CallError> {
        let query = [
            ("TaskSid", task.as_str()),
            ("Minutes", LOG_MINUTES),
            ("PageSize", LOG_PAGE_SIZE),
        ];
        let pages = Pages::new("list events", self.events_url.clone(), "events", &query);
        let events: Vec<LoggedEvent> = pages.rest(&self.upstream, invocation).await?;
        if !events.iter().any(LoggedEvent::ends_task) {
            return Ok(None);
        }
        // Twilio promises no order. The end isn't always the newest event, since attributes can be changed after the
        // end.
        let newest = events
            .into_iter()
            .filter(|event| event.attributes().is_some())
            .max_by_key(|event| (event.event_date_ms, event.ends_task()));
        Ok(newest.and_then(LoggedEvent::into_attributes))
    }

    /// Replaces a task's attributes if the task still has that version. Not retried, since the next step depends on the
    /// task's state after a failure.
    ///
    /// # Errors
    /// As [`Upstream::call_once`].
    pub async fn write_attributes(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        etag: &HeaderValue,
        attributes: String,
    ) -> Result<(), CallError> {
        let form = vec![("Attributes", attributes)];
        self.write_task(invocation, "write attributes", task, etag, form).await
    }

    /// Rejects a reservation if it still has the version that was read. Not retried, as in [`Self::write_attributes`].
    ///
    /// # Errors
    /// As [`Upstream::call_once`].
    pub async fn reject(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        reservation: &Reservation,
    ) -> Result<(), CallError> {
        let form = vec![("ReservationStatus", "rejected".to_owned())];
        self.write_reservation(invocation, "reject reservation", task, reservation, form)
            .await
    }

    /// Writes fields of a reservation if it still has the version that was read. Not retried.
    ///
    /// # Errors
    /// As [`Upstream::call_once`].
    pub async fn write_reservation(
        &self,
        invocation: &Invocation,
        step: &'static str,
        task: &TaskSid,
        reservation: &Reservation,
        form: Vec<(&'static str, String)>,
    ) -> Result<(), CallError> {
        let url = self.reservation_url(task, &reservation.sid);
        let request = Request::post(step, url, reservation.etag.clone(), form);
        self.upstream.call_once(invocation, &request).await.map(drop)
    }

    /// Writes fields of a task if the task still has that version. Not retried. The caller names the fields: only
    /// `auto-close` contains the fields that end a task.
    ///
    /// # Errors
    /// As [`Upstream::call_once`].
    pub async fn write_task(
        &self,
        invocation: &Invocation,
        step: &'static str,
        task: &TaskSid,
        etag: &HeaderValue,
        form: Vec<(&'static str, String)>,
    ) -> Result<(), CallError> {
        let request = Request::post(step, self.task_url(task), Some(etag.clone()), form);
        self.upstream.call_once(invocation, &request).await.map(drop)
    }

    fn task_url(&self, task: &TaskSid) -> Url {
        below(&self.tasks_url, [task.as_str()])
    }

    fn reservation_url(&self, task: &TaskSid, reservation: &ReservationSid) -> Url {
        below(&self.tasks_url, [task.as_str(), "Reservations", reservation.as_str()])
    }
}

#[derive(Deserialize)]
struct LoggedEvent {
    event_type: Option<String>,
    /// Milliseconds of Unix time.
    event_date_ms: Option<i64>,
    event_data: Option<EventData>,
}

#[derive(Deserialize)]
struct EventData {
    task_attributes: Option<JsonText>,
}

impl LoggedEvent {
    fn ends_task(&self) -> bool {
        self.event_type
            .as_deref()
            .is_some_and(|text| EventType::parse(text).ends_task())
    }

    fn attributes(&self) -> Option<&str> {
        let text = &self.event_data.as_ref()?.task_attributes.as_ref()?.0;
        (!text.is_empty()).then_some(text)
    }

    fn into_attributes(self) -> Option<String> {
        self.event_data?.task_attributes.map(|text| text.0)
    }
}

fn read_task(answer: &Answer) -> Option<Task> {
    #[derive(Deserialize)]
    struct Resource {
        assignment_status: TaskStatus,
        attributes: Option<JsonText>,
        #[serde(deserialize_with = "date", default)]
        date_created: Option<OffsetDateTime>,
        #[serde(deserialize_with = "date", default)]
        date_updated: Option<OffsetDateTime>,
        workflow_sid: Option<String>,
        task_channel_unique_name: Option<String>,
        priority: Option<i64>,
        routing_target: Option<String>,
    }
    let resource: Resource = answer.json()?;
    Some(Task {
        status: resource.assignment_status,
        attributes: resource.attributes.map(|text| text.0),
        created: resource.date_created,
        updated: resource.date_updated,
        workflow_sid: resource.workflow_sid,
        task_channel: resource.task_channel_unique_name,
        priority: resource.priority,
        routing_target: resource.routing_target,
        etag: answer.etag.clone(),
    })
}
