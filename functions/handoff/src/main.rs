//! The `handoff` function: a task from the AI to a person.

use flex_handoff::lambda::payload::Payload;
use flex_handoff::lambda::start;
use handoff::Handoff;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = start::or_stop(Handoff::start()).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Payload<_>>| {
        let context = event.context;
        let handled = function.handle(event.payload, &context.request_id, context.deadline);
        handled.await
    }))
    .await
}
