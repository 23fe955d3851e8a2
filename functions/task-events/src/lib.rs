//! `task-events`: each event of a task makes the AI's session equal to it.
//!
//! What can't be done while Twilio waits is left on the queue, from which `deferred` takes it.

use flex_handoff::aws::job::Message;
use flex_handoff::aws::queue::Queue;
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::session_api::{SessionApi, WhenBusy};
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config;
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::deferral;
use flex_handoff::jobs::outcome::Outcome;
use flex_handoff::jobs::session_sync::{Cue, LastWords, SessionSync};
use flex_handoff::lambda::payload::Payload;
use flex_handoff::lambda::start::Connections;
use flex_handoff::lambda::webhook::{self, HttpAnswer, HttpRequest, Webhook};
use flex_handoff::twilio::event::Event;
use flex_handoff::twilio::sid::WorkerSid;

/// The function.
pub struct TaskEvents {
    webhook: Webhook,
    sessions: SessionSync,
    queue: Option<Queue>,
    ai_worker: Option<WorkerSid>,
}

impl TaskEvents {
    /// Reads the configuration and the secret, and connects to the upstreams.
    ///
    /// # Errors
    /// Everything that is at fault.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::TaskEvents::from_env()?;
        let urls = [&config.upstreams.taskrouter_url, config.sessions.url.root()];
        let connections = Connections::open(
            env!("CARGO_PKG_NAME"),
            &config.upstreams,
            Required::SessionApiToken,
            &urls,
        )
        .await?;
        Ok(Self::new(config, connections))
    }

    /// The function with this configuration and these connections.
    pub fn new(config: config::TaskEvents, connections: Connections) -> Self {
        let when_busy = match config.queue_url {
            Some(_) => WhenBusy::GiveUp,
            None => WhenBusy::Insist,
        };
        Self {
            sessions: SessionSync::new(
                TaskRouter::new(connections.twilio(), &config.upstreams),
                SessionApi::new(connections.session_api(), when_busy),
                config.sessions,
            ),
            queue: config.queue_url.map(|url| connections.queue(url)),
            webhook: Webhook {
                machine: connections.machine,
                cold_start: connections.cold_start,
                secrets: connections.secrets,
                workspace: config.upstreams.workspace,
                public_url: config.public_url,
            },
            ai_worker: config.ai_worker,
        }
    }

    /// Answers one request; never fails.
    pub async fn handle(&self, request: Payload<HttpRequest>, request_id: &str, deadline_ms: u64) -> HttpAnswer {
        let (machine, cold_start) = (self.webhook.machine, self.webhook.cold_start.take());
        let work = async |invocation: &Invocation| {
            let event = self.webhook.receive(invocation, request).await?;
            self.follow(invocation, &event).await
        };
        webhook::answer(machine, request_id, deadline_ms, cold_start, work).await
    }

    /// Makes the session equal to the event's task, or leaves that on the queue.
    async fn follow(&self, invocation: &Invocation, event: &Event) -> Result<Outcome, Outcome> {
        let task = event
            .task_sid
            .as_ref()
            .ok_or(Outcome::NotForUs("an event without a task"))?;
        invocation.set("taskSid", task.as_str());
        let cue = Cue {
            task,
            worker: self.worker(event),
            last_words: LastWords::Event(event.task_attributes.as_deref().filter(|_| event.ends_task())),
        };
        // In a box, or all that waits for it would have room for it, and be moved with that.
        let sync = Box::pin(self.sessions.run(invocation, cue));
        match &self.queue {
            None => sync.await,
            Some(queue) => {
                let message = Message::Sync { task_sid: task.clone() };
                deferral::do_or_leave(queue, invocation, sync, &message).await
            }
        }
    }

    /// The event's worker, where the event is one of the AI's reservations.
    fn worker<'e>(&self, event: &'e Event) -> Option<&'e WorkerSid> {
        let is_ais = |worker: &&WorkerSid| self.ai_worker.as_ref().is_none_or(|ai| ai == *worker);
        let worker = event.worker_sid.as_ref().filter(|_| event.is_about_reservation());
        worker.filter(is_ais)
    }
}
