//! The client of Twilio TaskRouter: reads, and the writes that a handoff needs. What ends a task is `closing`'s own.
//! <https://www.twilio.com/docs/taskrouter/api>

use http::HeaderValue;
use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;

use crate::attributes::json::Value;
use crate::clients::pages::Pages;
use crate::config::Upstreams;
use crate::invocation::Invocation;
use crate::twilio::event::ends_task;
use crate::twilio::sid::{ReservationSid, TaskSid, WorkerSid};
use crate::upstream::{Answer, CallError, Request, Upstream, below, date};

/// TaskRouter's largest page.
const PAGE_SIZE: &str = "1000";

/// As far back as TaskRouter's log of events has a task's attributes: 30 days.
/// <https://www.twilio.com/docs/taskrouter/api/event>
const LOG_MINUTES: &str = "43200";

/// An event holds the attributes of its task and of a worker, 4,096 characters each, so that a thousand of them are
/// more than is read of an answer.
const LOG_PAGE_SIZE: &str = "100";

/// The client of one workspace.
pub struct TaskRouter {
    upstream: Upstream,
    tasks_url: Url,
    events_url: Url,
}

/// A task as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub status: TaskStatus,
    /// A JSON text, which should be an object; `None` if TaskRouter says null.
    pub attributes: Option<String>,
    pub updated: Option<OffsetDateTime>,
    /// The version, to be echoed byte for byte.
    pub etag: Option<HeaderValue>,
}

/// A task's attributes as they were read.
#[derive(Clone)]
pub struct TaskAttributes {
    /// A JSON text, which should be an object.
    pub text: String,
    /// What they were read from, where they are of the task itself.
    answer: Option<Answer>,
}

/// What TaskRouter's log of events says of a task's attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastWords {
    /// The newest.
    pub attributes: String,
    /// Whether it knows of the task's end; if not, it may be behind.
    pub ended: bool,
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
}

/// A reservation as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    pub sid: ReservationSid,
    pub worker: Option<WorkerSid>,
    pub status: ReservationStatus,
    pub created: Option<OffsetDateTime>,
    pub updated: Option<OffsetDateTime>,
    /// The version; a list gives none.
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
}

