//! A function for the tests of the Lambda host that does whatever its event says.
//!
//! The event is `{"do": "…"}`, or an HTTP API's event with such a body. The function answers, fails or never answers.
//! The variable `INIT` does the same to the initialisation. In a batch of messages, the messages that say `fail` are
//! reported as failed.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    match std::env::var("INIT").as_deref() {
        Ok("error") => report_init_error().await?,
        Ok("exit") => std::process::exit(3),
        Ok("hang") => std::future::pending().await,
        _ => {}
    }
    println!("started");
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let context = event.context;
    let event = event.payload;
    if let Some(records) = event["Records"].as_array() {
        return Ok(batch(records));
    }
    let in_body = event["body"]
        .as_str()
        .and_then(|body| serde_json::from_str::<Value>(body).ok());
    let order = in_body.as_ref().unwrap_or(&event);
    match order["do"].as_str() {
        Some("answer") => Ok(order["answer"].clone()),
        Some("context") => Ok(json!({
            "requestId": context.request_id,
            "deadline": context.deadline,
            "arn": context.invoked_function_arn,
            "traceId": context.xray_trace_id,
            "process": std::process::id(),
            "environment": std::env::vars().collect::<std::collections::BTreeMap<_, _>>(),
        })),
        Some("fail") => {
            eprintln!("failing {}", context.request_id);
            Err(Diagnostic {
                error_type: "Refused".to_owned(),
                error_message: "I was told to fail".to_owned(),
            })
        }
        Some("exit") => std::process::exit(7),
        Some("abort") => std::process::abort(),
        Some("hang") => std::future::pending().await,
        _ => Ok(event),
    }
}

fn batch(records: &[Value]) -> Value {
    let bodies: Vec<&str> = records.iter().filter_map(|record| record["body"].as_str()).collect();
    println!("{}", bodies.join(" "));
    if bodies.contains(&"exit") {
        std::process::exit(7);
    }
    let failed = records.iter().filter(|record| record["body"] == "fail");
    let failed: Vec<Value> = failed
        .map(|record| json!({ "itemIdentifier": record["messageId"] }))
        .collect();
    json!({ "batchItemFailures": failed })
}

async fn report_init_error() -> Result<(), Error> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let body = r#"{"errorType":"Config","errorMessage":"COLOUR is missing"}"#;
    let mut runtime_api = tokio::net::TcpStream::connect(std::env::var("AWS_LAMBDA_RUNTIME_API")?).await?;
    let request = format!(
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\nHost: lambda\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    runtime_api.write_all(request.as_bytes()).await?;
    runtime_api.read_to_end(&mut Vec::new()).await?;
    std::process::exit(1)
}
