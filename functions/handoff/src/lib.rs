//! `handoff`: the AI releases a task and a human agent gets the task.
//!
//! The attributes come first and the reservation second. Then TaskRouter routes the task again, and the note follows.
//! Every step first checks whether it is done already, so the same handoff may be requested any number of times.

mod decide;
mod note;
mod progress;
mod release;
mod request;
mod routing;
mod takeover;
mod transfer;

use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::conversations::Conversations;
use flex_handoff::clients::interactions::Interactions;
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config::{self, AiWorkers};
use flex_handoff::invocation::Invocation;
use flex_handoff::invocation::log::Level;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::find_task::TaskFinder;
use flex_handoff::jobs::note::{Handover, Note, Notes};
use flex_handoff::lambda::actions::{Action, ActionEntry, ActionInput};
use flex_handoff::lambda::start::Connections;
use flex_handoff::twilio::sid::{ReservationSid, TaskSid, WorkflowSid};
use flex_handoff::upstream::retry::Retries;
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;

use decide::Snapshot;
use note::Delivery;
use request::HandoffRequest;
use routing::Routing;

pub struct Handoff {
    entry: ActionEntry,
    taskrouter: TaskRouter,
    /// Retries only once, since a failed look at the outcome never makes the handoff an error.
    outcome: TaskRouter,
    interactions: Interactions,
    /// The workflow of a new task. The default is the task's own.
    workflow: Option<WorkflowSid>,
    ai_workers: AiWorkers,
    session_id_attribute: String,
    delivery: Delivery,
}

/// The answer to a handoff that has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HandoffAnswer {
    task_sid: TaskSid,
    reservation_sid: ReservationSid,
    attributes: AttributesResult,
    reservation: ReservationResult,
    #[serde(skip_serializing_if = "Option::is_none")]
    new_task_sid: Option<TaskSid>,
    note: Note,
    routing: Routing,
    handoff_timestamp: String,
    warnings: Vec<String>,
    /// Whether the task or the request names a conversation.
    #[serde(skip)]
    names_conversation: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum AttributesResult {
    Updated,
    Unchanged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum ReservationResult {
    Rejected,
    Transferred,
    AlreadyReleased,
}

impl Handoff {
    /// Reads the configuration and the secret and connects to the upstreams.
    ///
    /// # Errors
    /// Every reason why the function can't start.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::HandoffConfig::from_env()?;
        // The task and the reservation are read at the same time on two connections.
        let taskrouter = &config.upstreams.taskrouter_url;
        let urls = [taskrouter, taskrouter, &config.conversations_url];
        let connections =
            Connections::open(env!("CARGO_PKG_NAME"), &config.upstreams, Required::NothingElse, &urls).await?;
        Ok(Self::new(config, &connections))
    }

    pub fn new(config: config::HandoffConfig, connections: &Connections) -> Self {
        let taskrouter = |retries| TaskRouter::new(connections.twilio(retries), &config.upstreams);
        let notes = |retries| Notes {
            conversations: Conversations::new(connections.twilio(retries), &config.conversations_url),
            settings: config.note.clone(),
            retries,
        };
        let retries = match config.queue_url {
            Some(_) => Retries::One,
            None => Retries::UntilDeadline,
        };
        Self {
            entry: ActionEntry {
                system: connections.system,
                secrets: connections.secrets.clone(),
            },
            taskrouter: taskrouter(Retries::UntilDeadline),
            outcome: taskrouter(Retries::One),
            interactions: Interactions::new(
                connections.twilio(Retries::UntilDeadline),
                &config.flex_url,
                config.upstreams.workspace.clone(),
            ),
            workflow: config.workflow,
            delivery: Delivery {
                notes: notes(retries),
                patient: notes(Retries::UntilDeadline),
                queue: config.queue_url.map(|url| connections.queue(url)),
            },
            ai_workers: config.ai_workers,
            session_id_attribute: config.session_id_attribute,
        }
    }

    /// Handles an invocation.
    ///
    /// # Errors
    /// The reason why there was no handoff, in the form of a Lambda function error.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Box<RawValue>, Diagnostic> {
        self.entry.handle(self, event).await
    }

    /// The handoff that a note is about. `None` if there is no conversation.
    fn handover(&self, task: &TaskSid, request: &HandoffRequest, snapshot: &Snapshot) -> Option<Handover> {
        let conversation = request.conversation.clone().or_else(|| snapshot.conversation())?;
        Some(Handover {
            task: task.clone(),
            reservation: snapshot.reservation.sid.clone(),
            conversation,
            since: snapshot.reservation.created,
        })
    }
}