impl TaskRouter {
    /// The client of the workspace that is configured.
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
        self.read(invocation, task, read_task).await
    }

    /// Reads a task's attributes; `None` if TaskRouter says null. What was read `before` is taken for it where
    /// TaskRouter's answer is the same to the byte.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn attributes(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        before: Option<&TaskAttributes>,
    ) -> Result<Option<TaskAttributes>, CallError> {
        self.read(invocation, task, |answer| match before {
            Some(before) if before.answer.as_ref() == Some(answer) => Some(Some(before.clone())),
            _ => Some(read_task(answer)?.attributes.map(|text| TaskAttributes {
                text,
                answer: Some(answer.clone()),
            })),
        })
        .await
    }

    async fn read<T>(
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
        self.upstream
            .call(invocation, &request, |answer| {
                answer.json(|it| read_reservation(it, answer.etag.clone()))
            })
            .await
    }

    /// Reads all reservations of a task, or those of one worker.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn reservations(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        worker: Option<&WorkerSid>,
    ) -> Result<Vec<Reservation>, CallError> {
        let url = below(&self.tasks_url, [task.as_str(), "Reservations"]);
        let query: Vec<(&str, &str)> = worker
            .map(|worker| ("WorkerSid", worker.as_str()))
            .into_iter()
            .chain([("PageSize", PAGE_SIZE)])
            .collect();
        let mut pages = Pages::new("list reservations", url, "reservations", &query);
        let mut reservations = Vec::new();
        while let Some(page) = pages
            .next(&self.upstream, invocation, |it| read_reservation(it, None))
            .await?
        {
            reservations.extend(page);
        }
        reservations.retain(|reservation| worker.is_none() || reservation.worker.as_ref() == worker);
        Ok(reservations)
    }

    /// The newest attributes of a task that TaskRouter's log of events has; `None` if it has none.
    ///
    /// # Errors
    /// As [`Upstream::call`].
    pub async fn last_words(&self, invocation: &Invocation, task: &TaskSid) -> Result<Option<LastWords>, CallError> {
        // Without `Minutes` it is those of the last quarter of an hour.
        let query = [
            ("TaskSid", task.as_str()),
            ("Minutes", LOG_MINUTES),
            ("PageSize", LOG_PAGE_SIZE),
        ];
        let mut pages = Pages::new("list events", self.events_url.clone(), "events", &query);
        let mut ended = false;
        let mut newest = None;
        while let Some(events) = pages
            .next(&self.upstream, invocation, |it| Some(read_event(it)))
            .await?
        {
            ended |= events.iter().any(|event| event.is_end);
            // Twilio promises no order. An end need not be the newest: attributes can be changed after it.
            let told = events.into_iter().filter(|event| event.attributes.is_some());
            newest = told.chain(newest).max_by_key(|event| (event.at, event.is_end));
        }
        let attributes = newest.and_then(|event| event.attributes);
        Ok(attributes.map(|attributes| LastWords { attributes, ended }))
    }

    /// Replaces a task's attributes, if the task is still as it was read. One try: what to do next depends on how the
    /// task is then.
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
        self.write_task(
            invocation,
            "write attributes",
            task,
            etag,
            vec![("Attributes", attributes)],
        )
        .await
    }

    /// Rejects a reservation, if it is still as it was read. One try, like [`Self::write_attributes`].
    ///
    /// # Errors
    /// As [`Upstream::call_once`].
    pub async fn reject(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        reservation: &Reservation,
    ) -> Result<(), CallError> {
        let url = self.reservation_url(task, &reservation.sid);
        let form = vec![("ReservationStatus", "rejected".to_owned())];
        let request = Request::post("reject reservation", url, reservation.etag.clone(), form);
        self.upstream.call_once(invocation, &request).await.map(drop)
    }

    /// Writes fields of a task, if the task is still as it was read. One try. Which fields these are is the caller's
    /// to say, so that what ends a task is in no function but those that close.
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

impl From<String> for TaskAttributes {
    /// Those of a task that is gone.
    fn from(text: String) -> Self {
        Self { text, answer: None }
    }
}

impl TaskStatus {
    /// Whether the task can't be handed to anyone any more.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Wrapping | Self::Completed | Self::Canceled)
    }
}

impl ReservationStatus {
    /// Whether the worker has let go of the task, or never took it.
    pub fn is_released(self) -> bool {
        matches!(self, Self::Rejected | Self::Timeout | Self::Canceled | Self::Rescinded)
    }
}

/// An event of the log.
struct LoggedEvent {
    /// In milliseconds of Unix time.
    at: Option<i64>,
    is_end: bool,
    attributes: Option<String>,
}

fn read_event(event: Value<'_, '_>) -> LoggedEvent {
    let data = event.member("event_data");
    let attributes = data
        .and_then(|data| data.member("task_attributes"))
        .and_then(Value::as_json_text);
    LoggedEvent {
        at: event.member("event_date_ms").and_then(|at| at.raw().parse().ok()),
        is_end: event.string("event_type").is_some_and(|kind| ends_task(&kind)),
        attributes: attributes.filter(|text| !text.is_empty()),
    }
}

fn read_task(answer: &Answer) -> Option<Task> {
    answer.json(|task| {
        Some(Task {
            status: serde_json::from_str(task.member("assignment_status")?.raw()).ok()?,
            attributes: task.member("attributes")?.as_json_text(),
            updated: date(task, "date_updated"),
            etag: answer.etag.clone(),
        })
    })
}

fn read_reservation(reservation: Value<'_, '_>, etag: Option<HeaderValue>) -> Option<Reservation> {
    Some(Reservation {
        sid: ReservationSid::parse(&reservation.string("sid")?)?,
        worker: reservation.string("worker_sid").and_then(|sid| WorkerSid::parse(&sid)),
        status: serde_json::from_str(reservation.member("reservation_status")?.raw()).ok()?,
        created: date(reservation, "date_created"),
        updated: date(reservation, "date_updated"),
        etag,
    })
}
