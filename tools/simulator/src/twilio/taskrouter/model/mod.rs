//! The resources of a workspace, without the rules that change them.

mod activity;
mod assignment;
mod collection;
mod event;
mod json;
mod position;
mod reservation;
mod routed;
mod task;
mod task_channel;
mod task_queue;
mod version;
mod worker;
mod workflow;

pub use activity::Activity;
pub use event::Event;
pub use reservation::{Reservation, ReservationStatus};
pub use routed::Routed;
pub use task::{NewTask, Task, TaskChange, TaskStatus};
pub use task_channel::TaskChannel;
pub use task_queue::{NewTaskQueue, TaskOrder, TaskQueue, TaskQueueChange};
pub use worker::{NewWorker, Worker, WorkerChange, WorkerChannel, WorkerChannelChange};
pub use workflow::{NewWorkflow, Workflow, WorkflowChange};

pub(crate) use assignment::Assignment;
pub(crate) use collection::{Collection, Resource};
pub(crate) use json::{check_object, object};
pub(crate) use position::Position;
pub(crate) use reservation::ReservationChange;
pub(crate) use task_channel::{STANDARD, TaskChannelChange};
pub(crate) use version::check_version;
