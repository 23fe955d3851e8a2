//! The session APIs of several AI platforms: method, URL, headers and body of a write over the wire.

use end_to_end::{Scene, binaries};
use simulator::exchange::{Answer, Upstream};
use simulator::fault::{Effect, Fault};
use simulator::options::Options;

use super::tell;
use crate::webhook::no_content;

/// A platform's settings and the write that they make. `DATA` in the body stands for the flattened attributes.
struct Platform {
    name: &'static str,
    settings: &'static [(&'static str, &'static str)],
    request: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
}

const PLATFORMS: [Platform; 8] = [
    Platform {
        name: "OpenCX",
        settings: &[("SESSION_URL", "/chat/sessions/{session_id}")],
        request: "PATCH /chat/sessions/s-1?",
        headers: &[("authorization", "Bearer")],
        body: r#"{"custom_data":DATA}"#,
    },
    Platform {
        name: "Ada",
        settings: &[
            ("SESSION_URL", "/api/v2/conversations/{session_id}/"),
            ("SESSION_BODY_KEY", "metadata"),
            ("SESSION_REMOVED", "null"),
        ],
        request: "PATCH /api/v2/conversations/s-1/?",
        headers: &[("authorization", "Bearer")],
        body: r#"{"metadata":DATA}"#,
    },
    Platform {
        name: "Voiceflow, stable",
        settings: &[
            (
                "SESSION_URL",
                "/v1/stable/conversation-state/{session_id}/variables?projectID=p&environmentAlias=main",
            ),
            ("SESSION_BODY_KEY", "variables"),
        ],
        request: "PATCH /v1/stable/conversation-state/s-1/variables?projectID=p&environmentAlias=main",
        headers: &[("authorization", "Bearer")],
        body: r#"{"variables":DATA}"#,
    },
    Platform {
        name: "Voiceflow, general runtime",
        settings: &[
            ("SESSION_URL", "/state/user/{session_id}/variables"),
            ("SESSION_BODY_KEY", ""),
            ("SESSION_AUTH_SCHEME", ""),
            ("SESSION_HEADERS", "projectID: p"),
        ],
        request: "PATCH /state/user/s-1/variables?",
        headers: &[("projectid", "p")],
        body: "DATA",
    },
    Platform {
        name: "Intercom",
        settings: &[
            ("SESSION_URL", "/conversations/{session_id}"),
            ("SESSION_METHOD", "PUT"),
            ("SESSION_BODY_KEY", "custom_attributes"),
            ("SESSION_HEADERS", "Intercom-Version: 2.13"),
        ],
        request: "PUT /conversations/s-1?",
        headers: &[("authorization", "Bearer"), ("intercom-version", "2.13")],
        body: r#"{"custom_attributes":DATA}"#,
    },
    Platform {
        name: "Botpress",
        settings: &[
            ("SESSION_URL", "/v1/chat/states/conversation/{session_id}/flex"),
            ("SESSION_BODY_KEY", "payload"),
            ("SESSION_HEADERS", "x-bot-id: bot"),
        ],
        request: "PATCH /v1/chat/states/conversation/s-1/flex?",
        headers: &[("authorization", "Bearer"), ("x-bot-id", "bot")],
        body: r#"{"payload":DATA}"#,
    },
    Platform {
        name: "Chatwoot",
        settings: &[
            (
                "SESSION_URL",
                "/api/v1/accounts/1/conversations/{session_id}/custom_attributes",
            ),
            ("SESSION_METHOD", "POST"),
            ("SESSION_BODY_KEY", "custom_attributes"),
            ("SESSION_AUTH_HEADER", "api_access_token"),
            ("SESSION_AUTH_SCHEME", ""),
        ],
        request: "POST /api/v1/accounts/1/conversations/s-1/custom_attributes?",
        headers: &[],
        body: r#"{"custom_attributes":DATA}"#,
    },
    Platform {
        name: "Twilio",
        settings: &[
            ("SESSION_URL", "/v2/Conversations/{session_id}"),
            ("SESSION_BODY_KEY", "metadata"),
            ("SESSION_AUTH_SCHEME", "Basic"),
        ],
        request: "PATCH /v2/Conversations/s-1?",
        headers: &[("authorization", "Basic")],
        body: r#"{"metadata":DATA}"#,
    },
];

