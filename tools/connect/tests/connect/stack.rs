//! `smoke` with the real functions in the simulator's Lambda host. The tests play CloudFormation and the rest of
//! Lambda's API, since the simulator has neither.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::json;
use simulator::exchange::Upstream;
use simulator::lambda::functions;
use simulator::loopback;
use simulator::options::Options;
use simulator::secrets_manager::SECRET_NAME;
use simulator::twilio::sids::WORKSPACE_SID;
use simulator::world::{DEFERRED, HANDOFF, TASK_EVENTS};
use tokio::net::TcpListener;

use crate::scene::{Run, Scene};

/// A deployed stack.
struct Stack {
    status: &'static str,
    parameters: BTreeMap<&'static str, String>,
    outputs: BTreeMap<&'static str, String>,
    /// The variables of each function.
    variables: serde_json::Value,
    /// The version of the functions' code as in their log lines.
    version: &'static str,
    invoke_url: String,
}

const FUNCTIONS: [(&str, &str); 3] = [
    ("TaskEventsFunction", TASK_EVENTS),
    ("HandoffFunction", HANDOFF),
    ("DeferredFunction", DEFERRED),
];

/// The APIs of Lambda and CloudFormation at a single address.
async fn serve(stack: Stack) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/", post(cloudformation))
        .route("/2015-03-31/functions/{name}/configuration", get(configuration))
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .with_state(Arc::new(stack));
    tokio::spawn(async { axum::serve(listener, router).await });
    url
}

async fn cloudformation(State(stack): State<Arc<Stack>>, body: Bytes) -> Response {
    let pairs = |kind: &str, pairs: &BTreeMap<&str, String>| -> String {
        let member = |(name, value): (&&str, &String)| {
            let value = value.replace('&', "&amp;");
            format!("<member><{kind}Key>{name}</{kind}Key><{kind}Value>{value}</{kind}Value></member>")
        };
        pairs.iter().map(member).collect()
    };
    let action = form_urlencoded::parse(&body)
        .find(|(name, _)| name == "Action")
        .unwrap()
        .1
        .into_owned();
    let result = match action.as_str() {
        "DescribeStacks" => format!(
            "<Stacks><member><StackName>flex</StackName><CreationTime>2026-11-29T09:00:00Z</CreationTime>\
             <StackStatus>{}</StackStatus><Parameters>{}</Parameters><Outputs>{}</Outputs></member></Stacks>",
            stack.status,
            pairs("Parameter", &stack.parameters),
            pairs("Output", &stack.outputs)
        ),
        "ListStackResources" => {
            let functions = FUNCTIONS.map(|(logical, name)| {
                format!(
                    "<member><LogicalResourceId>{logical}</LogicalResourceId><PhysicalResourceId>{name}</PhysicalResourceId>\
                     <ResourceType>AWS::Lambda::Function</ResourceType>\
                     <LastUpdatedTimestamp>2026-11-29T09:00:00Z</LastUpdatedTimestamp>\
                     <ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>"
                )
            });
            format!(
                "<StackResourceSummaries>{}</StackResourceSummaries>",
                functions.concat()
            )
        }
        other => panic!("{other}"),
    };
    let answer = format!("<{action}Response><{action}Result>{result}</{action}Result></{action}Response>");
    ([(CONTENT_TYPE, "text/xml")], answer).into_response()
}

async fn configuration(State(stack): State<Arc<Stack>>, Path(name): Path<String>) -> Response {
    Json(json!({
        "FunctionName": name,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Architectures": ["arm64"],
        "Environment": {"Variables": stack.variables},
    }))
    .into_response()
}

/// Passes an invocation on to the Lambda host. Adds the end of the log, which the host doesn't return.
async fn invoke(
    State(stack): State<Arc<Stack>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let url = format!("{}/2015-03-31/functions/{name}/invocations", stack.invoke_url);
    let answer = loopback::client().post(url).body(body).send().await.unwrap();
    let (status, failed) = (answer.status(), answer.headers().get("x-amz-function-error").cloned());
    let mut response = (status, answer.bytes().await.unwrap()).into_response();
    if let Some(failed) = failed {
        response.headers_mut().insert("x-amz-function-error", failed);
    }
    if headers.get("x-amz-log-type").is_some_and(|kind| kind == "Tail") {
        let line = json!({"function": name, "version": stack.version, "outcome": "done"});
        let log = BASE64_STANDARD.encode(format!("{line}\n{{\"type\":\"platform.report\"}}\n"));
        response.headers_mut().insert("x-amz-log-result", log.parse().unwrap());
    }
    response
}

