//! The session of a task and the URL of its writes.

use end_to_end::{SESSION_ID, Scene};
use serde_json::json;
use simulator::exchange::Upstream;

use super::{log, scene_with, scene_with_session_url, synchronise, tell, written};
use crate::webhook::no_content;

/// The path and query of each write. `WT` stands for the task's SID.
fn written_to(scene: &Scene) -> Vec<String> {
    let exchanges = scene.world.exchanges.of(Upstream::SessionApi);
    let patches = exchanges
        .iter()
        .filter(|exchange| exchange.method == http::Method::PATCH);
    patches
        .map(|patch| format!("{}?{}", patch.path, patch.query).replace(&scene.task_sid, "WT"))
        .collect()
}

/// Sends an event of a task with these attributes and returns the paths of the writes. The session API need not know
/// the session.
async fn written_with(scene: &Scene, attributes: &str) -> Vec<String> {
    scene.world.exchanges.clear();
    scene.set_attributes(attributes);
    assert_eq!(tell(scene, "task.updated").await, no_content());
    written_to(scene)
}

#[tokio::test]
async fn session_is_named_by_the_task() {
    let scene = Scene::start().await;
    for (attributes, session_id) in [
        (r#"{"session_id":"a-session"}"#, "a-session"),
        (r#"{"session_id":7}"#, "7"),
        (r#"{"session_id":12345678901234567890}"#, "12345678901234567890"),
        (r#"{"session_id":"first","session_id":"last"}"#, "last"),
    ] {
        scene.world.session_api.create_session(session_id);
        assert_eq!(
            written_with(&scene, attributes).await,
            [format!("/chat/sessions/{session_id}?")]
        );
        assert_eq!(scene.world.session_api.patches(session_id).len(), 1);
    }
}

#[tokio::test]
async fn task_without_a_session_is_ignored() {
    let scene = Scene::start().await;
    for session_id in ["null", r#""""#, "true", "{}", "[]", r#"["a"]"#, r#"".""#, r#""..""#] {
        let attributes = format!(r#"{{"session_id":{session_id}}}"#);
        assert_eq!(written_with(&scene, &attributes).await, [""; 0], "{attributes}");
        assert_eq!(
            (&log(&scene)["outcome"], &log(&scene)["cause"]),
            (&json!("nothing-to-do"), &json!("the task names no session"))
        );
    }
    assert_eq!(written_with(&scene, "{}").await, [""; 0]);
}

#[tokio::test]
async fn session_id_can_have_a_dotted_path() {
    let scene = scene_with(|options| options.set("SESSION_ID_ATTRIBUTE", "ai.session.id")).await;
    for (attributes, expected) in [
        (r#"{"ai":{"session":{"id":"deep"}}}"#, Some("/chat/sessions/deep?")),
        (
            r#"{"ai":{"session":{"id":7}},"session_id":"other"}"#,
            Some("/chat/sessions/7?"),
        ),
        (r#"{"ai.session.id":"flat"}"#, None),
        (r#"{"ai":{"session":"short"}}"#, None),
        (r#"{"session_id":"other"}"#, None),
    ] {
        assert_eq!(
            written_with(&scene, attributes).await,
            Vec::from_iter(expected),
            "{attributes}"
        );
    }
}

#[tokio::test]
async fn session_id_is_percent_encoded() {
    let scene = Scene::start().await;
    for (session_id, encoded) in [
        ("a/b?c#d e+f&g=h", "a%2Fb%3Fc%23d%20e%2Bf%26g%3Dh"),
        ("grüße 🦊", "gr%C3%BC%C3%9Fe%20%F0%9F%A6%8A"),
        ("%2e%2e", "%252e%252e"),
        ("../other", "..%2Fother"),
        ("...", "..."),
        ("A-z_0.9~", "A-z_0.9~"),
        ("{task_sid}", "%7Btask_sid%7D"),
    ] {
        scene.world.session_api.create_session(session_id);
        let attributes = json!({ "session_id": session_id }).to_string();
        assert_eq!(
            written_with(&scene, &attributes).await,
            [format!("/chat/sessions/{encoded}?")]
        );
        assert_eq!(scene.world.session_api.patches(session_id).len(), 1, "{session_id}");
    }
}

#[tokio::test]
async fn placeholders_are_replaced_everywhere() {
    let scene = scene_with_session_url("/of/{conversation_sid}/{session_id}?task={task_sid}&again={session_id}").await;
    let attributes = r#"{"session_id":"a&b","conversationSid":"CH00000000000000000000000000000001"}"#;
    assert_eq!(
        written_with(&scene, attributes).await,
        ["/of/CH00000000000000000000000000000001/a%26b?task=WT&again=a%26b"]
    );
}

#[tokio::test]
async fn session_id_is_optional_without_its_placeholder() {
    let scene = scene_with_session_url("/chat/sessions/{task_sid}").await;
    scene.world.session_api.create_session(&scene.task_sid);
    assert_eq!(written_with(&scene, r#"{"a":1}"#).await, ["/chat/sessions/WT?"]);
    assert_eq!(
        written(&scene),
        [format!(
            r#"{{"custom_data":{{"flex_a":1,"flex_task_sid":"{}"}}}}"#,
            scene.task_sid
        )]
    );

    let scene = scene_with_session_url(&format!("/chat/sessions/{SESSION_ID}")).await;
    assert_eq!(
        written_with(&scene, "{}").await,
        [format!("/chat/sessions/{SESSION_ID}?")]
    );
}

#[tokio::test]
async fn placeholder_without_a_value_is_ignored() {
    let scene = scene_with_session_url("/{conversation_sid}?x={session_id}").await;
    for attributes in [
        r#"{"session_id":"a"}"#,
        r#"{"conversationSid":"CH1"}"#,
        r#"{"session_id":"a","conversationSid":""}"#,
        r#"{"session_id":"a","conversationSid":7}"#,
        r#"{"session_id":"a","conversationSid":".."}"#,
    ] {
        assert_eq!(written_with(&scene, attributes).await, [""; 0], "{attributes}");
        assert_eq!(log(&scene)["cause"], "the task names no session");
    }
}

#[tokio::test]
async fn unknown_session_is_a_warning() {
    let scene = Scene::start().await;
    scene.set_attributes(r#"{"session_id":"nobodys"}"#);
    assert_eq!(tell(&scene, "task.updated").await, no_content());
    let line = json!({
        "level": "WARN",
        "outcome": "unknown-session",
        "eventType": "task.updated",
        "taskSid": scene.task_sid,
        "steps": ["read task 200", "write session 404"],
    });
    assert_eq!(log(&scene), line);
}

#[tokio::test]
async fn session_api_gets_json_and_its_bearer_token() {
    let scene = Scene::start().await;
    synchronise(&scene).await;
    let exchanges = scene.exchanges();
    let patch = exchanges
        .iter()
        .find(|exchange| exchange.upstream == Upstream::SessionApi)
        .unwrap();
    let headers = ["authorization", "content-type", "if-match"].map(|name| patch.header(name));
    assert_eq!(headers, [Some("Bearer"), Some("application/json"), None]);
}
