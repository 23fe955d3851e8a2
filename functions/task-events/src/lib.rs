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
use flex_handoff::payload::Payload;
use flex_handoff::retry::{Backoff, MAX_WRITES};
use flex_handoff::secret::Required;
use flex_handoff::session_api::SessionApi;
use flex_handoff::session_url::SessionUrl;
use flex_handoff::sid::{TaskSid, WorkerSid};
use flex_handoff::start::Connections;
use flex_handoff::taskrouter::{Reservation, TaskRouter};
use flex_handoff::upstream::CallError;
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
        let config = config::TaskEvents::from_env()?;
        let urls = [config.upstreams.taskrouter_url.as_str(), config.session_url.start()];
        let connections = Connections::open(
            env!("CARGO_PKG_NAME"),
            &config.upstreams,
            Required::SessionApiToken,
            &urls,
        )
        .await?;
        Ok(Arc::new(Self::new(config, connections)))
    }

    /// The function with this configuration and these connections.
    pub fn new(config: config::TaskEvents, connections: Connections) -> Self {
        Self {
            taskrouter: TaskRouter::new(connections.twilio(), &config.upstreams),
            session_api: SessionApi::new(connections.session_api()),
            webhook: Webhook {
                machine: connections.machine,
                cold_start: connections.cold_start,
                secrets: connections.secrets,
                workspace: config.upstreams.workspace,
                public_url: config.public_url,
            },
            ai_worker: config.ai_worker,
            session_url: config.session_url,
            session_id_attribute: config.session_id_attribute,
        }
    }

    /// Answers one request; never fails.
    pub async fn handle(
        self: Arc<Self>,
        request: Payload<HttpRequest>,
        request_id: &str,
        deadline_ms: u64,
    ) -> HttpAnswer {
        let (machine, cold_start) = (self.webhook.machine, self.webhook.cold_start.take());
        let work = |invocation: Arc<Invocation>| async move {
            let event = self.webhook.receive(&invocation, request).await?;
            self.synchronise(&invocation, &event).await
        };
        webhook::answer(machine, request_id, deadline_ms, cold_start, work).await
    }

    /// Writes the session until a read of the task agrees with what was written.
    async fn synchronise(&self, invocation: &Invocation, event: &Event) -> Result<Outcome, Outcome> {
        let task = event
            .task_sid
            .as_ref()
            .ok_or(Outcome::NotForUs("an event without a task"))?;
        invocation.set("taskSid", task.as_str());
        let mut written: Option<Target> = None;
        let mut refused_writes = 0;
        let mut backoff = Backoff::default();
        loop {
            let mut target = match self.read(invocation, event, task).await {
                // What there was to write is written.
                Err(Outcome::NotForUs(_)) if written.is_some() => return Ok(Outcome::Done),
                read => read?,
            };
            if let Some(before) = &written {
                if before.session_url == target.session_url {
                    target.data = target.data.after(&before.data);
                    if target.data.agrees_with(&before.data) {
                        return Ok(Outcome::Done);
                    }
                }
                // A task that changes as fast as it is written must not use up what the session API allows a minute.
                let pause = backoff.pause(invocation, None);
                pause.await.map_err(|_| Outcome::Unavailable)?;
            }
            match self
                .session_api
                .write(invocation, &target.session_url, &target.data)
                .await
            {
                Ok(()) => written = Some(target),
                Err(CallError::NotFound) => return Err(UNKNOWN_SESSION),
                Err(CallError::Changed) if refused_writes + 1 < MAX_WRITES => refused_writes += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What the session should hold by what the task holds now.
    async fn read(&self, invocation: &Invocation, event: &Event, task: &TaskSid) -> Result<Target, Outcome> {
        let attributes = async {
            match self.taskrouter.task(invocation, task).await {
                Ok(task) => task.attributes.ok_or(NOT_AN_OBJECT),
                Err(CallError::NotFound) if event.ends_task() => event.task_attributes.clone().ok_or(GONE),
                Err(CallError::NotFound) => Err(GONE),
                Err(error) => Err(error.into()),
            }
        };
        let reservation = self.newest_reservation(invocation, event, task);
        let (attributes, reservation) = tokio::try_join!(attributes, reservation)?;
        let attributes = Attributes::parse(&attributes).map_err(|_| NOT_AN_OBJECT)?;
        self.target(invocation, task, &attributes, reservation)
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
    ) -> Result<Target, Outcome> {
        let conversation = attributes.string("conversationSid").filter(|sid| !sid.is_empty());
        let session_url = self.session_url.fill(|placeholder| match placeholder {
            "session_id" => attributes.identifier(&self.session_id_attribute),
            "task_sid" => Some(task.to_string()),
            "conversation_sid" => conversation.clone(),
            _ => None,
        });
        let session_url = session_url.ok_or(Outcome::NotForUs("a task that names no session"))?;
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
            // A log event has its limit.
            let names = data.collisions().iter().take(20);
            let names: Vec<String> = names.map(|name| name.chars().take(200).collect()).collect();
            invocation.set("collisions", names);
        }
        Ok(Target { session_url, data })
    }
}

const NOT_AN_OBJECT: Outcome = Outcome::Refused("the task's attributes are not a JSON object");

const GONE: Outcome = Outcome::NotForUs("a task that is gone");

const UNKNOWN_SESSION: Outcome = Outcome::NotForUs("a session that the session API doesn't know");
