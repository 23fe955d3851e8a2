//! `auto-close`: ends tasks that the AI resolved.
//!
//! Requests come from the function's queue. TaskRouter's events may also come by HTTP, for accounts that give the
//! function an event callback of its own. These events go to the queue.

use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use flex_handoff::aws::job::Job;
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::interactions::Interactions;
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config::{self, AiWorkers};
use flex_handoff::invocation::Invocation;
use flex_handoff::jobs::close_request::{close_requests, send_close_request};
use flex_handoff::jobs::closing::{Closing, ClosingSettings};
use flex_handoff::jobs::outcome::{Failure, NothingToDo, Outcome};
use flex_handoff::lambda::batch::{Consumer, Piece, Undone, pieces, response};
use flex_handoff::lambda::http::respond;
use flex_handoff::lambda::payload::{Payload, PayloadAnswer};
use flex_handoff::lambda::start::Connections;
use flex_handoff::lambda::webhook::{EventWorker, EventsOfTask, Webhook};
use flex_handoff::upstream::retry::Retries;
use futures_util::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use serde::Serialize;

/// The longest time for a task from the queue. A task that takes longer is tried again later.
const LONGEST_WORK: Duration = Duration::from_secs(10);

pub struct AutoClose {
    webhook: Webhook,
    closing: Closing,
    consumer: Consumer,
    ai_workers: AiWorkers,
    close_on_rejection: bool,
    delay: Duration,
}

impl AutoClose {
    /// Reads the configuration and the secret and connects to the upstreams.
    ///
    /// # Errors
    /// Every reason why the function can't start.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::AutoCloseConfig::from_env()?;
        let urls = [&config.upstreams.taskrouter_url];
        let connections =
            Connections::open(env!("CARGO_PKG_NAME"), &config.upstreams, Required::NothingElse, &urls).await?;
        Ok(Self::new(config, connections))
    }

    pub fn new(config: config::AutoCloseConfig, connections: Connections) -> Self {
        // With a queue, failed messages are delivered again. Without a queue, Twilio waits.
        let retries = match config.close_queue {
            Some(_) => Retries::One,
            None => Retries::UntilDeadline,
        };
        let workspace = config.upstreams.workspace.clone();
        let settings = ClosingSettings {
            ai_workers: config.ai_workers.clone(),
            scope: config.scope,
            conversation: config.conversation,
        };
        let closing = Closing::new(
            TaskRouter::new(connections.twilio(retries), &config.upstreams),
            Interactions::new(connections.twilio(retries), &config.flex_url, workspace.clone()),
            settings,
            retries,
        );
        let has_queue = config.close_queue.is_some();
        let delay = config.close_queue.as_ref().map(|queue| queue.delay).unwrap_or_default();
        Self {
            closing,
            consumer: Consumer {
                system: connections.system,
                queue: config.close_queue.map(|queue| connections.queue(queue.url)),
            },
            webhook: Webhook {
                system: connections.system,
                secrets: connections.secrets,
                workspace,
                public_url: config.public_url,
                has_queue,
            },
            ai_workers: config.ai_workers,
            close_on_rejection: config.close_on_rejection,
            delay,
        }
    }

    /// Does the work of a batch of messages or answers a request.
    pub async fn handle(&self, event: LambdaEvent<Payload>) -> impl Serialize {
        let LambdaEvent { payload, context } = event;
        match payload {
            Payload::Batch(batch) => PayloadAnswer::Batch(self.close_all(batch, &context).await),
            Payload::Http(request) => {
                let event = LambdaEvent::new(*request, context);
                let reject = |reason, context: &_| self.webhook.reject(reason, context);
                PayloadAnswer::Http(respond(event, |request| self.webhook.answer(request, self), reject).await)
            }
        }
    }

    /// Closes the tasks of a batch at the same time, so that a slow task delays no other.
    async fn close_all(&self, batch: SqsEvent, context: &Context) -> SqsBatchResponse {
        let pieces = pieces(batch);
        let work = pieces.iter().map(|piece| self.attend(context, piece));
        response(join_all(work).await)
    }

    async fn attend(&self, context: &Context, piece: &Piece) -> Vec<BatchItemFailure> {
        let work = async |invocation: &Invocation| match &piece.job {
            Some(Job::Close(job)) => Ok(self.closing.run(invocation, job).await?),
            Some(Job::Sync(_) | Job::Note(_)) | None => Err(Undone::Unreadable),
        };
        self.consumer
            .attend(context, piece, LONGEST_WORK, work, |_| piece.failure_pause())
            .await
    }
}

impl EventWorker for AutoClose {
    /// Sends the requests of a task's events to the queue. Without a queue, handles them at once and ignores
    /// rejections, since a rejection must wait.
    async fn work(&self, invocation: &Invocation, events: &EventsOfTask) -> Result<Outcome, Failure> {
        let queue = self.consumer.queue.as_ref();
        let close_on_rejection = self.close_on_rejection && queue.is_some();
        let requests = close_requests(&events.events, &events.task, &self.ai_workers, close_on_rejection);
        let mut outcome = Outcome::NothingToDo(NothingToDo::NotAnEnd);
        for request in requests {
            outcome = match queue {
                None => self.closing.run(invocation, &request).await?,
                Some(queue) => {
                    let sent = send_close_request(queue, invocation, request, self.delay).await;
                    sent.map(|()| Outcome::Queued).map_err(|_| Failure::Unavailable)?
                }
            };
        }
        Ok(outcome)
    }
}