impl Action for Handoff {
    type Answer = HandoffAnswer;

    async fn run(&self, invocation: &Invocation, input: ActionInput) -> Result<HandoffAnswer, ActionError> {
        let request = HandoffRequest::parse(&input)?;
        let finder = TaskFinder {
            taskrouter: &self.taskrouter,
            ai_workers: &self.ai_workers,
            id_attribute: &self.session_id_attribute,
        };
        let mut task = finder.find(invocation, request.task.clone()).await?;
        let snapshot = self.look(invocation, &mut task, &request).await?;
        invocation.set("taskSid", task.as_str());
        let transfer = self.find_transfer(invocation, &task, &snapshot).await?;
        let mut handover = self.handover(&task, &request, &snapshot);
        if let Some(handover) = &handover {
            invocation.set("conversationSid", handover.conversation.as_str());
        }
        invocation.set("reservationSid", snapshot.reservation.sid.as_str());
        let survey = async { Ok(self.delivery.survey(invocation, handover.as_ref()).await) };
        let release = self.release(invocation, &task, &request, transfer, snapshot);
        let (released, mut survey) = tokio::try_join!(release, survey)?;
        let reservation = &released.reservation;
        if let Some(handover) = handover.as_mut().filter(|it| it.reservation != reservation.sid) {
            // The released reservation is not the reservation that was there at first.
            invocation.set("reservationSid", reservation.sid.as_str());
            handover.reservation = reservation.sid.clone();
            handover.since = reservation.created;
            survey = self.delivery.survey(invocation, Some(handover)).await;
        }
        if let Some(new_task) = &released.new_task {
            invocation.set("newTaskSid", new_task.as_str());
        }
        let routed = released.new_task.as_ref().unwrap_or(&task);
        let note = self.delivery.deliver(invocation, handover.as_ref(), survey, &released);
        let (note, routing) = tokio::join!(note, self.check_routing(invocation, routed, &released.six));
        let answer = HandoffAnswer {
            task_sid: task.clone(),
            attributes: match released.wrote {
                true => AttributesResult::Updated,
                false => AttributesResult::Unchanged,
            },
            reservation: match (released.released, &released.new_task) {
                (true, None) => ReservationResult::Rejected,
                (true, Some(_)) => ReservationResult::Transferred,
                (false, _) => ReservationResult::AlreadyReleased,
            },
            new_task_sid: released.new_task,
            note: note?,
            routing,
            handoff_timestamp: released.six.timestamp,
            reservation_sid: released.reservation.sid,
            warnings: request.warnings,
            names_conversation: handover.is_some(),
        };
        let results = json!({
            "attributes": answer.attributes,
            "reservation": answer.reservation,
            "note": answer.note,
            "routing": answer.routing,
        });
        invocation.set("results", results);
        Ok(answer)
    }

    fn to_log(answer: &HandoffAnswer) -> (Level, &'static str) {
        let is_missing = answer.note == Note::NoConversation && answer.names_conversation;
        match answer {
            _ if answer.routing == Routing::BackAtAi => (Level::Warn, "loop"),
            _ if answer.note == Note::Deferred => (Level::Warn, "deferred"),
            _ if answer.routing == Routing::Canceled || answer.note == Note::Refused || is_missing => {
                (Level::Warn, "done")
            }
            _ => (Level::Info, "done"),
        }
    }
}
