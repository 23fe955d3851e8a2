//! Faults added over HTTP.

use http::Method;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::loopback;
use simulator::server::Server;
use simulator::twilio::Task;
use simulator::twilio::sids::ACCOUNT_SID;
use simulator::world::World;

use crate::caller::{call, tasks_path, world};

async fn faults(server: &Server, method: Method, body: &Value) -> (u16, String) {
    let url = format!("{}/simulator/faults", server.url());
    let request = loopback::client().request(method, url).body(body.to_string());
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

async fn read(world: &World, server: &Server, task: &Task) -> reqwest::Response {
    let url = format!("{}{}/{}", server.url(), tasks_path(), task.sid);
    let token = world.twilio.credentials().auth_token;
    let request = loopback::client().get(url).basic_auth(ACCOUNT_SID, Some(token));
    request.send().await.unwrap()
}

#[tokio::test]
async fn fault_by_http_strikes_and_is_removed() {
    let world = world().await;
    let server = world.serve_together(0).await.unwrap();
    let task = world.twilio.create_task("{}").unwrap();
    let answer = json!({ "status": 409, "code": 20162, "message": "conflict", "retryAfter": "1" });
    let rule = json!({
        "upstream": "TaskRouter",
        "method": "GET",
        "pathEndsWith": task.sid,
        "pathContains": "/Tasks/",
        "skip": 1,
        "times": 5,
        "before": { "answer": answer },
    });

    assert_eq!(faults(&server, Method::POST, &rule).await, (204, String::new()));
    let first = read(&world, &server, &task).await;
    let second = read(&world, &server, &task).await;
    assert_eq!(
        faults(&server, Method::DELETE, &Value::Null).await,
        (204, String::new())
    );
    let third = read(&world, &server, &task).await;

    let statuses = [&first, &second, &third].map(|response| response.status().as_u16());
    assert_eq!(
        (statuses, &second.headers()["retry-after"]),
        ([200, 409, 200], &"1".parse().unwrap())
    );
    let body: Value = serde_json::from_str(&second.text().await.unwrap()).unwrap();
    assert_eq!((&body["code"], &body["message"]), (&json!(20162), &json!("conflict")));
    // The two requests to the simulator's own path are no exchanges with an upstream.
    assert_eq!(world.exchanges.all().len(), 3);
}

#[tokio::test]
async fn each_effect_has_a_form() {
    let world = world().await;
    let server = world.serve_together(0).await.unwrap();
    let task = world.twilio.create_task("{}").unwrap();
    let set = json!({ "setMember": { "name": "assignment_status", "value": "paused" } });
    for after in [json!("weakEtag"), json!({ "delayMs": 1 }), set] {
        let rule = json!({ "upstream": "TaskRouter", "after": after });
        assert_eq!(faults(&server, Method::POST, &rule).await.0, 204, "{rule}");
    }

    let struck = read(&world, &server, &task).await;
    assert_eq!(struck.headers()["etag"], r#"W/"0""#);
    let body: Value = serde_json::from_str(&struck.text().await.unwrap()).unwrap();
    assert_eq!(body["assignment_status"], "paused");

    for before in [json!("hang"), json!("reset"), json!({ "late": 2 })] {
        let rule = json!({ "upstream": "Flex", "before": before });
        assert_eq!(faults(&server, Method::POST, &rule).await.0, 204, "{rule}");
    }
}

#[tokio::test]
async fn malformed_faults_are_refused() {
    let world = world().await;
    let server = world.serve_together(0).await.unwrap();
    for rule in [
        json!({ "upstream": "Voice" }),
        json!({ "upstream": "Flex", "when": "now" }),
        json!({ "upstream": "Flex", "method": "NO WAY" }),
        json!({ "upstream": "Flex", "before": { "answer": { "status": 99 } } }),
        json!({ "upstream": "Flex", "before": { "answer": { "status": 503, "retryAfter": "\n" } } }),
        json!(7),
    ] {
        let (status, why) = faults(&server, Method::POST, &rule).await;
        assert!(status == 400 && !why.is_empty(), "{rule}: {status} {why}");
    }
    assert_eq!(faults(&server, Method::GET, &Value::Null).await.0, 405);

    // An upstream's own server lacks this path.
    let own = call(&world, Upstream::TaskRouter, Method::POST, "/simulator/faults")
        .send()
        .await;
    assert_eq!(own.refusal(), (404, 20404));
}
