//! HTTPS requests of every service, and direct invocations.

use std::time::{Duration, Instant};

use end_to_end::{SESSION_ID, refusal};

use super::*;

#[tokio::test]
async fn action_over_https_answers_as_an_invocation() {
    for action in ACTIONS {
        let scene = Scene::start().await;
        let over_https = post(&scene, action, &request(&scene, action)).await;
        assert_eq!(over_https.status_code, 200, "{}", over_https.body);
        assert_eq!(over_https.headers["content-type"], "application/json");

        let payload = request(&scene, action).to_string().into_bytes();
        let invoked = scene.world.lambda.invoke(action, payload).await;
        let invoked: Value = serde_json::from_slice(&invoked.payload).expect("an answer is JSON");
        let names = |answer: &Value| {
            answer
                .as_object()
                .expect("an object")
                .keys()
                .cloned()
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&over_https.json()), names(&invoked), "{action}");
    }
}

#[tokio::test]
async fn requests_of_other_services_are_understood() {
    let scene = Scene::start().await;
    let body = request(&scene, RESOLVE).to_string();
    let rest_api = json!({
        "resource": "/resolve",
        "path": "/resolve",
        "httpMethod": "POST",
        "headers": authorized(),
        "multiValueHeaders": {},
        "requestContext": { "httpMethod": "POST", "path": "/prod/resolve", "stage": "prod", "requestId": "r" },
        "body": body,
        "isBase64Encoded": false,
    });
    let load_balancer = json!({
        "requestContext": { "elb": { "targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/b" } },
        "httpMethod": "POST",
        "path": "/resolve",
        "queryStringParameters": {},
        "headers": authorized(),
        "body": body,
        "isBase64Encoded": false,
    });
    for event in [rest_api, load_balancer] {
        let answer = send(&scene, RESOLVE, &event).await;
        assert_eq!(answer.status_code, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn event_that_only_looks_like_http_is_answered() {
    let scene = Scene::start().await;
    for event in [
        json!({ "requestContext": {} }),
        json!({ "requestContext": 7, "taskSid": scene.task_sid }),
        json!({ "requestContext": { "http": {} }, "version": "2.0" }),
    ] {
        for action in ACTIONS {
            let answer = send(&scene, action, &event).await;
            assert_eq!(answer.error(), (400, "InvalidRequest".to_owned()), "{event}");
        }
    }
    assert_eq!(scene.requests(), [""; 0]);
}

#[tokio::test]
async fn header_names_the_session_if_the_body_does_not() {
    let scene = Scene::start().await;
    let mut headers = authorized();
    headers["x-opencx-session-id"] = json!(SESSION_ID);
    let with_header = |body: Value| event(RESOLVE, "POST", headers.clone(), &body.to_string());
    let answer = send(&scene, RESOLVE, &with_header(json!({}))).await;
    assert_eq!(
        (answer.status_code, &answer.json()["taskSid"]),
        (200, &json!(scene.task_sid))
    );
    let answer = send(&scene, RESOLVE, &with_header(json!({ "sessionId": "another" }))).await;
    assert_eq!(answer.error(), (404, "TaskNotFound".to_owned()));

    let mut direct = with_header(json!({}));
    direct["requestContext"].take();
    let invoked = scene
        .world
        .lambda
        .invoke(RESOLVE, direct.to_string().into_bytes())
        .await;
    assert!(invoked.function_error.is_some());
}

#[tokio::test]
async fn every_kind_of_error_has_its_status() {
    let scene = Scene::start().await;
    let error = async |function, request: Value| post(&scene, function, &request).await.error();
    let missing = json!({ "taskSid": "WT00000000000000000000000000000000" });
    assert_eq!(error(RESOLVE, missing).await, (404, "TaskNotFound".to_owned()));
    assert_eq!(error(RESOLVE, json!({})).await, (400, "InvalidRequest".to_owned()));
    scene.set_attributes(r#"{"handedOff":true}"#);
    assert_eq!(
        error(RESOLVE, request(&scene, RESOLVE)).await,
        (409, "HandedOff".to_owned())
    );
    assert_eq!(
        error(REPLY, request(&scene, REPLY)).await,
        (409, "HandedOff".to_owned())
    );
    scene.strike(scene.at("GET Tasks/WT").before(refusal(400, 20001)));
    assert_eq!(
        error(RESOLVE, request(&scene, RESOLVE)).await,
        (502, "Refused".to_owned())
    );
}

#[tokio::test]
async fn answer_is_out_before_api_gateway_gives_up() {
    let scene = Scene::with(|options| options.resolve.timeout = Duration::from_secs(60)).await;
    scene.strike(scene.at("GET Tasks/WT").always().before(refusal(503, 0)));
    let started = Instant::now();
    let answer = post(&scene, RESOLVE, &request(&scene, RESOLVE)).await;
    assert!(started.elapsed() < Duration::from_secs(28), "{:?}", started.elapsed());
    assert_eq!(answer.error(), (503, "Unavailable".to_owned()));
    assert_eq!(
        (&answer.json()["retry"], answer.headers["retry-after"].as_str()),
        (&json!(true), "1")
    );
}
