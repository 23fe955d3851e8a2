//! The `task-events` function: TaskRouter's events onto the AI session.

use flex_handoff::lambda::start::start_or_exit;
use lambda_runtime::{Error, run, service_fn};
use task_events::TaskEvents;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = start_or_exit(env!("CARGO_PKG_NAME"), TaskEvents::start()).await;
    run(service_fn(async |event| Ok::<_, Error>(function.handle(event).await))).await
}
