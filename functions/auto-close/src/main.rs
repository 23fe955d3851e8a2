//! The `auto-close` function: tasks that the AI resolved, completed at wrap-up.

use auto_close::AutoClose;
use flex_handoff::lambda::payload::Payload;
use flex_handoff::lambda::start;
use flex_handoff::lambda::webhook::HttpRequest;
use lambda_runtime::{LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let function = start::or_stop(AutoClose::start()).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Payload<HttpRequest>>| {
        let context = event.context;
        let handled = function.handle(event.payload, &context.request_id, context.deadline);
        Ok::<_, lambda_runtime::Error>(handled.await)
    }))
    .await
}
