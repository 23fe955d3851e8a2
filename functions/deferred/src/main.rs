//! The `deferred` function: does session copies and notes from the queue.

use deferred::Deferred;
use flex_handoff::lambda::start::start_or_exit;
use lambda_runtime::{Error, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let function = start_or_exit(env!("CARGO_PKG_NAME"), Deferred::start()).await;
    run(service_fn(async |event| Ok::<_, Error>(function.handle(event).await))).await
}
