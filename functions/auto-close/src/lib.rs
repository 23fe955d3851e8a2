//! `auto-close`: completes a task that the AI resolved, when it reaches wrap-up. Nothing else ever ends a task.

mod decide;

use std::sync::Arc;

use flex_handoff::config::{self, AutoCloseScope};
use flex_handoff::event::Event;
use flex_handoff::invocation::Invocation;
use flex_handoff::payload::Payload;
use flex_handoff::retry::{Backoff, MAX_WRITES};
use flex_handoff::secret::Required;
use flex_handoff::sid::{TaskSid, WorkerSid};
use flex_handoff::start::Connections;
use flex_handoff::taskrouter::{Reservation, TaskRouter};
use flex_handoff::upstream::CallError;
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
        let config = config::AutoClose::from_env()?;
        let urls = [config.upstreams.taskrouter_url.as_str()];
        let connections =
            Connections::open(env!("CARGO_PKG_NAME"), &config.upstreams, Required::NothingElse, &urls).await?;
        Ok(Arc::new(Self::new(config, connections)))
    }

    /// The function with this configuration and these connections.
    pub fn new(config: config::AutoClose, connections: Connections) -> Self {
        Self {
            taskrouter: TaskRouter::new(connections.twilio(), &config.upstreams),
            webhook: Webhook {
                machine: connections.machine,
                cold_start: connections.cold_start,
                secrets: connections.secrets,
                workspace: config.upstreams.workspace,
                public_url: config.public_url,
            },
            ai_worker: config.ai_worker,
            scope: config.scope,
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
            let task = self.concerned(&event)?;
            invocation.set("taskSid", task.as_str());
            self.close(&invocation, task).await
        };
        webhook::answer(machine, request_id, deadline_ms, cold_start, work).await
    }

    /// The task of an event that may be the end of its conversation with the AI.
    fn concerned<'e>(&self, event: &'e Event) -> Result<&'e TaskSid, Outcome> {
        if !matches!(event.event_type.as_str(), "task.wrapup" | "reservation.wrapup") {
            return Err(Outcome::NotForUs("no wrap-up"));
        }
        let is_other_workers = event.is_about_reservation() && event.worker_sid.as_ref() != Some(&self.ai_worker);
        if self.scope == AutoCloseScope::Ai && is_other_workers {
            return Err(Outcome::NotForUs("another worker's wrap-up"));
        }
        let no_task = Outcome::NotForUs("an event without a task");
        event.task_sid.as_ref().ok_or(no_task)
    }

    /// Completes a task, if it is one to complete, by what is there now.
    async fn close(&self, invocation: &Invocation, task: &TaskSid) -> Result<Outcome, Outcome> {
        let mut changes = 0;
        let mut backoff = Backoff::default();
        loop {
            match self.try_to_close(invocation, task).await? {
                Ok(()) => return Ok(Outcome::Done),
                Err(CallError::NotFound) => return Err(CLOSED_ALREADY),
                Err(CallError::Refused { code, .. }) if code == Some(NOT_IN_THAT_STATE) => return Err(CLOSED_ALREADY),
                Err(CallError::Changed) if changes + 1 < MAX_WRITES => changes += 1,
                Err(CallError::Away { retry_after, .. }) => {
                    let pause = backoff.pause(invocation, retry_after);
                    pause.await.map_err(|_| Outcome::Unavailable)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Reads the task, and beside it its reservations; decides; and completes it.
    async fn try_to_close(&self, invocation: &Invocation, sid: &TaskSid) -> Result<Result<(), CallError>, Outcome> {
        let reads = async {
            tokio::try_join!(
                self.taskrouter.task(invocation, sid),
                self.reservations(invocation, sid)
            )
        };
        let (task, reservations) = reads.await.map_err(unread)?;
        decide::should_close(self.scope, &self.ai_worker, &task, &reservations)?;
        // A worker may have accepted the task after that list was read and before the task was: its version counts that
        // already. What comes after the task's own reading moves the version on, and the write is refused.
        let reservations = self.reservations(invocation, sid).await.map_err(unread)?;
        decide::should_close(self.scope, &self.ai_worker, &task, &reservations)?;
        let etag = task.etag.ok_or(Outcome::Refused("TaskRouter gave the task no ETag"))?;
        let form = vec![
            ("AssignmentStatus", "completed".to_owned()),
            ("Reason", REASON.to_owned()),
        ];
        let write = self
            .taskrouter
            .write_task(invocation, "complete task", sid, &etag, form);
        Ok(write.await)
    }

    /// All reservations of the task, where they matter.
    async fn reservations(&self, invocation: &Invocation, task: &TaskSid) -> Result<Vec<Reservation>, CallError> {
        match self.scope {
            AutoCloseScope::Ai => self.taskrouter.reservations(invocation, task, None).await,
            AutoCloseScope::All => Ok(Vec::new()),
        }
    }
}

fn unread(error: CallError) -> Outcome {
    match error {
        CallError::NotFound => CLOSED_ALREADY,
        error => error.into(),
    }
}

const CLOSED_ALREADY: Outcome = Outcome::NotForUs("closed already");
