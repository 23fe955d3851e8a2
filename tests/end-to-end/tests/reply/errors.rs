//! Messages that are not posted.

use serde_json::Map;
use simulator::fault::Effect;

use super::*;

#[track_caller]
fn assert_silent(scene: &Scene) {
    assert_eq!(scene.writes(), [""; 0]);
}

#[tokio::test]
async fn ai_is_silent_after_a_handoff() {
    let scene = Scene::start().await;
    let attributes = scene.task().attributes.replace('}', r#","handedOff":true}"#);
    scene.set_attributes(&attributes);
    assert_eq!(error_type(reply(&scene).await), "HandedOff");
    assert_silent(&scene);
}

#[tokio::test]
async fn ai_is_silent_while_a_human_agent_has_the_task() {
    let scene = Scene::start().await;
    rep_accepts(&scene.world.twilio, &scene.task_sid);
    assert_eq!(error_type(reply(&scene).await), "HumanActive");
    assert_silent(&scene);
}

#[tokio::test]
async fn ai_is_silent_after_the_end() {
    let scene = Scene::start().await;
    scene
        .world
        .twilio
        .end_task(&scene.task_sid, TaskStatus::Canceled, "")
        .unwrap();
    assert_eq!(error_type(reply(&scene).await), "TaskClosed");
    scene.world.twilio.delete_task(&scene.task_sid).unwrap();
    assert_eq!(error_type(reply(&scene).await), "TaskNotFound");
    assert_silent(&scene);
}

#[tokio::test]
async fn handoff_right_before_the_post_is_noticed() {
    let scene = Scene::start().await;
    let (twilio, task_sid) = (scene.world.twilio.clone(), scene.task_sid.clone());
    let attributes = scene.task().attributes.replace('}', r#","handedOff":true}"#);
    let hand_off = Effect::run(move || drop(twilio.set_attributes(&task_sid, &attributes).unwrap()));
    scene.strike(scene.at(READ_TASK).after(hand_off));
    assert_eq!(error_type(reply(&scene).await), "HandedOff");
    assert_silent(&scene);
}

#[tokio::test]
async fn conversation_must_be_open() {
    let scene = Scene::start().await;
    scene.world.twilio.close_conversation(&scene.conversation_sid).unwrap();
    assert_eq!(error_type(reply(&scene).await), "NoConversation");
    scene.world.twilio.delete_conversation(&scene.conversation_sid).unwrap();
    assert_eq!(error_type(reply(&scene).await), "NoConversation");
    scene.set_attributes("{}");
    assert_eq!(error_type(reply(&scene).await), "NoConversation");
}

#[tokio::test]
async fn text_must_fit_the_channel() {
    let scene = Scene::start().await;
    let with_text = |length| json!({ "text": "x".repeat(length), "messageId": length.to_string() });
    for (length, place) in [(1600, 0), (1601, 1), (32_768, 2)] {
        assert_eq!(
            reply_with(&scene, with_text(length)).await,
            Ok(answer(&scene, place, "posted"))
        );
    }
    assert_eq!(
        error_type(reply_with(&scene, with_text(32_769)).await),
        "InvalidRequest"
    );

    let binding = json!({ "type": "sms", "address": "+15550100", "proxy_address": "+15550199" });
    let joined = scene
        .world
        .twilio
        .add_outside_participant(&scene.conversation_sid, binding);
    joined.expect("the conversation is open");
    scene.world.exchanges.clear();
    let too_long = json!({ "text": "x".repeat(1601), "messageId": "m-2" });
    assert_eq!(error_type(reply_with(&scene, too_long).await), "InvalidRequest");
    assert_silent(&scene);
    let longest = json!({ "text": "🙂".repeat(1600), "messageId": "m-3" });
    assert_eq!(reply_with(&scene, longest).await, Ok(answer(&scene, 3, "posted")));
    // A message that is already there needs no room. A task that was handed off is the more important fault.
    assert_eq!(
        reply_with(&scene, with_text(1601)).await,
        Ok(answer(&scene, 1, "already-posted"))
    );
    scene.set_attributes(r#"{"handedOff":true}"#);
    let too_long = json!({ "text": "x".repeat(1601), "messageId": "m-4" });
    assert_eq!(error_type(reply_with(&scene, too_long).await), "HandedOff");
}

#[tokio::test]
async fn every_fault_of_a_request_is_named() {
    let scene = Scene::start().await;
    let message = "the request is invalid: taskSid or sessionId must be given; messageId is missing: it must be a text of \
                   1 to 255 bytes; text is missing: it must be a text of at most 32,768 bytes that isn't blank";
    let expected = FunctionError {
        error_type: "InvalidRequest".to_owned(),
        error_message: message.to_owned(),
    };
    assert_eq!(invoke(&scene, Map::new().into()).await, Err(expected));
    assert_silent(&scene);
}
