//! `resolve`: marks a session as resolved, takes the task from the AI and passes the task to `auto-close`.
//!
//! Everything is read and checked before the first write. Each step first checks whether it is done already, so the
//! same request may come any number of times. This function never completes or cancels a task.

mod decide;
mod mark;
mod release;
mod request;

use std::time::Duration;

use flex_handoff::aws::job::{CloseCause, CloseJob};
use flex_handoff::aws::queue::Queue;
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::session_api::SessionApi;
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config::{self, AiWorkers, CloseQueue, SessionSettings};
use flex_handoff::invocation::Invocation;
use flex_handoff::invocation::log::Level;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::close_request::send_close_request;
use flex_handoff::jobs::find_task::TaskFinder;
use flex_handoff::lambda::actions::{Action, ActionEntry, ActionInput};
use flex_handoff::lambda::start::Connections;
use flex_handoff::twilio::sid::{ReservationSid, TaskSid};
use flex_handoff::upstream::retry::Retries;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use mark::SessionOutcome;
use release::ReservationOutcome;
use request::ResolveRequest;

/// The function's name for the log and for upstreams.
pub const NAME: &str = "resolve";

pub struct Resolve {
    entry: ActionEntry,
    taskrouter: TaskRouter,
    session_api: SessionApi,
    sessions: SessionSettings,
    ai_workers: AiWorkers,
    resolved_attribute: Option<String>,
    resolved_body: Option<String>,
    close_queue: Option<DelayedQueue>,
}

struct DelayedQueue {
    queue: Queue,
    delay: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResolveAnswer {
    task_sid: TaskSid,
    reservation_sid: ReservationSid,
    session: SessionOutcome,
    reservation: ReservationOutcome,
    close: CloseOutcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum CloseOutcome {
    /// The task is on the queue of `auto-close`.
    Queued,
    /// There is no such queue.
    Off,
}

impl Resolve {
    /// Reads the configuration and the secret and connects to the upstreams.
    ///
    /// # Errors
    /// Every fault.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::ResolveConfig::from_env()?;
        // The task and its reservations are read at the same time.
        let taskrouter = &config.upstreams.taskrouter_url;
        let urls = [taskrouter, taskrouter, config.sessions.url.root()];
        let connections = Connections::open(NAME, &config.upstreams, Required::SessionApiToken, &urls).await?;
        Ok(Self::new(config, connections))
    }

    pub fn new(config: config::ResolveConfig, connections: Connections) -> Self {
        let session_api = connections.session_api(&config.sessions, Retries::UntilDeadline);
        let close_queue = config.close_queue.map(|CloseQueue { url, delay }| DelayedQueue {
            queue: connections.queue(url),
            delay,
        });
        Self {
            taskrouter: TaskRouter::new(connections.twilio(Retries::UntilDeadline), &config.upstreams),
            session_api: SessionApi::new(session_api),
            sessions: config.sessions,
            ai_workers: config.ai_workers,
            resolved_attribute: config.resolved_attribute,
            resolved_body: config.resolved_body,
            close_queue,
            entry: ActionEntry {
                system: connections.system,
                secrets: connections.secrets,
            },
        }
    }

    /// Resolves the task of an invocation.
    ///
    /// # Errors
    /// The reason why the task was not resolved, unless an HTTPS answer gives that reason.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Box<RawValue>, Diagnostic> {
        self.entry.handle(self, event).await
    }

    /// Sends the task to the queue of `auto-close`.
    async fn pass_on(
        &self,
        invocation: &Invocation,
        task_sid: &TaskSid,
        reservation_sid: &ReservationSid,
    ) -> Result<CloseOutcome, ActionError> {
        let Some(DelayedQueue { queue, delay }) = &self.close_queue else {
            return Ok(CloseOutcome::Off);
        };
        let job = CloseJob {
            task_sid: task_sid.clone(),
            reservation_sid: Some(reservation_sid.clone()),
            cause: CloseCause::Resolved,
        };
        let sent = send_close_request(queue, invocation, job, *delay).await;
        sent.map(|()| CloseOutcome::Queued)
            .map_err(|_| ActionError::Unavailable)
    }
}

impl Action for Resolve {
    type Answer = ResolveAnswer;

    async fn run(&self, invocation: &Invocation, input: ActionInput) -> Result<ResolveAnswer, ActionError> {
        let request = ResolveRequest::parse(&input)?;
        let finder = TaskFinder {
            taskrouter: &self.taskrouter,
            ai_workers: &self.ai_workers,
            id_attribute: &self.sessions.id_attribute,
        };
        let task = finder.find(invocation, request.task).await?;
        let released = self
            .mark_and_release(invocation, &task, request.reservation.as_ref())
            .await?;
        let close = self.pass_on(invocation, &task, &released.sid).await?;
        let answer = ResolveAnswer {
            task_sid: task,
            reservation_sid: released.sid,
            session: released.session,
            reservation: released.reservation,
            close,
        };
        let ResolveAnswer {
            session, reservation, ..
        } = &answer;
        let results = json!({ "session": session, "reservation": reservation, "close": close });
        invocation.set("results", results);
        Ok(answer)
    }

    fn to_log(answer: &ResolveAnswer) -> (Level, &'static str) {
        match answer.session {
            SessionOutcome::Marked => (Level::Info, "done"),
            SessionOutcome::Unknown => (Level::Warn, "done"),
        }
    }
}
