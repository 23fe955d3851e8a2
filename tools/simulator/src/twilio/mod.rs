//! Twilio: TaskRouter with routing by workflows, Conversations and the interactions of Flex.
//!
//! The simulator follows Twilio's OpenAPI description and documentation. If both are silent, the simulator takes the
//! strict side and the code says so. There is one deliberate difference. A real workspace has a single event callback
//! URL. Here a workspace may have several, so that two functions can listen without a distributor between them.

mod account;
mod api;
mod assumptions;
mod callbacks;
mod conversations;
mod conversations_api;
mod credentials;
mod event_streams;
mod events_api;
mod interactions;
mod interactions_api;
mod not_simulated;
mod own_conversations;
mod own_interactions;
mod own_sinks;
mod own_workspace;
mod page;
mod parameters;
mod rate;
mod refusal;
pub mod sids;
mod taskrouter;
mod taskrouter_api;
mod time_keeper;

use std::sync::Arc;

use axum::Router;

use crate::clock::Clock;

pub use account::Twilio;
pub use assumptions::Assumptions;
pub use callbacks::{
    Attempt, Delivery, DeliveryFault, Order, Outcome, SharedKey, SignatureAlgorithm, check_certificate_authorities,
    check_event_types, signature,
};
pub use conversations::{Conversation, ConversationState, Message, NewMessage, Participant};
pub use credentials::Credentials;
pub use event_streams::{Disorder, Sink, SinkAttempt, SinkDelivery, SinkDeliveryState, SinkType, Subscription};
pub use interactions::{
    ChannelStatus, ChannelType, Interaction, InteractionChannel, InteractionParticipant, Invite, ParticipantType,
    RoutingProperties,
};
pub(crate) use not_simulated::names as names_of_not_simulated;
pub use refusal::Refusal;
pub use taskrouter::model::{
    Activity, Event, NewTask, NewTaskQueue, NewWorker, NewWorkflow, Reservation, ReservationStatus, Routed, Task,
    TaskChange, TaskChannel, TaskOrder, TaskQueue, TaskQueueChange, TaskStatus, Worker, WorkerChange, WorkerChannel,
    WorkerChannelChange, Workflow, WorkflowChange,
};
pub(crate) use taskrouter::workspace::Behaviour;
pub use taskrouter::workspace::Routing;
pub use taskrouter::workspace::file::{WorkspaceFile, WorkspaceFileError};

impl Twilio {
    /// An account with its timers. The timers run on the present Tokio runtime.
    pub(crate) fn start(clock: Clock, credentials: Credentials, behaviour: Behaviour) -> Self {
        let twilio = Self::new(clock.clone(), credentials, behaviour);
        tokio::spawn(time_keeper::keep_time(Arc::downgrade(&twilio.0), clock));
        twilio
    }

    pub(crate) fn taskrouter(&self) -> Router {
        taskrouter_api::router(self.clone())
    }

    pub(crate) fn conversations_api(&self) -> Router {
        conversations_api::router(self.clone())
    }

    pub(crate) fn events_api(&self) -> Router {
        events_api::router(self.clone())
    }

    pub(crate) fn interactions_api(&self) -> Router {
        interactions_api::router(self.clone())
    }
}
