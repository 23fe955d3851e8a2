use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use simulator::lambda::Function;

use crate::{context, function, host, invoke, json_of};

#[tokio::test]
async fn an_invocation_answers_what_the_function_answers() {
    let host = host(function()).await;
    let invocation = invoke(&host, json!({"do": "echo", "number": 1})).await;
    assert_eq!(invocation.function_error, None);
    assert_eq!(json_of(&invocation.payload), json!({"do": "echo", "number": 1}));
}

#[tokio::test]
async fn a_function_is_told_its_request_its_deadline_and_its_arn() {
    let host = host(function()).await;
    let before = SystemTime::now();
    let invocation = invoke(&host, json!({"do": "context"})).await;
    let context = json_of(&invocation.payload);
    assert_eq!(context["requestId"], json!(invocation.request_id));
    assert_eq!(
        context["arn"],
        "arn:aws:lambda:eu-west-1:123456789012:function:misbehaving"
    );
    assert!(context["traceId"].as_str().unwrap().starts_with("Root=1-"));
    let deadline = SystemTime::UNIX_EPOCH + Duration::from_millis(context["deadline"].as_u64().unwrap());
    let time_left = deadline.duration_since(before).unwrap();
    assert!(time_left > Duration::from_secs(19), "{time_left:?}");
    assert!(time_left < Duration::from_secs(31), "{time_left:?}");
}

#[tokio::test]
async fn a_function_sees_lambda_s_variables_and_its_own_and_no_others() {
    let environment = BTreeMap::from([("COLOUR".to_owned(), "blue".to_owned())]);
    let host = host(Function {
        environment,
        ..function()
    })
    .await;
    let variables = context(&host).await["environment"].clone();
    assert_eq!(variables["COLOUR"], "blue");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_NAME"], "misbehaving");
    assert_eq!(variables["AWS_REGION"], "eu-west-1");
    let names: Vec<&String> = variables.as_object().unwrap().keys().collect();
    let leaked: Vec<_> = names
        .iter()
        .filter(|name| !["AWS_", "LAMBDA_"].iter().any(|prefix| name.starts_with(prefix)))
        .filter(|name| !["COLOUR", "LANG", "PATH", "TZ", "_HANDLER", "_X_AMZN_TRACE_ID"].contains(&name.as_str()))
        .collect();
    assert_eq!(leaked, Vec::<&&String>::new());
}

#[tokio::test]
async fn an_idle_environment_is_used_again() {
    let host = host(function()).await;
    let first = process(&context(&host).await);
    assert_eq!(process(&context(&host).await), first);
    assert_eq!(host.logs("misbehaving"), ["started"]);
}

#[tokio::test]
async fn an_environment_that_reported_an_error_is_used_again() {
    let host = host(function()).await;
    let first = process(&context(&host).await);
    invoke(&host, json!({"do": "fail"})).await;
    assert_eq!(process(&context(&host).await), first);
}

#[tokio::test]
async fn invocations_at_the_same_time_have_an_environment_each() {
    let host = host(function()).await;
    let (first, second) = tokio::join!(context(&host), context(&host));
    assert_ne!(process(&first), process(&second));
    assert_eq!(host.logs("misbehaving"), ["started", "started"]);
}

#[tokio::test]
async fn of_several_idle_environments_the_one_used_last_is_used_first() {
    let host = host(function()).await;
    tokio::join!(context(&host), context(&host));
    let last = process(&context(&host).await);
    assert_eq!(process(&context(&host).await), last);
    assert_eq!(process(&context(&host).await), last);
}

#[tokio::test]
async fn a_new_deployment_takes_the_place_of_the_one_before_and_keeps_its_log() {
    let host = host(function()).await;
    let first = process(&context(&host).await);
    let environment = BTreeMap::from([("COLOUR".to_owned(), "red".to_owned())]);
    host.deploy(Function {
        environment,
        ..function()
    });
    let context = context(&host).await;
    assert_ne!(process(&context), first);
    assert_eq!(context["environment"]["COLOUR"], "red");
    assert_eq!(host.logs("misbehaving"), ["started", "started"]);
}

#[tokio::test]
async fn stdout_and_stderr_are_in_the_log_by_the_time_of_the_answer() {
    let host = host(function()).await;
    let invocation = invoke(&host, json!({"do": "fail"})).await;
    assert_eq!(
        host.logs("misbehaving"),
        ["started".to_owned(), format!("failing {}", invocation.request_id)]
    );
}

#[tokio::test]
async fn processes_go_when_the_host_is_stopped() {
    let host = host(function()).await;
    let idle = process(&context(&host).await);
    assert!(is_running(idle));
    host.stop().await;
    assert_ends(idle).await;
}

#[tokio::test]
async fn processes_go_with_the_last_clone_of_the_host() {
    let host = host(function()).await;
    let clone = host.clone();
    let idle = process(&context(&host).await);
    drop(host);
    assert_eq!(process(&context(&clone).await), idle);
    drop(clone);
    assert_ends(idle).await;
}

#[test]
fn processes_go_with_a_test_that_panics() {
    let (sender, process_of_the_test) = std::sync::mpsc::channel();
    let test = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async move {
            let host = host(function()).await;
            sender.send(process(&context(&host).await)).unwrap();
            panic!("as a failed assertion would");
        });
    });
    let process = process_of_the_test.recv().unwrap();
    assert!(test.join().is_err());
    tokio::runtime::Runtime::new().unwrap().block_on(assert_ends(process));
}

fn process(context: &Value) -> u64 {
    context["process"].as_u64().unwrap()
}

/// A killed process is a zombie until somebody waits for it. A zombie doesn't count as running.
fn is_running(process: u64) -> bool {
    let ps = Command::new("ps")
        .args(["-o", "stat=", "-p", &process.to_string()])
        .output();
    let state = String::from_utf8(ps.unwrap().stdout).unwrap();
    !state.trim().is_empty() && !state.starts_with('Z')
}

/// A killed process ends soon but not at once.
async fn assert_ends(process: u64) {
    let ends = async {
        while is_running(process) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), ends)
        .await
        .expect("the process is still running");
}
