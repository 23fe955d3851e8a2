//! The `deferred` function: work that took too long for a webhook, from the queue.

use deferred::Deferred;
use flex_handoff::lambda::start::start_or_exit;
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = start_or_exit(env!("CARGO_PKG_NAME"), Deferred::start()).await;
    run(service_fn(async |event| function.handle(event).await)).await
}
