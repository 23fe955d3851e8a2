//! The `reply` function: the AI answers its customer.

use flex_handoff::lambda::start::start_or_exit;
use lambda_runtime::service_fn;
use reply::Reply;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = start_or_exit(env!("CARGO_PKG_NAME"), Reply::start()).await;
    lambda_runtime::run(service_fn(async |event| function.handle(event).await)).await
}
