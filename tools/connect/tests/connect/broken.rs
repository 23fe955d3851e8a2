//! A broken account for each finding.

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::twilio::sids::{AI_QUEUE_SID, AI_WORKER_SID, BREAK_ACTIVITY_SID, OFFLINE_ACTIVITY_SID, WORKFLOW_SID};

use crate::scene::{SESSION_ID, Scene, URL, people, to_ai, to_people};

/// The findings and whether `apply` can fix them.
pub(crate) const FINDINGS: [(&str, bool); 23] = [
    ("credentials", false),
    ("workspace", false),
    ("permission", false),
    ("callback-missing", true),
    ("callback-foreign", true),
    ("callback-overrides", true),
    ("events-filter", true),
    ("worker-missing", false),
    ("worker-unavailable", false),
    ("worker-capacity", false),
    ("timeout-activity", false),
    ("workflow-unreadable", false),
    ("filter-missing", true),
    ("filter-order", true),
    ("filter-type", true),
    ("filter-queue", false),
    ("filter-unreachable", false),
    ("no-default", false),
    ("queue-mixed", false),
    ("reservation-timeout", false),
    ("session-refused", false),
    ("session-not-stored", false),
    ("note-visible", false),
];

pub(crate) const WARNINGS: [&str; 6] = [
    "worker-capacity",
    "timeout-activity",
    "filter-unreachable",
    "no-default",
    "reservation-timeout",
    "note-visible",
];

/// The good account with this finding's fault.
pub(crate) async fn broken(finding: &str) -> Scene {
    let mut scene = Scene::good().await;
    let workflow = format!("/Workflows/{WORKFLOW_SID}");
    let worker = format!("/Workers/{AI_WORKER_SID}");
    match finding {
        "credentials" => scene.variables.push(("TWILIO_AUTH_TOKEN", "wrong".to_owned())),
        "workspace" => scene.option("--workspace", "WS00000000000000000000000000000009"),
        "permission" => refuse(&scene, "/TaskQueues"),
        "callback-missing" => drop(scene.set("", &[("EventCallbackUrl", "")]).await),
        "callback-foreign" => drop(scene.set("", &[("EventCallbackUrl", "https://other.example/x")]).await),
        "callback-overrides" => drop(scene.set("", &[("EventCallbackUrl", URL)]).await),
        "events-filter" => drop(scene.set("", &[("EventsFilter", "task.created,task.updated")]).await),
        "worker-missing" => {
            let path = format!("/v1/Workspaces/{}{worker}", simulator::twilio::sids::WORKSPACE_SID);
            scene.call(Upstream::TaskRouter, Method::DELETE, &path, &[]).await;
        }
        "worker-unavailable" => drop(scene.set(&worker, &[("ActivitySid", BREAK_ACTIVITY_SID)]).await),
        "worker-capacity" => drop(
            scene
                .set(&format!("{worker}/Channels/chat"), &[("Capacity", "1")])
                .await,
        ),
        "timeout-activity" => drop(scene.set("", &[("TimeoutActivitySid", OFFLINE_ACTIVITY_SID)]).await),
        // The simulator refuses such a configuration. Twilio may still have one from an earlier time.
        "workflow-unreadable" => rewrite_configuration(&scene, "handed-off == true"),
        "filter-missing" => scene.filters(json!([to_ai("channelType == 'web'")]), people()).await,
        "filter-order" => {
            let filters = json!([to_ai("channelType == 'web'"), to_people("handedOff == true")]);
            scene.filters(filters, people()).await;
        }
        "filter-type" => {
            let filters = json!([to_people("handedOff == 'true'"), to_ai("channelType == 'web'")]);
            scene.filters(filters, people()).await;
        }
        "filter-queue" => {
            let queue = json!({"FriendlyName": "Nobody", "TargetWorkers": "1 == 2"});
            let queue = scene.set("/TaskQueues", &pairs(&queue)).await["sid"].clone();
            let mut filter = to_people("handedOff == true");
            filter["targets"][0]["queue"] = queue;
            scene
                .filters(json!([filter, to_ai("channelType == 'web'")]), people())
                .await;
        }
        "filter-unreachable" => {
            let shadowed = to_people("channelType == 'web' AND team == 'billing'");
            let filters = json!([to_people("handedOff == true"), to_ai("channelType == 'web'"), shadowed]);
            scene.filters(filters, people()).await;
        }
        "no-default" => {
            let filters = json!([to_people("handedOff == true"), to_ai("channelType == 'web'")]);
            scene.filters(filters, Value::Null).await;
        }
        "queue-mixed" => {
            drop(
                scene
                    .set(&format!("/TaskQueues/{AI_QUEUE_SID}"), &[("TargetWorkers", "1 == 1")])
                    .await,
            );
        }
        "reservation-timeout" => drop(scene.set(&workflow, &[("TaskReservationTimeout", "120")]).await),
        "session-refused" => {
            scene.option("--probe-session", SESSION_ID);
            let refused = Effect::Answer(Answer::status(400).body("{}"));
            scene.world.faults.add(
                Fault::at(Upstream::SessionApi)
                    .method(Method::PATCH)
                    .always()
                    .before(refused),
            );
        }
        "session-not-stored" => {
            scene.option("--probe-session", SESSION_ID);
            let ignored = Effect::Answer(Answer::status(200).body("{}"));
            scene.world.faults.add(
                Fault::at(Upstream::SessionApi)
                    .method(Method::PATCH)
                    .always()
                    .before(ignored),
            );
        }
        "note-visible" => scene.option("--handoff-note", "chat-only"),
        other => panic!("no account is broken by {other}"),
    }
    scene
}

/// Refuses a list in the way Twilio refuses a restricted key without the permission.
pub(crate) fn refuse(scene: &Scene, list: &str) {
    let body = json!({"code": 20003, "message": "Permission denied", "more_info": "", "status": 403}).to_string();
    let refused = Effect::Answer(Answer::status(403).body(body));
    scene.world.faults.add(
        Fault::at(Upstream::TaskRouter)
            .path_ends_with(list)
            .always()
            .before(refused),
    );
}

/// Replaces the first filter's expression in the list of workflows.
fn rewrite_configuration(scene: &Scene, expression: &'static str) {
    let rewrite = Effect::rewrite(move |mut answer| {
        answer.body = answer.text().replacen("handedOff == true", expression, 1).into();
        answer
    });
    scene.world.faults.add(
        Fault::at(Upstream::TaskRouter)
            .path_ends_with("/Workflows")
            .always()
            .after(rewrite),
    );
}

fn pairs(object: &Value) -> Vec<(&str, &str)> {
    let members = object.as_object().unwrap().iter();
    members
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect()
}
