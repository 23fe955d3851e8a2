//! Twilio: TaskRouter and Conversations, as far as the functions need them.
//!
//! What is known of Twilio comes from its OpenAPI description and its documentation. Where those are silent the
//! simulator takes the strict side, and the place says so. It differs knowingly in one thing: a real workspace has one
//! event callback URL, this one may have several, so that two functions can listen without a distributor between them.

mod callback;
mod callbacks;
mod conversations;
mod conversations_api;
mod credentials;
mod delivery;
mod delivery_fault;
mod event;
mod lifecycle;
mod overrides;
mod page;
mod parameters;
mod parcel;
mod refusal;
pub mod sids;
mod signature;
mod task;
mod taskrouter_api;
mod tasks;
mod worker;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Uri;
use serde_json::Value;
use time::OffsetDateTime;

use crate::clock::Clock;
use crate::fault::Struck;
use crate::lock::lock;
use callbacks::Callbacks;
use conversations::{ConversationChange, Conversations, NewParticipant};
use sids::WORKSPACE_SID;
use tasks::{TaskChange, Tasks};

pub use conversations::{Conversation, ConversationState, Message, NewMessage, Participant};
pub use credentials::Credentials;
pub use delivery::{Attempt, Delivery, Outcome};
pub use delivery_fault::{DeliveryFault, Order};
pub use event::Event;
pub use refusal::Refusal;
pub use signature::signature;
pub use task::{Reservation, ReservationStatus, Task, TaskStatus};
pub use worker::Worker;

/// One Twilio account with one workspace. Clones share it.
///
/// Its methods do what a person in Flex, a router or another program does; each change sends its events, just as a change
/// through the REST API does.
#[derive(Clone)]
pub struct Twilio(Arc<Account>);

struct Account {
    clock: Clock,
    credentials: Mutex<Credentials>,
    tasks: Mutex<Tasks>,
    conversations: Mutex<Conversations>,
    events: Mutex<Vec<Event>>,
    callbacks: Callbacks,
}

/// What every task and reservation can go through.
impl Twilio {
    /// A new, pending task. `attributes` is the text of a JSON object.
    ///
    /// # Errors
    /// If the attributes are too long, or no JSON object.
    pub fn create_task(&self, attributes: &str) -> Result<Task, Refusal> {
        self.tasks(|tasks| tasks.create(attributes.to_owned(), 0))
    }

    /// The task as it is now; none once it is gone.
    pub fn task(&self, sid: &str) -> Option<Task> {
        self.tasks(|tasks| tasks.get(sid).cloned().ok())
    }

    /// Replaces a task's attributes, whatever its version.
    ///
    /// # Errors
    /// As [`create_task`](Self::create_task), or if the task is gone.
    pub fn set_attributes(&self, task_sid: &str, attributes: &str) -> Result<Task, Refusal> {
        let change = TaskChange {
            attributes: Some(attributes.to_owned()),
            ..TaskChange::default()
        };
        self.tasks(|tasks| tasks.update(task_sid, None, change))
    }

    /// Changes a task's priority.
    ///
    /// # Errors
    /// If the task is gone.
    pub fn set_priority(&self, task_sid: &str, priority: i64) -> Result<Task, Refusal> {
        let change = TaskChange {
            priority: Some(priority),
            ..TaskChange::default()
        };
        self.tasks(|tasks| tasks.update(task_sid, None, change))
    }

    /// Wraps up, completes or cancels a task, and its open reservations along with it.
    ///
    /// # Errors
    /// If the task's status does not allow it, or the task is gone.
    pub fn end_task(&self, task_sid: &str, status: TaskStatus, reason: &str) -> Result<Task, Refusal> {
        let change = TaskChange {
            status: Some(status),
            reason: Some(reason.to_owned()),
            ..TaskChange::default()
        };
        self.tasks(|tasks| tasks.update(task_sid, None, change))
    }

    /// Deletes a task, as a person does (`task.deleted`).
    ///
    /// # Errors
    /// If the task is gone already.
    pub fn delete_task(&self, task_sid: &str) -> Result<(), Refusal> {
        self.tasks(|tasks| tasks.delete(task_sid, None, "task.deleted"))
    }

