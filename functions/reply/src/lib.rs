//! `reply`: posts a message of the AI to the customer's conversation. Posts the message once, and only while the AI has
//! the task.

mod decide;
mod request;

use flex_handoff::attributes::Attributes;
use flex_handoff::aws::secrets::Required;
use flex_handoff::clients::conversations::{CONVERSATION_CLOSED, Conversations, ai_message};
use flex_handoff::clients::taskrouter::TaskRouter;
use flex_handoff::config::{self, AiWorkers};
use flex_handoff::invocation::Invocation;
use flex_handoff::invocation::log::Level;
use flex_handoff::jobs::action::ActionError;
use flex_handoff::jobs::find_task::TaskFinder;
use flex_handoff::lambda::actions::{Action, ActionEntry, ActionInput};
use flex_handoff::lambda::start::Connections;
use flex_handoff::twilio::sid::{ConversationSid, MessageSid, TaskSid};
use flex_handoff::upstream::answer::{CallError, Unavailable, found};
use flex_handoff::upstream::retry::{Backoff, Retries};
use lambda_runtime::{Diagnostic, LambdaEvent};
use serde::Serialize;
use serde_json::json;
use serde_json::value::RawValue;
use time::OffsetDateTime;

use decide::{ReplyObstacle, may_speak};
use request::ReplyRequest;

/// The longest message to SMS and WhatsApp in characters.
/// <https://www.twilio.com/docs/conversations/api/conversation-message-resource>
const MAX_OUTSIDE_CHARACTERS: usize = 1600;

pub struct Reply {
    entry: ActionEntry,
    taskrouter: TaskRouter,
    conversations: Conversations,
    ai_workers: AiWorkers,
    session_id_attribute: String,
    author: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplyAnswer {
    message_sid: MessageSid,
    message: MessageOutcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum MessageOutcome {
    Posted,
    AlreadyPosted,
}

/// A message for a task's conversation.
struct ReplyMessage<'m> {
    task: &'m TaskSid,
    /// The task's creation time. An earlier message is not the AI's answer to this task.
    since: Option<OffsetDateTime>,
    conversation: Option<&'m ConversationSid>,
    id: &'m str,
    text: &'m str,
}

/// The state before a message is posted.
struct ReplySnapshot {
    /// The message, if the conversation has it.
    posted: Option<MessageSid>,
    has_conversation: bool,
    may_speak: Result<(), ReplyObstacle>,
}

impl Reply {
    /// Reads the configuration and the secret and connects to the upstreams.
    ///
    /// # Errors
    /// Every fault.
    pub async fn start() -> Result<Self, Vec<String>> {
        let config = config::ReplyConfig::from_env()?;
        // The task and its reservations are read at the same time.
        let taskrouter = &config.upstreams.taskrouter_url;
        let urls = [taskrouter, taskrouter, &config.conversations_url];
        let function = env!("CARGO_PKG_NAME");
        let connections = Connections::open(function, &config.upstreams, Required::NothingElse, &urls).await?;
        Ok(Self::new(config, connections))
    }

    pub fn new(config: config::ReplyConfig, connections: Connections) -> Self {
        let twilio = || connections.twilio(Retries::UntilDeadline);
        Self {
            taskrouter: TaskRouter::new(twilio(), &config.upstreams),
            conversations: Conversations::new(twilio(), &config.conversations_url),
            ai_workers: config.ai_workers,
            session_id_attribute: config.session_id_attribute,
            author: config.author,
            entry: ActionEntry {
                system: connections.system,
                secrets: connections.secrets,
            },
        }
    }

    /// Posts the message of an invocation.
    ///
    /// # Errors
    /// The reason why no message was posted, unless an HTTPS answer gives that reason.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<Box<RawValue>, Diagnostic> {
        self.entry.handle(self, event).await
    }

    /// Posts a message unless the conversation has it. Looks before each try.
    async fn post(&self, invocation: &Invocation, message: &ReplyMessage<'_>) -> Result<ReplyAnswer, ActionError> {
        let mut backoff = Backoff::new(Retries::UntilDeadline);
        let mut may_be_ours = false;
        let mut unknown_statuses = 0;
        loop {
            let seen = self.look(invocation, message).await?;
            if let Some(message_sid) = seen.posted {
                let message = match may_be_ours {
                    true => MessageOutcome::Posted,
                    false => MessageOutcome::AlreadyPosted,
                };
                return Ok(ReplyAnswer { message_sid, message });
            }
            let unavailable = match seen.may_speak {
                Err(ReplyObstacle::Error(error)) => return Err(error),
                Err(ReplyObstacle::UnknownStatus) => {
                    unknown_statuses += 1;
                    if unknown_statuses > 1 {
                        return Err(ActionError::Unavailable);
                    }
                    Unavailable::default()
                }
                Ok(()) => {
                    let conversation = message.conversation.filter(|_| seen.has_conversation);
                    let conversation = conversation.ok_or(ActionError::NoConversation)?;
                    self.check_length(invocation, conversation, message.text).await?;
                    match self.try_post(invocation, message, conversation).await? {
                        Ok(message_sid) => {
                            let message = MessageOutcome::Posted;
                            return Ok(ReplyAnswer { message_sid, message });
                        }
                        Err(unavailable) => {
                            may_be_ours |= unavailable.maybe_done;
                            unavailable
                        }
                    }
                }
            };
            let pause = backoff.pause(invocation, &unavailable);
            pause.await.map_err(|_| ActionError::Unavailable)?;
        }
    }

