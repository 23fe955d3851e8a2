//! `auto-close`: completes a task that the AI resolved, when it reaches wrap-up. Nothing else ever ends a task.

mod decide;

use std::sync::Arc;

use flex_handoff::config::{self, AutoCloseScope};
use flex_handoff::event::Event;
use flex_handoff::invocation::Invocation;
use flex_handoff::retry::{Backoff, MAX_WRITES};
use flex_handoff::sid::{TaskSid, WorkerSid};
use flex_handoff::start;
use flex_handoff::taskrouter::{Reservation, Task, TaskRouter};
use flex_handoff::upstream::{CallError, Upstream};
use flex_handoff::webhook::{self, HttpAnswer, HttpRequest, Outcome, Webhook};

/// TaskRouter's code for a task that is not in a state in which it can be completed.
/// <https://www.twilio.com/docs/api/errors/20001>
const NOT_IN_THAT_STATE: u32 = 20001;

/// The `Reason` that is kept with the task.
const REASON: &str = "Closed by auto-close at wrap-up";

/// The function.
pub struct AutoClose {
    webhook: Webhook,
    taskrouter: TaskRouter,
    ai_worker: WorkerSid,
    scope: AutoCloseScope,
}

impl AutoClose {
    /// Reads the configuration and the secret, and connects to the upstream.
    ///
    /// # Errors
    /// Everything that is at fault.
    pub async fn start() -> Result<Arc<Self>, Vec<String>> {
        let config = config::AutoClose::read(|name| std::env::var(name).ok())?;
        let taskrouter_url = config.upstreams.taskrouter_url.as_str();
        let start::Connections { http, secrets } = start::connect(&config.upstreams, false, &[taskrouter_url]).await?;
        let twilio = Upstream::twilio(http, Arc::clone(&secrets));
        Ok(Arc::new(Self {
            taskrouter: TaskRouter::new(twilio, taskrouter_url, &config.upstreams.workspace),
            webhook: Webhook {
                secrets,
                workspace: config.upstreams.workspace,
                public_url: config.public_url,
            },
            ai_worker: config.ai_worker,
            scope: config.scope,
        }))
    }

    /// Answers one request; never fails.
    pub async fn handle(self: Arc<Self>, request: HttpRequest, request_id: &str, deadline_ms: u64) -> HttpAnswer {
        webhook::answer(request_id, deadline_ms, |invocation| async move {
            match self.webhook.receive(&invocation, &request).await {
                Ok(event) => self.close(&invocation, &event).await.unwrap_or_else(|outcome| outcome),
                Err(outcome) => outcome,
            }
        })
        .await
    }

    /// Completes the event's task, if it is one to complete, by what is there now.
    async fn close(&self, invocation: &Invocation, event: &Event) -> Result<Outcome, Outcome> {
        if !matches!(event.event_type.as_str(), "task.wrapup" | "reservation.wrapup") {
            return Ok(Outcome::NotForUs("no wrap-up"));
        }
        let task_sid = event
            .task_sid
            .as_ref()
            .ok_or(Outcome::NotForUs("an event without a task"))?;
        invocation.set("taskSid", task_sid.as_str());
        let is_other_workers = event.is_about_reservation() && event.worker_sid.as_ref() != Some(&self.ai_worker);
        if self.scope == AutoCloseScope::Ai && is_other_workers {
            return Ok(Outcome::NotForUs("another worker's wrap-up"));
        }
        let mut backoff = Backoff::default();
        for _ in 0..MAX_WRITES {
            let Some((task, reservations)) = self.look(invocation, task_sid).await? else {
                return Ok(ALREADY_CLOSED);
            };
            decide::should_close(self.scope, &self.ai_worker, &task, &reservations)?;
            let etag = task.etag.ok_or(Outcome::Refused("TaskRouter gave the task no ETag"))?;
            let form = vec![
                ("AssignmentStatus", "completed".to_owned()),
                ("Reason", REASON.to_owned()),
            ];
            match self
                .taskrouter
                .write_task(invocation, "complete task", task_sid, &etag, form)
                .await
            {
                Ok(()) => return Ok(Outcome::Done),
                Err(
                    CallError::NotFound
                    | CallError::Refused {
                        code: Some(NOT_IN_THAT_STATE),
                        ..
                    },
                ) => {
                    return Ok(ALREADY_CLOSED);
                }
                Err(CallError::Changed) => {}
                Err(CallError::Away { retry_after, .. }) => {
                    backoff
                        .pause(invocation, retry_after)
                        .await
                        .map_err(|_| Outcome::Unavailable)?;
                }
                Err(error @ CallError::Refused { .. }) => return Err(error.into()),
            }
        }
        Err(Outcome::Unavailable)
    }

    /// Reads the task, and beside it its reservations where they matter; `None` if it is gone.
    async fn look(&self, invocation: &Invocation, task: &TaskSid) -> Result<Option<(Task, Vec<Reservation>)>, Outcome> {
        let (task, reservations) = tokio::join!(self.taskrouter.task(invocation, task), async {
            match self.scope {
                AutoCloseScope::Ai => self.taskrouter.reservations(invocation, task, None).await,
                AutoCloseScope::All => Ok(Vec::new()),
            }
        });
        match (task, reservations) {
            (Ok(task), Ok(reservations)) => Ok(Some((task, reservations))),
            (Err(CallError::NotFound), _) | (_, Err(CallError::NotFound)) => Ok(None),
            (Err(error), _) | (_, Err(error)) => Err(error.into()),
        }
    }
}

const ALREADY_CLOSED: Outcome = Outcome::NotForUs("closed already");
