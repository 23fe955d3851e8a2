//! The `handoff` function: hands a task off from the AI to a human agent.

use flex_handoff::lambda::start::start_or_exit;
use handoff::Handoff;
use lambda_runtime::service_fn;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = start_or_exit(env!("CARGO_PKG_NAME"), Handoff::start()).await;
    lambda_runtime::run(service_fn(async |event| function.handle(event).await)).await
}
