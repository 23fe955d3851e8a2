//! `simulator serve`, as a process beside somebody's own program.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

mod file;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use http::{HeaderMap, StatusCode, Uri};
use reqwest::RequestBuilder;
use serde_json::Value;
use simulator::loopback;
use simulator::twilio::sids::{
    ACCOUNT_SID, AI_QUEUE_SID, AI_WORKER_SID, PEOPLE_QUEUE_SID, REP_WORKER_SID, WORKSPACE_SID,
};
use simulator::twilio::signature;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use file::File;

const SOON: Duration = Duration::from_secs(10);

/// A simulator that runs, and what it said of itself at its start.
struct Simulator {
    process: Child,
    out: BufReader<ChildStdout>,
    greeting: String,
}

impl Simulator {
    fn serve(arguments: &[&str]) -> Self {
        let mut process = command(&[&["serve", "--port", "0"], arguments].concat())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("-d 'Attributes=") || !greeting.ends_with("\n\n") {
            assert!(out.read_line(&mut greeting).unwrap() > 0, "{greeting}");
        }
        Self { process, out, greeting }
    }

    /// A value of the greeting.
    fn told(&self, name: &str) -> &str {
        let mut lines = self.greeting.lines().map(str::trim);
        let told = lines.find_map(|line| line.strip_prefix(name).filter(|rest| rest.starts_with("  ")));
        told.unwrap().trim()
    }

    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.told("TaskRouter, Conversations"));
        loopback::client()
            .request(method.parse().unwrap(), url)
            .basic_auth(ACCOUNT_SID, Some(self.told("auth token")))
    }

    fn post(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.request("POST", path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    }

    fn create_task(&self, attributes: &str) -> RequestBuilder {
        self.post(&tasks(), &[("Attributes", attributes)])
    }

    fn next_line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }
}

/// The path of the workspace's tasks.
fn tasks() -> String {
    format!("/v1/Workspaces/{WORKSPACE_SID}/Tasks")
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_simulator"));
    command.args(arguments).env_remove("CLICOLOR_FORCE");
    command
}

async fn json(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

type Callback = (HeaderMap, Vec<(String, String)>);

/// Somebody's own webhook: its URL, and what it is sent.
async fn webhook() -> (String, mpsc::UnboundedReceiver<Callback>) {
    async fn receive(
        State(send): State<mpsc::UnboundedSender<Callback>>,
        headers: HeaderMap,
        body: String,
    ) -> StatusCode {
        let fields = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        send.send((headers, fields)).unwrap();
        StatusCode::NO_CONTENT
    }
    let (send, received) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    let router = Router::new().fallback(receive).with_state(send);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, received)
}