    /// Deletes a task, as TaskRouter does with one that ended five minutes ago (`task.system-deleted`).
    ///
    /// # Errors
    /// If the task is gone already.
    pub fn expire_task(&self, task_sid: &str) -> Result<(), Refusal> {
        self.tasks(|tasks| tasks.delete(task_sid, None, "task.system-deleted"))
    }

    /// Offers a task to a worker.
    ///
    /// # Errors
    /// If the task has ended or is gone.
    pub fn reserve(&self, task_sid: &str, worker: Worker) -> Result<Reservation, Refusal> {
        self.tasks(|tasks| tasks.reserve(task_sid, worker))
    }

    /// Moves a reservation: accepted or rejected by its worker, timed out, canceled or rescinded by TaskRouter, wrapping
    /// or completed once the conversation is over. Its task follows.
    ///
    /// # Errors
    /// If the reservation's present status does not allow it, or there is no such reservation.
    pub fn move_reservation(&self, sid: &str, status: ReservationStatus) -> Result<Reservation, Refusal> {
        self.tasks(|tasks| {
            let task_sid = tasks.task_of(sid)?;
            tasks.move_reservation(&task_sid, sid, None, status)
        })
    }

    /// The reservation as it is now; none once its task is gone.
    pub fn reservation(&self, sid: &str) -> Option<Reservation> {
        self.tasks(|tasks| {
            let task_sid = tasks.task_of(sid)?;
            tasks.reservation(&task_sid, sid).cloned()
        })
        .ok()
    }
}

/// What every conversation can go through.
impl Twilio {
    /// A new, active conversation without participants.
    pub fn create_conversation(&self) -> Conversation {
        self.conversations(|conversations| conversations.create(ConversationChange::default()))
            .expect("one that says nothing about itself has nothing to refuse")
    }

    /// The conversation as it is now, with its participants and messages.
    pub fn conversation(&self, sid: &str) -> Option<Conversation> {
        self.conversations(|conversations| conversations.get(sid).cloned().ok())
    }

    /// Adds a user of the web chat.
    ///
    /// # Errors
    /// If it is there already, or the conversation is closed or gone.
    pub fn add_chat_participant(&self, conversation_sid: &str, identity: &str) -> Result<Participant, Refusal> {
        let new = NewParticipant {
            identity: Some(identity.to_owned()),
            ..NewParticipant::default()
        };
        self.conversations(|conversations| conversations.add_participant(conversation_sid, new))
    }

    /// Adds somebody on an outside channel, by the binding as the API shows it, such as
    /// `{"type":"sms","address":"+4712345678","proxy_address":"+4787654321"}`.
    ///
    /// # Errors
    /// If its addresses lead to an open conversation already, or the conversation is closed or gone.
    pub fn add_outside_participant(&self, conversation_sid: &str, binding: Value) -> Result<Participant, Refusal> {
        let new = NewParticipant {
            messaging_binding: Some(binding),
            ..NewParticipant::default()
        };
        self.conversations(|conversations| conversations.add_participant(conversation_sid, new))
    }

    /// Posts a message.
    ///
    /// # Errors
    /// If the message is too long, or the conversation is closed or gone.
    pub fn post_message(&self, conversation_sid: &str, message: NewMessage) -> Result<Message, Refusal> {
        self.conversations(|conversations| conversations.post(conversation_sid, message))
    }

    /// Closes a conversation for good.
    ///
    /// # Errors
    /// If it is closed or gone already.
    pub fn close_conversation(&self, sid: &str) -> Result<Conversation, Refusal> {
        let change = ConversationChange::state(ConversationState::Closed);
        self.conversations(|conversations| conversations.update(sid, change))
    }

    /// Deletes a conversation.
    ///
    /// # Errors
    /// If it is gone already.
    pub fn delete_conversation(&self, sid: &str) -> Result<(), Refusal> {
        self.conversations(|conversations| conversations.delete(sid))
    }
}

/// Callbacks and credentials.
impl Twilio {
    /// Sends each event from now on to `url` as well, under the connection overrides of its fragment.
    ///
    /// # Panics
    /// If `url` is not an absolute HTTP URL.
    pub fn register_callback(&self, url: &str) {
        self.0.callbacks.register(url).expect("a callback's URL");
    }

