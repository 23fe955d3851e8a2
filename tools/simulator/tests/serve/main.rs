//! `simulator serve` as a process next to a user's own program.

#![expect(clippy::unwrap_used, reason = "in a test, it is an assertion")]

#[path = "../browser/mod.rs"]
mod browser;
mod callbacks;
mod control;
#[path = "../file/mod.rs"]
mod file;
mod inspector;
mod log;
mod page;
mod process;
mod tls;
mod workflows;
mod workspaces;

use std::process::Command;

use serde_json::Value;
use simulator::loopback;
use simulator::twilio::sids::{AI_QUEUE_SID, AI_WORKER_SID, PEOPLE_QUEUE_SID, WORKSPACE_SID};

use process::{Simulator, assert_complaint, json, tasks};

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
        .filter(|line| line.starts_with("  worker "))
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

#[test]
fn ctrl_c_ends_it_well() {
    let mut simulator = Simulator::serve(&[]);
    let pid = simulator.process.id().to_string();

    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());

    assert_eq!(simulator.process.wait().unwrap().code(), Some(0));
    assert_eq!(simulator.lines.iter().collect::<String>(), "");
}

#[test]
fn what_cannot_be_used_is_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let message = format!("error: port {port} is taken: give another one with --port\n");
    assert_complaint(&["serve", "--port", &port], &message);

    let no_url = "error: example.com is not an absolute HTTP URL\n";
    assert_complaint(&["serve", "--port", "0", "--callback", "example.com"], no_url);
}
