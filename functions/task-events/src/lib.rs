//! `task-events`: keeps an AI session's custom data equal to its task's attributes.
//!
//! Events arrive late, twice, out of order, and in several instances at once. So an event only says which task to
//! look at: the task is read, written to the session, and read again, until a read agrees with what was written.
//! Whichever instance writes last, it reads after its write, so the session ends as the task is.

use std::sync::Arc;

use flex_handoff::attributes::Attributes;
use flex_handoff::config;
use flex_handoff::event::Event;
use flex_handoff::flatten::{CustomData, flatten};
use flex_handoff::invocation::Invocation;
use flex_handoff::session_api::SessionApi;
use flex_handoff::session_url::SessionUrl;
use flex_handoff::sid::{TaskSid, WorkerSid};
use flex_handoff::start;
use flex_handoff::taskrouter::{Reservation, TaskRouter};
use flex_handoff::upstream::{CallError, Upstream};
use flex_handoff::webhook::{self, HttpAnswer, HttpRequest, Outcome, Webhook};

/// The function.
pub struct TaskEvents {
    webhook: Webhook,
    taskrouter: TaskRouter,
    session_api: SessionApi,
    ai_worker: Option<WorkerSid>,
    session_url: SessionUrl,
    session_id_attribute: String,
}

/// What is to be written, and where.
struct Target {
    session_url: String,
    data: CustomData,
}

impl TaskEvents {
    /// Reads the configuration and the secret, and connects to the upstreams.
    ///
    /// # Errors
    /// Everything that is at fault.
    pub async fn start() -> Result<Arc<Self>, Vec<String>> {
        let config = config::TaskEvents::read(|name| std::env::var(name).ok())?;
        let hosts = [config.upstreams.taskrouter_url.as_str(), config.session_url.start()];
        let start::Connections { http, secrets } = start::connect(&config.upstreams, true, &hosts).await?;
        let twilio = Upstream::twilio(http.clone(), Arc::clone(&secrets));
        Ok(Arc::new(Self {
            taskrouter: TaskRouter::new(twilio, &config.upstreams.taskrouter_url, &config.upstreams.workspace),
            session_api: SessionApi::new(Upstream::session_api(http, Arc::clone(&secrets))),
            webhook: Webhook {
                secrets,
                workspace: config.upstreams.workspace,
                public_url: config.public_url,
            },
            ai_worker: config.ai_worker,
            session_url: config.session_url,
            session_id_attribute: config.session_id_attribute,
        }))
    }

    /// Answers one request; never fails.
    pub async fn handle(self: Arc<Self>, request: HttpRequest, request_id: &str, deadline_ms: u64) -> HttpAnswer {
        webhook::answer(request_id, deadline_ms, move |invocation| async move {
            match self.webhook.receive(&invocation, &request).await {
                Ok(event) => self
                    .synchronise(&invocation, &event)
                    .await
                    .unwrap_or_else(|outcome| outcome),
                Err(outcome) => outcome,
            }
        })
        .await
    }

    /// Writes the session until a read of the task agrees with what was written.
    async fn synchronise(&self, invocation: &Invocation, event: &Event) -> Result<Outcome, Outcome> {
        let task = event
            .task_sid
            .as_ref()
            .ok_or(Outcome::NotForUs("an event without a task"))?;
        invocation.set("taskSid", task.as_str());
        let mut written: Option<Target> = None;
        loop {
            let Some(mut target) = self.read(invocation, event, task).await? else {
                let nothing_left = written.is_some();
                return Ok(if nothing_left {
                    Outcome::Done
                } else {
                    Outcome::NotForUs("no session")
                });
            };
            if let Some(before) = written.filter(|before| before.session_url == target.session_url) {
                target.data = target.data.after(&before.data);
                if target.data.agrees_with(&before.data) {
                    return Ok(Outcome::Done);
                }
            }
            match self
                .session_api
                .write(invocation, &target.session_url, &target.data)
                .await
            {
                Ok(()) => written = Some(target),
                Err(CallError::NotFound) => {
                    return Ok(Outcome::NotForUs("a session that the session API doesn't know"));
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

impl TaskEvents {
    /// What the session should hold by what the task holds now; `None` if the task names no session, or is gone and
    /// this event isn't the one that ends it.
    async fn read(&self, invocation: &Invocation, event: &Event, task: &TaskSid) -> Result<Option<Target>, Outcome> {
        let (read, reservation) = tokio::join!(
            self.taskrouter.task(invocation, task),
            self.newest_reservation(invocation, event, task)
        );
        let attributes = match read {
            Ok(task) => Some(task.attributes.ok_or(NOT_AN_OBJECT)?),
            Err(CallError::NotFound) => event.task_attributes.clone().filter(|_| event.ends_task()),
            Err(error) => return Err(error.into()),
        };
        let Some(attributes) = attributes else { return Ok(None) };
        let attributes = Attributes::parse(&attributes).map_err(|_| NOT_AN_OBJECT)?;
        self.target(invocation, task, &attributes, reservation?)
    }

    /// The newest reservation of the event's worker on the task, where the event is one of the AI's reservations.
    async fn newest_reservation(
        &self,
        invocation: &Invocation,
        event: &Event,
        task: &TaskSid,
    ) -> Result<Option<Reservation>, Outcome> {
        let is_ais = |worker: &&WorkerSid| self.ai_worker.as_ref().is_none_or(|ai| ai == *worker);
        let worker = event
            .worker_sid
            .as_ref()
            .filter(|_| event.is_about_reservation())
            .filter(is_ais);
        let Some(worker) = worker else { return Ok(None) };
        match self.taskrouter.reservations(invocation, task, Some(worker)).await {
            // Of two within a second, the one that is still open.
            Ok(reservations) => Ok(reservations
                .into_iter()
                .max_by_key(|it| (it.created, !it.status.is_released()))),
            Err(CallError::NotFound) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn target(
        &self,
        invocation: &Invocation,
        task: &TaskSid,
        attributes: &Attributes<'_>,
        reservation: Option<Reservation>,
    ) -> Result<Option<Target>, Outcome> {
        let conversation = attributes.string("conversationSid").filter(|sid| !sid.is_empty());
        let session_url = self.session_url.fill(|placeholder| match placeholder {
            "session_id" => attributes.identifier(&self.session_id_attribute),
            "task_sid" => Some(task.to_string()),
            "conversation_sid" => conversation.clone(),
            _ => None,
        });
        let Some(session_url) = session_url else {
            return Ok(None);
        };
        let mut data =
            flatten(attributes).map_err(|_| Outcome::Refused("the task's attributes flatten to too much"))?;
        data.set("flex_task_sid", task.as_str());
        if let Some(reservation) = reservation {
            data.set("flex_reservation_sid", reservation.sid.as_str());
        }
        if let Some(conversation) = conversation {
            data.set("flex_conversation_sid", &conversation);
        }
        if !data.collisions().is_empty() {
            invocation.set("collisions", data.collisions());
        }
        Ok(Some(Target { session_url, data }))
    }
}

const NOT_AN_OBJECT: Outcome = Outcome::Refused("the task's attributes are not a JSON object");