/// A scene whose session API is any platform that accepts each write.
async fn scene_on(settings: &[(&str, &str)]) -> Scene {
    let scene = Scene::start().await;
    let base = scene.world.server(Upstream::SessionApi).url();
    let mut options = Options {
        callbacks: false,
        ..Options::default()
    };
    for (variable, value) in settings {
        match *variable {
            "SESSION_URL" => options.task_events.set(variable, &format!("{base}{value}")),
            _ => options.task_events.set(variable, value),
        }
    }
    scene.world.deploy(&binaries(), &options);
    let accepted = Answer::status(200).body("{}");
    let fault = Fault::at(Upstream::SessionApi).always();
    scene.world.faults.add(fault.before(Effect::Answer(accepted)));
    scene
}

#[tokio::test]
async fn write_has_the_shape_of_each_platform() {
    for platform in PLATFORMS {
        let scene = scene_on(platform.settings).await;
        scene.set_attributes(r#"{"session_id":"s-1","customer":{"name":"Ana"}}"#);
        assert_eq!(tell(&scene, "task.updated").await, no_content(), "{}", platform.name);
        let exchanges = scene.world.exchanges.of(Upstream::SessionApi);
        let write = exchanges.iter().find(|exchange| exchange.path != "/").unwrap();
        let request = format!("{} {}?{}", write.method, write.path, write.query);
        assert_eq!(request, platform.request, "{}", platform.name);
        for (header, value) in platform.headers {
            assert_eq!(write.header(header), Some(*value), "{} {header}", platform.name);
        }
        let data = format!(
            r#"{{"flex_session_id":"s-1","flex_customer_name":"Ana","flex_task_sid":"{}"}}"#,
            scene.task_sid
        );
        assert_eq!(write.text(), platform.body.replace("DATA", &data), "{}", platform.name);
    }
}

#[tokio::test]
async fn only_chosen_keys_are_written() {
    let scene = scene_on(&[
        ("SESSION_URL", "/{session_id}"),
        ("SESSION_KEYS", "flex_task_sid, flex_customer_*"),
    ])
    .await;
    scene.set_attributes(r#"{"session_id":"s-1","customer":{"name":"Ana","tier":1},"order":7}"#);
    assert_eq!(tell(&scene, "task.updated").await, no_content());
    let expected = format!(
        r#"{{"custom_data":{{"flex_customer_name":"Ana","flex_customer_tier":1,"flex_task_sid":"{}"}}}}"#,
        scene.task_sid
    );
    assert_eq!(super::written(&scene), [expected]);
}

#[tokio::test]
async fn removed_attribute_can_become_null() {
    let scene = scene_on(&[("SESSION_URL", "/{session_id}"), ("SESSION_REMOVED", "null")]).await;
    scene.set_attributes(r#"{"session_id":"s-1","a":1}"#);
    let (twilio, task) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let remove = move || drop(twilio.set_attributes(&task, r#"{"session_id":"s-1"}"#));
    scene.world.faults.clear();
    let write = Fault::at(Upstream::SessionApi).always();
    scene
        .world
        .faults
        .add(write.before(Effect::Answer(Answer::status(200).body("{}"))));
    let second_read = super::at_read(&scene).skip(1);
    scene.world.faults.add(second_read.before(Effect::run(remove)));
    assert_eq!(tell(&scene, "task.updated").await, no_content());
    let last = super::written(&scene).pop().unwrap();
    assert!(last.ends_with(r#","flex_a":null}}"#), "{last}");
}