    /// Reads the task, its reservations and the conversation's messages at the same time, right before a message is
    /// posted.
    async fn look(&self, invocation: &Invocation, message: &ReplyMessage<'_>) -> Result<ReplySnapshot, ActionError> {
        let task = self.taskrouter.task(invocation, message.task);
        let reservations = self.taskrouter.reservations(invocation, message.task);
        let posted = async {
            match message.conversation {
                Some(conversation) => {
                    let posted = self
                        .conversations
                        .ai_message(invocation, conversation, message.since, message.id);
                    found(posted.await)
                }
                None => Ok(None),
            }
        };
        let task = async { found(task.await) };
        let reservations = async { found(reservations.await) };
        // A refusal ends all three reads.
        let (task, reservations, posted) = tokio::try_join!(task, reservations, posted)?;
        let reservations = reservations.unwrap_or_default();
        let may_speak = match task {
            Some(task) => may_speak(&task, &reservations, &self.ai_workers),
            None => Err(ReplyObstacle::Error(ActionError::TaskNotFound)),
        };
        Ok(ReplySnapshot {
            has_conversation: posted.is_some(),
            posted: posted.flatten(),
            may_speak,
        })
    }

    /// Tries once to post a message. `Err` in `Ok` means that the message may have been posted, or that another try may
    /// help.
    async fn try_post(
        &self,
        invocation: &Invocation,
        message: &ReplyMessage<'_>,
        conversation: &ConversationSid,
    ) -> Result<Result<MessageSid, Unavailable>, ActionError> {
        let attributes = ai_message::attributes(message.id);
        let post = self
            .conversations
            .post_message(invocation, conversation, &self.author, message.text, &attributes);
        match post.await {
            Ok(posted) => Ok(posted.sid.ok_or(Unavailable {
                maybe_done: true,
                unreadable: true,
                ..Unavailable::default()
            })),
            Err(CallError::Unavailable(unavailable)) => Ok(Err(unavailable)),
            Err(CallError::NotFound) => Err(ActionError::NoConversation),
            Err(CallError::Refused { code, .. }) if code == Some(CONVERSATION_CLOSED) => {
                Err(ActionError::NoConversation)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Checks that a text fits into a message to every participant of the conversation.
    async fn check_length(
        &self,
        invocation: &Invocation,
        conversation: &ConversationSid,
        text: &str,
    ) -> Result<(), ActionError> {
        if text.chars().count() <= MAX_OUTSIDE_CHARACTERS {
            return Ok(());
        }
        let reaches_outside = self.conversations.reaches_outside(invocation, conversation).await;
        match found(reaches_outside)? {
            Some(true) => {
                let fault = "text is too long: a conversation with a participant on an outside channel takes 1,600 \
                             characters";
                Err(ActionError::InvalidRequest(vec![fault.to_owned()]))
            }
            Some(false) => Ok(()),
            None => Err(ActionError::NoConversation),
        }
    }
}

impl Action for Reply {
    type Answer = ReplyAnswer;

    async fn run(&self, invocation: &Invocation, input: ActionInput) -> Result<ReplyAnswer, ActionError> {
        let request = ReplyRequest::parse(&input)?;
        let finder = TaskFinder {
            taskrouter: &self.taskrouter,
            ai_workers: &self.ai_workers,
            id_attribute: &self.session_id_attribute,
        };
        let task_sid = finder.find(invocation, request.task).await?;
        let task = found(self.taskrouter.task(invocation, &task_sid).await)?;
        let task = task.ok_or(ActionError::TaskNotFound)?;
        let text = task.attributes.unwrap_or_default();
        let own = Attributes::parse(&text).ok().and_then(|it| ConversationSid::of(&it));
        let conversation = request.conversation.or(own);
        if let Some(conversation) = &conversation {
            invocation.set("conversationSid", conversation.as_str());
        }
        let message = ReplyMessage {
            task: &task_sid,
            since: task.created,
            conversation: conversation.as_ref(),
            id: &request.message_id,
            text: &request.text,
        };
        let answer = self.post(invocation, &message).await?;
        invocation.set("results", json!({ "message": answer.message }));
        Ok(answer)
    }

    fn to_log(_: &ReplyAnswer) -> (Level, &'static str) {
        (Level::Info, "done")
    }
}
