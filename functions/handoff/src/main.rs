//! The `handoff` function: a task from the AI to a person.

use flex_handoff::start;
use handoff::{Handoff, HandoffError, Payload};
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = start::or_stop(Handoff::start()).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Payload>| {
        let context = event.context;
        let answer = function
            .clone()
            .handle(event.payload, &context.request_id, context.deadline)
            .await?;
        Ok::<_, HandoffError>(answer)
    }))
    .await
}