#[tokio::test]
async fn one_address_has_all_of_it() {
    let simulator = Simulator::serve(&["--session", "7", "--session", "8"]);

    let (status, task) = json(simulator.create_task(r#"{"name":"Ana"}"#)).await;
    assert_eq!((status, &task["workspace_sid"]), (201, &Value::from(WORKSPACE_SID)));
    let (status, conversation) = json(simulator.post("/v1/Conversations", &[])).await;
    assert_eq!(status, 201, "{conversation}");
    let session = loopback::client().get(simulator.told("session API").replace("{session_id}", "8"));
    let (status, session) = json(session.bearer_auth(simulator.told("session API's token"))).await;
    assert_eq!(status, 200, "{session}");
    let secret = loopback::client()
        .post(simulator.told("Secrets Manager").rsplit_once('=').unwrap().1)
        .header("authorization", "AWS4-HMAC-SHA256 Credential=AKIA")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", "secretsmanager.GetSecretValue")
        .body(format!(r#"{{"SecretId":"{}"}}"#, simulator.told("secret's name")));
    let (status, secret) = json(secret).await;
    assert_eq!(status, 200, "{secret}");
    let secret: Value = serde_json::from_str(secret["SecretString"].as_str().unwrap()).unwrap();
    assert_eq!(secret["auth_token"], simulator.told("auth token"));
    assert_eq!(secret["api_key_secret"], simulator.told("API key secret"));
}

#[tokio::test]
async fn the_callback_gets_the_events_that_it_asked_for_and_signed() {
    let (url, mut received) = webhook().await;
    let simulator = Simulator::serve(&["--callback", &url, "--events-filter", "task.updated,task.canceled"]);

    let (_, task) = json(simulator.create_task("{}")).await;
    let sid = task["sid"].as_str().unwrap();
    let update = simulator.post(&format!("{}/{sid}", tasks()), &[("Priority", "3")]);
    assert_eq!(json(update).await.0, 200);

    let (headers, fields) = tokio::time::timeout(SOON, received.recv()).await.unwrap().unwrap();
    assert!(fields.contains(&("EventType".to_owned(), "task.updated".to_owned())));
    assert!(fields.contains(&("TaskSid".to_owned(), sid.to_owned())));
    let signed = signature(simulator.told("auth token"), &url, &fields);
    assert_eq!(headers["x-twilio-signature"], signed.as_str());
}

// The webhook answers while the test waits for a line.
#[tokio::test(flavor = "multi_thread")]
async fn a_line_tells_of_each_request_and_of_each_event() {
    let (url, _received) = webhook().await;
    let mut simulator = Simulator::serve(&["--callback", &url, "--events-filter", "task.created"]);

    json(simulator.create_task("{}")).await;
    let lines = [simulator.next_line(), simulator.next_line()];

    let starts = ["POST   …/Tasks  201  ", "event  task.created  204  "];
    for start in starts {
        assert!(lines.iter().any(|line| line.starts_with(start)), "{lines:?}");
    }
    assert!(lines.iter().all(|line| line.ends_with(" ms\n")), "{lines:?}");
}

/// A sink's event, with its signature and the URL that was signed.
type Streamed = (HeaderMap, String, Value);

/// A sink, and the events that reach it.
async fn sink() -> (String, mpsc::UnboundedReceiver<Streamed>) {
    async fn receive(
        State((sent, host)): State<(mpsc::UnboundedSender<Streamed>, String)>,
        uri: Uri,
        headers: HeaderMap,
        body: String,
    ) -> StatusCode {
        let streamed = (headers, format!("{host}{uri}"), serde_json::from_str(&body).unwrap());
        sent.send(streamed).unwrap();
        StatusCode::NO_CONTENT
    }
    let (sender, receiver) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let url = format!("{host}/sink");
    let router = Router::new().fallback(receive).with_state((sender, host));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, receiver)
}

// The sink answers while the test waits for a line.
#[tokio::test(flavor = "multi_thread")]
async fn sink_gets_its_types_as_signed_cloud_events() {
    let (url, mut received) = sink().await;
    let types = "task.created,reservation.created";
    let mut simulator = Simulator::serve(&["--sink", &url, "--sink-types", types, "--sink-batches"]);
    assert_eq!(simulator.told("Event Streams' sinks"), url);

    let (_, task) = json(simulator.create_task(r#"{"channelType":"web"}"#)).await;
    let lines = [simulator.next_line(), simulator.next_line()];

    let (headers, url, events) = tokio::time::timeout(SOON, received.recv()).await.unwrap().unwrap();
    let told: Vec<_> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (&event["type"], &event["data"]["payload"]["task_sid"]))
        .collect();
    let expected = [
        "com.twilio.taskrouter.task.created",
        "com.twilio.taskrouter.reservation.created",
    ]
    .map(Value::from);
    let expected: Vec<_> = expected.iter().map(|name| (name, &task["sid"])).collect();
    assert_eq!(told, expected);
    assert_eq!(
        headers["x-twilio-signature"],
        signature(simulator.told("auth token"), &url, &[]).as_str()
    );
    let start = "sink   task.created, reservation.created  204  ";
    assert!(lines.iter().any(|line| line.starts_with(start)), "{lines:?}");
}

#[tokio::test]
async fn the_printed_commands_work() {
    let simulator = Simulator::serve(&[]);
    let script = simulator.greeting.split_once("where it goes:").unwrap().1;

    let output = Command::new("sh").args(["-c", script]).output().unwrap();

    let Ok(_) = Command::new("curl").arg("--version").output() else {
        return;
    };
    let answers = String::from_utf8(output.stdout).unwrap();
    let mut answers = serde_json::Deserializer::from_str(&answers).into_iter::<Value>();
    let (task, list) = (answers.next().unwrap().unwrap(), answers.next().unwrap().unwrap());
    assert_eq!(task["task_queue_sid"], AI_QUEUE_SID);
    assert_eq!(list["tasks"][0]["sid"], task["sid"]);
}

#[tokio::test]
async fn a_task_that_is_let_go_is_routed_to_the_people() {
    let simulator = Simulator::serve(&["--workers", "2"]);
    let workers: Vec<_> = simulator
        .greeting
        .lines()
        .filter(|line| line.contains("  worker  "))
        .collect();
    assert_eq!(workers.len(), 3);

    let (_, task) = json(simulator.create_task(r#"{"channelType":"web","handedOff":false}"#)).await;
    let path = format!("{}/{}", tasks(), task["sid"].as_str().unwrap());
    let reservations = format!("{path}/Reservations");
    let (_, offers) = json(simulator.request("GET", &reservations)).await;
    let offer = &offers["reservations"][0];
    assert_eq!(
        (&offer["worker_sid"], &offer["reservation_status"]),
        (&AI_WORKER_SID.into(), &"pending".into())
    );
    json(simulator.post(&path, &[("Attributes", r#"{"channelType":"web","handedOff":true}"#)])).await;
    let reservation = format!("{reservations}/{}", offer["sid"].as_str().unwrap());
    let (status, _) = json(simulator.post(&reservation, &[("ReservationStatus", "rejected")])).await;
    assert_eq!(status, 200);

    let (_, offers) = json(simulator.request("GET", &format!("{reservations}?ReservationStatus=pending"))).await;
    let offered: Vec<_> = offers["reservations"].as_array().unwrap().iter().collect();
    assert_eq!(offered.len(), 1);
    assert_ne!(offered[0]["worker_sid"], AI_WORKER_SID);
    let (_, task) = json(simulator.request("GET", &path)).await;
    assert_eq!(
        (&task["assignment_status"], &task["task_queue_sid"]),
        (&"reserved".into(), &PEOPLE_QUEUE_SID.into())
    );
}

#[tokio::test]
async fn a_workflow_of_ones_own_has_its_queues() {
    let sid = "WQ00000000000000000000000000000007";
    let expression = "worker.roles HAS 'agent'";
    let filter =
        format!(r#"{{"expression": "a == 1", "targets": [{{"queue": "{sid}", "expression": "{expression}"}}]}}"#);
    let file = File::with("own", &format!(r#"{{"task_routing": {{"filters": [{filter}]}}}}"#));
    let simulator = Simulator::serve(&["--workflow", file.path()]);
    assert!(
        simulator.greeting.contains(&format!("queue   {sid}  Queue 3   1==1\n")),
        "{}",
        simulator.greeting
    );

    let (_, task) = json(simulator.create_task(r#"{"a":1}"#)).await;
    assert_eq!(task["task_queue_sid"], sid);
    let reservations = format!("{}/{}/Reservations", tasks(), task["sid"].as_str().unwrap());
    let (_, offers) = json(simulator.request("GET", &reservations)).await;
    assert_eq!(offers["reservations"][0]["worker_sid"], REP_WORKER_SID);
}

#[tokio::test]
async fn handed_off_tasks_of_an_own_workflow_never_return_to_the_ai() {
    let (people, everybody) = (
        "WQ0000000000000000000000000000000a",
        "WQ0000000000000000000000000000000b",
    );
    let filters = format!(
        r#"[{{"expression": "handedOff == true", "targets": [{{"queue": "{people}"}}]}},
            {{"expression": "1==1", "targets": [{{"queue": "{everybody}"}}]}}]"#
    );
    let file = File::with(
        "handed-off",
        &format!(r#"{{"task_routing": {{"filters": {filters}}}}}"#),
    );
    let simulator = Simulator::serve(&["--workflow", file.path()]);
    for queue in [
        format!("queue   {people}  Queue 3   roles HAS 'agent'\n"),
        format!("queue   {everybody}  Queue 4   1==1\n"),
    ] {
        assert!(simulator.greeting.contains(&queue), "{}", simulator.greeting);
    }
    let (_, task) = json(simulator.create_task(r#"{"handedOff":true}"#)).await;
    assert_eq!(task["task_queue_sid"], people);
    let reservations = format!("{}/{}/Reservations", tasks(), task["sid"].as_str().unwrap());
    let (_, offers) = json(simulator.request("GET", &reservations)).await;
    assert_eq!(offers["reservations"][0]["worker_sid"], REP_WORKER_SID);
}

#[test]
fn ctrl_c_ends_it_well() {
    let mut simulator = Simulator::serve(&[]);
    let pid = simulator.process.id().to_string();

    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());

    assert_eq!(simulator.process.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    simulator.out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn what_cannot_be_used_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let message = format!("error: port {port} is taken: give another one with --port\n");
    assert_complaint(&["serve", "--port", &port], &message);

    let certificate = "error: nothing here has a certificate: give the callback's URL with http:\n";
    let sinks = "error: nothing here has a certificate: give the sink's URL with http:\n";
    assert_complaint(&["serve", "--port", "0", "--sink", "https://example.com/"], sinks);
    let arguments = ["serve", "--port", "0", "--callback", "https://example.com/"];
    assert_complaint(&arguments, certificate);

    let no_url = "error: example.com is not an absolute HTTP URL\n";
    assert_complaint(&["serve", "--port", "0", "--callback", "example.com"], no_url);
}

#[test]
fn a_workflow_that_cannot_be_read_is_shown_where() {
    let file = File::with(
        "broken",
        "{\"filters\": [\n  {\"expression\": \"handedOff ==\", \"targets\": []}\n]}",
    );
    let message = format!(
        "error: {}, line 2, column 31, in /filters/0/expression: expected a name, a string, a number, true, false, null \
         or an array, found the end\n    {{\"expression\": \"handedOff ==\", \"targets\": []}}\n                                ^\n",
        file.path()
    );
    assert_complaint(&["serve", "--port", "0", "--workflow", file.path()], &message);

    let absent = "error: cannot read /nowhere/workflow.json: No such file or directory (os error 2)\n";
    assert_complaint(
        &["serve", "--port", "0", "--workflow", "/nowhere/workflow.json"],
        absent,
    );
}

fn assert_complaint(arguments: &[&str], message: &str) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    assert_eq!(String::from_utf8(stderr).unwrap(), message);
    assert_eq!((status.code(), stdout), (Some(2), Vec::new()));
}
