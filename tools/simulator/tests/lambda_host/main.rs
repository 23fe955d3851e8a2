//! The Lambda host, with `misbehaving.rs` as the function.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

mod concurrency;
mod environments;
mod event_source;
mod failures;
mod fronts;
mod http_api;
mod invocations;
mod invoke_api;
mod stop;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};
use simulator::lambda::functions::{self, Messages};
use simulator::lambda::{Function, Invocation, LambdaHost, Trigger};

static MISBEHAVING: LazyLock<PathBuf> = LazyLock::new(|| {
    let arguments = ["--package", "simulator", "--example", "misbehaving"];
    let mut executables = functions::executables(functions::own_profile(), &arguments, Messages::InError).unwrap();
    executables.remove("misbehaving").unwrap()
});

fn function() -> Function {
    Function {
        name: "misbehaving".to_owned(),
        binary: MISBEHAVING.clone(),
        environment: BTreeMap::new(),
        timeout: Duration::from_secs(20),
        reserved_concurrency: None,
        trigger: Trigger::Http {
            path: "/hook".to_owned(),
        },
    }
}

async fn host(function: Function) -> LambdaHost {
    let host = LambdaHost::start().await.unwrap();
    host.deploy(function);
    host
}

async fn host_with_init(init: &str) -> LambdaHost {
    let environment = BTreeMap::from([("INIT".to_owned(), init.to_owned())]);
    host(Function {
        environment,
        timeout: Duration::from_secs(3),
        ..function()
    })
    .await
}

async fn invoke(host: &LambdaHost, event: Value) -> Invocation {
    host.invoke("misbehaving", event.to_string().into_bytes()).await
}

/// The answer to `{"do": "context"}`.
async fn context(host: &LambdaHost) -> Value {
    json_of(&invoke(host, json!({"do": "context"})).await.payload)
}

fn json_of(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}