    /// Sets the workspace's own event callback, in place of the one that it had; none for an empty URL. The filter is the
    /// types of events, separated by commas, and lets all of them through if it is empty.
    ///
    /// # Errors
    /// If `url` is neither empty nor an absolute HTTP URL.
    pub fn set_event_callback(&self, url: &str, events_filter: &str) -> Result<(), Refusal> {
        let set = self.0.callbacks.set_for_workspace(WORKSPACE_SID, url, events_filter);
        set.map_err(Refusal::invalid)
    }

    /// Delivers what is for `host` to `address`, in plain HTTP, whatever the URL's scheme and port: the URL of a callback
    /// is signed as it was registered, and leads to this machine all the same.
    pub fn resolve(&self, host: &str, address: SocketAddr) {
        self.0.callbacks.resolve(host, address);
    }

    /// Lets something happen to deliveries from now on. Each rule counts deliveries for itself; where several strike one
    /// delivery, all of them take effect, until one loses it.
    pub fn add_delivery_fault(&self, fault: DeliveryFault) -> Struck {
        self.0.callbacks.add_fault(fault)
    }

    /// Removes all rules about deliveries. What was held back to be reordered sets out; what waits for a time or a gate
    /// goes on waiting.
    pub fn clear_delivery_faults(&self) {
        self.0.callbacks.clear_faults();
    }

    /// Waits until each delivery has its answer, or has been given up. What a delivery causes is waited for too, and so are
    /// those that wait for a time or a gate; those that are held back to be reordered are not.
    pub async fn events_settled(&self) {
        self.0.callbacks.settled().await;
    }

    /// The deliveries so far, in the order in which they set out.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.0.callbacks.deliveries()
    }

    /// The events so far, in the order of the changes, sent to somebody or not.
    pub fn events(&self) -> Vec<Event> {
        lock(&self.0.events).clone()
    }

    /// Sends an event to each callback once more, with the same SID and token.
    pub fn send_again(&self, event: &Event) {
        self.send(event);
    }

    /// The credentials as they are now.
    pub fn credentials(&self) -> Credentials {
        lock(&self.0.credentials).clone()
    }

    /// Replaces all credentials at once.
    pub fn set_credentials(&self, credentials: Credentials) {
        *lock(&self.0.credentials) = credentials;
    }
}

/// For the servers, the routes and the world.
impl Twilio {
    /// An account without tasks, conversations or callbacks. Its callbacks will be sent on the present Tokio runtime.
    pub(crate) fn new(clock: Clock, credentials: Credentials, accepted_can_be_rejected: bool) -> Self {
        Self(Arc::new(Account {
            clock,
            credentials: Mutex::new(credentials),
            tasks: Mutex::new(Tasks::new(clock, accepted_can_be_rejected)),
            conversations: Mutex::new(Conversations::new(clock)),
            events: Mutex::default(),
            callbacks: Callbacks::new(clock),
        }))
    }

    pub(crate) fn taskrouter(&self) -> Router {
        taskrouter_api::router(self.clone())
    }

    pub(crate) fn conversations_api(&self) -> Router {
        conversations_api::router(self.clone())
    }

    fn now(&self) -> OffsetDateTime {
        self.0.clock.now()
    }

    /// Does something with the tasks, and sends the events of what it changed.
    fn tasks<T>(&self, change: impl FnOnce(&mut Tasks) -> T) -> T {
        let mut tasks = lock(&self.0.tasks);
        let result = change(&mut tasks);
        // Still under the lock, so that events set out in the order of their changes.
        for event in tasks.take_events() {
            self.send(&event);
            lock(&self.0.events).push(event);
        }
        result
    }

    fn send(&self, event: &Event) {
        self.0.callbacks.send(&lock(&self.0.credentials).auth_token, event);
    }

    fn conversations<T>(&self, change: impl FnOnce(&mut Conversations) -> T) -> T {
        let mut conversations = lock(&self.0.conversations);
        conversations.elapse();
        change(&mut conversations)
    }
}

/// Lets requests with good credentials through.
async fn authenticate(State(twilio): State<Twilio>, request: Request, next: Next) -> Response {
    let checked = lock(&twilio.0.credentials).check(request.headers());
    match checked {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn no_such_resource(uri: Uri) -> Refusal {
    Refusal::not_found(uri.path())
}
