//! The log that the command prints.

use simulator::twilio::sids::{AI_QUEUE_SID, AI_WORKER_SID, REP_WORKER_SID, WORKSPACE_SID};
use simulator::twilio::signature;

use crate::callbacks::webhook;
use crate::process::{Simulator, json, tasks};

// The webhook answers while the test waits for a line.
#[tokio::test(flavor = "multi_thread")]
async fn log_has_requests_events_deliveries_and_routes() {
    let (url, _received) = webhook().await;
    let simulator = Simulator::serve(&["--callback", &url, "--events-filter", "task.created"]);

    let (_, task) = json(simulator.create_task(r#"{"channelType":"web"}"#)).await;
    let task = task["sid"].as_str().unwrap();
    let lines = simulator.lines_until("sent   task.created  EV");

    for start in [
        "POST   …/Tasks  201  ",
        &format!("event  task.created  {task}  EV…"),
        "event  reservation.created  WR",
    ] {
        assert!(lines.lines().any(|line| line.starts_with(start)), "{start} in {lines}");
    }
    let route = format!(
        "route  {task}
       The task is in queue \"AI\" ({AI_QUEUE_SID}) and
         offered to ai.
       filter 1 \"Handed off to people\" doesn't match: handedOff == true is false
         (handedOff is missing, so null)
       filter 2 \"AI first\" matches: channelType == 'web' is true (channelType is
         \"web\")
         target 1: queue \"AI\" ({AI_QUEUE_SID}), with
           priority 0
           ✓ ai ({AI_WORKER_SID}): is offered the task
           ✗ Sam ({REP_WORKER_SID}): not in the queue: roles
             HAS 'ai' is false (roles is [\"agent\"])
"
    );
    assert!(lines.contains(&route), "{lines}");
    assert!(lines.lines().all(|line| line.chars().count() <= 80), "{lines}");
}

// The webhook answers while the test waits for a line.
#[tokio::test(flavor = "multi_thread")]
async fn webhook_of_a_conversation_is_printed_as_sent() {
    let (url, mut received) = webhook().await;
    let simulator = Simulator::serve(&[]);
    let fields = [("PostWebhookUrl", url.as_str()), ("Filters", "onConversationAdded")];
    assert_eq!(json(simulator.post("/v1/Configuration/Webhooks", &fields)).await.0, 200);

    let create = simulator.post("/v1/Conversations", &[("FriendlyName", "Ana")]);
    let (_, conversation) = json(create.header("x-twilio-webhook-enabled", "true")).await;
    let sid = conversation["sid"].as_str().unwrap();
    let lines = simulator.lines_until(&format!("sent   onConversationAdded  {sid}  204  "));

    assert!(lines.starts_with("POST   /v1/Configuration/Webhooks  200  "), "{lines}");
    let (headers, fields) = received.recv().await.unwrap();
    assert!(fields.contains(&("FriendlyName".to_owned(), "Ana".to_owned())));
    let signed = signature(simulator.told("auth token"), &url, &fields);
    assert_eq!(headers["x-twilio-signature"], signed.as_str());
}

#[tokio::test]
async fn refusal_is_printed_with_its_message() {
    let simulator = Simulator::serve(&[]);

    let (status, _) = json(simulator.create_task("[1]")).await;
    assert_eq!(status, 400);
    let refused = simulator.lines_until("       20001: ");
    let (status, _) =
        json(simulator.request("GET", &format!("/v1/Workspaces/{WORKSPACE_SID}/Workers/Statistics"))).await;
    assert_eq!(status, 404);
    let unknown = simulator.lines_until("         Not simulated: ");

    let (request, message) = refused.split_once('\n').unwrap();
    assert!(request.starts_with("POST   …/Tasks  400  "), "{refused}");
    assert_eq!(message, "       20001: Attributes is not a JSON object\n");
    let (request, message) = unknown.split_once('\n').unwrap();
    assert!(request.starts_with("GET    …/Workers/Statistics  404  "), "{unknown}");
    let expected = format!(
        "       20404: The requested resource /v1/Workspaces
         /{WORKSPACE_SID}/Workers/Statistics was not found.
         Not simulated: Statistics of all workers. See docs/simulator.md
"
    );
    assert_eq!(message, expected);
}

#[tokio::test]
async fn offer_after_a_rejection_is_a_new_route() {
    let simulator = Simulator::serve(&[]);
    let (_, task) = json(simulator.create_task(r#"{"channelType":"web"}"#)).await;
    let path = format!("{}/{}", tasks(), task["sid"].as_str().unwrap());
    let (_, offers) = json(simulator.request("GET", &format!("{path}/Reservations"))).await;
    let reservation = format!(
        "{path}/Reservations/{}",
        offers["reservations"][0]["sid"].as_str().unwrap()
    );

    json(simulator.post(&path, &[("Attributes", r#"{"handedOff":true}"#)])).await;
    json(simulator.post(&reservation, &[("ReservationStatus", "rejected")])).await;

    let lines = simulator.lines_until("         offered to Sam.");
    assert_eq!(lines.matches("route  ").count(), 2, "{lines}");
}
