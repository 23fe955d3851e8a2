//! `task-events`: makes the AI's session equal to each event's task, and passes tasks that may have to be closed to
//! `auto-close`.
//!
//! Copies that can't be made while Twilio waits go to the queue of `deferred`.

use std::time::Duration;

use flex_handoff::attributes::Attributes;
use flex_handoff::aws::queue::Queue;
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::session_api::SessionApi;
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config::{self, AiWorkers, CloseQueue};
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::close_request::{close_requests, send_close_request};
use flex_handoff::jobs::deferral::copy_or_defer;
use flex_handoff::jobs::outcome::{Failure, Outcome};
use flex_handoff::jobs::session_sync::{CopyProgress, SessionSync, SyncRequest};
use flex_handoff::lambda::http::{HttpPayload, respond};
use flex_handoff::lambda::start::Connections;
use flex_handoff::lambda::webhook::{EventWorker, EventsOfTask, Webhook};
use flex_handoff::twilio::event::{Event, EventType};
use flex_handoff::upstream::retry::Retries;
use lambda_http::LambdaEvent;
use serde::Serialize;

/// From this age on, TaskRouter's event log has caught up with an event.
const RECENT: Duration = Duration::from_secs(60);

pub struct TaskEvents {
    webhook: Webhook,
    sessions: SessionSync,
    queue: Option<Queue>,
    closing: Option<ClosingSender>,
    ai_workers: AiWorkers,
}

/// Passes tasks that may have to be closed to `auto-close`.
struct ClosingSender {
    queue: Queue,
    delay: Duration,
    on_rejection: bool,
}

impl TaskEvents {
    /// Reads the configuration and the secret and connects to the upstreams.
    ///
    /// # Errors
    /// Every reason why the function can't start.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::TaskEventsConfig::from_env()?;
        let urls = [&config.upstreams.taskrouter_url, config.sessions.url.root()];
        let name = env!("CARGO_PKG_NAME");
        let connections = Connections::open(name, &config.upstreams, Required::SessionApiToken, &urls).await?;
        Ok(Self::new(config, &connections))
    }

    pub fn new(config: config::TaskEventsConfig, connections: &Connections) -> Self {
        let retries = match config.queue_url {
            Some(_) => Retries::One,
            None => Retries::UntilDeadline,
        };
        let on_rejection = config.close_on_rejection;
        let closing = config.close_queue.map(|CloseQueue { url, delay }| ClosingSender {
            queue: connections.queue(url),
            delay,
            on_rejection,
        });
        Self {
            webhook: Webhook {
                system: connections.system,
                secrets: connections.secrets.clone(),
                workspace: config.upstreams.workspace.clone(),
                public_url: config.public_url,
                has_queue: config.queue_url.is_some(),
            },
            sessions: SessionSync::new(
                TaskRouter::new(connections.twilio(retries), &config.upstreams),
                SessionApi::new(connections.session_api(&config.sessions, retries)),
                config.sessions,
                config.ai_workers.clone(),
            ),
            queue: config.queue_url.map(|url| connections.queue(url)),
            closing,
            ai_workers: config.ai_workers,
        }
    }

    /// Answers a request. Never fails.
    pub async fn handle(&self, event: LambdaEvent<HttpPayload>) -> impl Serialize {
        let reject = |reason, context: &_| self.webhook.reject(reason, context);
        respond(event, |request| self.webhook.answer(request, self), reject).await
    }

    /// Makes the session equal to the task, or defers the copy to `deferred`.
    async fn copy(
        &self,
        invocation: &Invocation,
        events: &EventsOfTask,
        progress: &CopyProgress,
    ) -> Result<Outcome, Failure> {
        let all = &events.events;
        let ended = all.iter().rev().find(|event| event.event_type.ends_task());
        let request = SyncRequest {
            task: &events.task,
            with_reservation: all.iter().any(|event| self.is_ais_reservation(event)),
            final_attributes: ended.and_then(|event| event.task_attributes.as_deref()),
            is_recent: all.iter().any(|event| is_recent(invocation, event)),
            is_second_look: false,
        };
        // Boxed, since otherwise every awaiting future would hold this large future.
        match &self.queue {
            None => Box::pin(self.sessions.run(invocation, request, progress)).await,
            Some(queue) => copy_or_defer(&self.sessions, queue, invocation, request, progress).await,
        }
    }

    /// Sends a task that may have to be closed to the queue of `auto-close`. Returns whether there was anything to
    /// send.
    async fn pass_on(&self, invocation: &Invocation, events: &EventsOfTask) -> Result<bool, Failure> {
        let Some(closing) = &self.closing else {
            return Ok(false);
        };
        let requests = close_requests(&events.events, &events.task, &self.ai_workers, closing.on_rejection);
        let are_there = !requests.is_empty();
        for request in requests {
            let sent = send_close_request(&closing.queue, invocation, request, closing.delay).await;
            sent.map_err(|_| Failure::Unavailable)?;
        }
        Ok(are_there)
    }

    fn is_ais_reservation(&self, event: &Event) -> bool {
        event.event_type.is_reservation() && self.ai_workers.contains(event.worker_sid.as_ref())
    }

    /// Whether a task that was handed off is offered to the AI again.
    fn is_loop(&self, event: &Event, progress: &CopyProgress) -> bool {
        let was_handed_off = || match &event.task_attributes {
            // The task may have been handed off after the event.
            Some(text) => Attributes::parse(text).is_ok_and(|attributes| attributes.handed_off()),
            None => progress.handed_off(),
        };
        event.event_type == EventType::ReservationCreated && self.is_ais_reservation(event) && was_handed_off()
    }
}

impl EventWorker for TaskEvents {
    /// Copies a task to its session. Also passes the task on if it may have to be closed, whether or not the copy
    /// succeeds.
    async fn work(&self, invocation: &Invocation, events: &EventsOfTask) -> Result<Outcome, Failure> {
        let progress = CopyProgress::default();
        let (copied, passed_on) = tokio::join!(
            self.copy(invocation, events, &progress),
            self.pass_on(invocation, events)
        );
        let is_passed_on = passed_on?;
        match copied? {
            _ if events.events.iter().any(|event| self.is_loop(event, &progress)) => Ok(Outcome::Loop),
            Outcome::NothingToDo(_) if is_passed_on => Ok(Outcome::Queued),
            outcome => Ok(outcome),
        }
    }
}

/// Whether an event is less than a minute old. An event without a time counts as recent.
fn is_recent(invocation: &Invocation, event: &Event) -> bool {
    event.time.is_none_or(|time| invocation.now() - time < RECENT)
}
