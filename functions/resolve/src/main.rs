//! The `resolve` function: the AI has settled the customer's matter.

use flex_handoff::lambda::start::start_or_exit;
use lambda_runtime::service_fn;
use resolve_task::{NAME, Resolve};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = start_or_exit(NAME, Resolve::start()).await;
    lambda_runtime::run(service_fn(async |event| function.handle(event).await)).await
}
