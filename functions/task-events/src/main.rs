//! The `task-events` function: TaskRouter's events onto the AI session.

use flex_handoff::lambda::payload::Payload;
use flex_handoff::lambda::start;
use flex_handoff::lambda::webhook::HttpRequest;
use lambda_runtime::{LambdaEvent, service_fn};
use task_events::TaskEvents;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = start::or_stop(TaskEvents::start()).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Payload<HttpRequest>>| {
        let context = event.context;
        let handled = function.handle(event.payload, &context.request_id, context.deadline);
        Ok::<_, lambda_runtime::Error>(handled.await)
    }))
    .await
}
