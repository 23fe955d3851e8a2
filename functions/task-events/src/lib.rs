//! `task-events`: makes the AI's session equal to the task of each event.
//!
//! Work that can't be done while Twilio waits goes to the queue of `deferred`.

use flex_handoff::aws::job::{Job, SyncJob};
use flex_handoff::aws::queue::Queue;
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::session_api::SessionApi;
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config::{self, AiWorkers};
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::deferral;
use flex_handoff::jobs::outcome::{Failure, NothingToDo, Outcome};
use flex_handoff::jobs::session_sync::{FinalSource, SessionSync, SyncRequest};
use flex_handoff::lambda::http::{HttpPayload, respond};
use flex_handoff::lambda::start::Connections;
use flex_handoff::lambda::webhook::{Webhook, WebhookResult};
use flex_handoff::twilio::event::Event;
use flex_handoff::upstream::retry::Retries;
use lambda_http::{Body, LambdaEvent, Request, RequestExt, Response};
use serde::Serialize;

/// The function.
pub struct TaskEvents {
    webhook: Webhook,
    sessions: SessionSync,
    queue: Option<Queue>,
    ai_workers: AiWorkers,
}

impl TaskEvents {
    /// Reads the configuration and the secret, and connects to the upstreams.
    ///
    /// # Errors
    /// Everything that is at fault.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::TaskEvents::from_env()?;
        let urls = [&config.upstreams.taskrouter_url, config.sessions.url.root()];
        let name = env!("CARGO_PKG_NAME");
        let connections = Connections::open(name, &config.upstreams, Required::SessionApiToken, &urls).await?;
        Ok(Self::new(config, &connections))
    }

    /// The function with this configuration and these connections.
    pub fn new(config: config::TaskEvents, connections: &Connections) -> Self {
        let retries = match config.queue_url {
            Some(_) => Retries::One,
            None => Retries::UntilDeadline,
        };
        Self {
            sessions: SessionSync::new(
                TaskRouter::new(connections.twilio(retries), &config.upstreams),
                SessionApi::new(connections.session_api(&config.sessions, retries)),
                config.sessions,
                config.ai_workers.clone(),
            ),
            queue: config.queue_url.map(|url| connections.queue(url)),
            webhook: Webhook {
                system: connections.system,
                secrets: connections.secrets.clone(),
                workspace: config.upstreams.workspace,
                public_url: config.public_url,
            },
            ai_workers: config.ai_workers,
        }
    }

    /// Answers one request. It never fails.
    pub async fn handle(&self, event: LambdaEvent<HttpPayload>) -> impl Serialize {
        let reject = |reason, context: &_| self.webhook.reject(reason, context);
        respond(event, |request| self.answer(request), reject).await
    }

    async fn answer(&self, request: Request) -> Response<Body> {
        let context = request.lambda_context();
        let work = async |invocation: &Invocation| {
            let event = self.webhook.receive(invocation, &request).await?;
            Ok::<_, WebhookResult>(self.copy(invocation, &event).await?)
        };
        self.webhook.answer(&context, work).await
    }

    /// Makes the session equal to the event's task, or leaves that to `deferred`.
    async fn copy(&self, invocation: &Invocation, event: &Event) -> Result<Outcome, Failure> {
        let Some(task) = &event.task_sid else {
            return Ok(Outcome::NothingToDo(NothingToDo::NoTask));
        };
        invocation.set("taskSid", task.as_str());
        let is_ais = event.event_type.is_reservation() && self.ai_workers.contains(event.worker_sid.as_ref());
        let final_attributes = event
            .task_attributes
            .as_deref()
            .filter(|_| event.event_type.ends_task());
        let request = SyncRequest {
            task,
            with_reservation: is_ais,
            final_attributes: FinalSource::Event(final_attributes),
        };
        // Boxed, since everything that awaits it would otherwise hold its large future.
        let sync = Box::pin(self.sessions.run(invocation, request));
        match &self.queue {
            None => sync.await,
            Some(queue) => {
                let job = Job::Sync(SyncJob { task_sid: task.clone() });
                deferral::do_or_defer(queue, invocation, sync, &job).await
            }
        }
    }
}