/// A scene with a deployed stack. `change` may change the stack.
async fn deployed(change: impl FnOnce(&mut Options, &mut Stack)) -> Scene {
    let mut scene = Scene::good().await;
    let binaries = functions::build().unwrap();
    let address = scene.world.lambda.http_api().address;
    let url = format!("http://{address}/{TASK_EVENTS}");
    let mut options = Options {
        queue: true,
        callbacks: false,
        ..Options::default()
    };
    options.task_events.set("PUBLIC_URL", &url);
    let parameters = [
        ("SecretId", SECRET_NAME.to_owned()),
        ("WorkspaceSid", WORKSPACE_SID.to_owned()),
        ("Architecture", "arm64".to_owned()),
        ("AlarmEmail", String::new()),
    ];
    let mut stack = Stack {
        status: "CREATE_COMPLETE",
        parameters: parameters.into(),
        outputs: [("TaskEventsUrl", url), ("Version", "1.2.3".to_owned())].into(),
        variables: json!({"WORKSPACE_SID": WORKSPACE_SID, "SECRET_ID": SECRET_NAME}),
        version: "1.2.3",
        invoke_url: scene.world.lambda.invoke_endpoint(),
    };
    change(&mut options, &mut stack);
    scene.world.deploy(&binaries, &options);
    let aws = serve(stack).await;
    let secrets = scene.world.server(Upstream::SecretsManager).url();
    scene.variables.extend([
        ("AWS_ENDPOINT_URL_CLOUDFORMATION", aws.clone()),
        ("AWS_ENDPOINT_URL_LAMBDA", aws),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets),
        ("AWS_REGION", "eu-west-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIA".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "key".to_owned()),
    ]);
    scene
}

async fn smoke(scene: &Scene) -> Run {
    scene.connect(&["smoke", "--stack", "flex"]).await
}

/// The trials that failed.
fn failures(run: &Run) -> Vec<&str> {
    run.out.lines().filter_map(|line| line.strip_prefix("✗ ")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deployed_stack_passes_every_trial() {
    let scene = deployed(|_, _| {}).await;
    let run = smoke(&scene).await;
    assert_eq!((run.code, failures(&run)), (0, vec![]), "{run:?}");
    assert!(
        run.out.ends_with("The stack flex works: 9 trials passed.\n"),
        "{}",
        run.out
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn function_that_cannot_start_is_named() {
    let scene = deployed(|options, _| options.handoff.unset("WORKSPACE_SID")).await;
    let run = smoke(&scene).await;
    assert_eq!(run.code, 1);
    assert_eq!(
        failures(&run),
        ["handoff starts, reads its secret and asks Twilio for a task"],
        "{}",
        run.out
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhook_behind_another_url_is_told() {
    let scene = deployed(|options, _| options.task_events.unset("PUBLIC_URL")).await;
    let run = smoke(&scene).await;
    assert_eq!(run.code, 1);
    assert_eq!(failures(&run).len(), 1);
    assert!(run.out.contains("deploy with its URL as the public URL"), "{}", run.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn variable_changed_by_hand_is_told() {
    let scene = deployed(|_, stack| stack.variables["WORKSPACE_SID"] = json!("WS1")).await;
    let run = smoke(&scene).await;
    assert_eq!((run.code, failures(&run).len()), (1, 3), "{}", run.out);
    let expected = "Its variable WORKSPACE_SID differs from the stack's parameter. Deploy again.";
    assert!(run.out.contains(expected), "{}", run.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn code_of_another_version_is_told() {
    let scene = deployed(|_, stack| stack.version = "1.2.2").await;
    let run = smoke(&scene).await;
    assert_eq!((run.code, failures(&run).len()), (1, 2), "{}", run.out);
    let expected = "Its code is of version 1.2.2, and the stack of version 1.2.3: run sam build and deploy again.";
    assert_eq!(run.out.matches(expected).count(), 2, "{}", run.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_deployment_and_missing_secret_are_told() {
    let scene = deployed(|_, stack| {
        stack.status = "UPDATE_ROLLBACK_COMPLETE";
        stack.parameters.insert("SecretId", "another".to_owned());
        stack.variables["SECRET_ID"] = json!("another");
    })
    .await;
    let run = smoke(&scene).await;
    let expected = ["the stack is deployed", "the secret can be read, and has what it must"];
    assert_eq!((run.code, failures(&run)), (1, expected.to_vec()), "{}", run.out);
}
