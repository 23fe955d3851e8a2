//! The `deferred` function: what outlives a webhook, from the queue.

use deferred::Deferred;
use flex_handoff::lambda::start;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = start::or_stop(Deferred::start()).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<_>| {
        let context = event.context;
        let handled = function.handle(event.payload, &context.request_id, context.deadline);
        handled.await
    }))
    .await
}
