//! Each message is posted once.

use std::time::Duration;

use end_to_end::refusal;
use simulator::fault::Effect;
use simulator::twilio::NewMessage;

use super::*;

#[tokio::test]
async fn message_is_posted_as_the_ais() {
    let scene = Scene::start().await;

    assert_eq!(reply(&scene).await, Ok(answer(&scene, 0, "posted")));

    assert_eq!(messages(&scene), [message("m-1", "Ana, it is on its way.")]);
    let mut requests = scene.requests();
    assert_eq!(
        (requests.remove(0), requests.pop()),
        (READ_TASK.to_owned(), Some(POST_MESSAGE.to_owned()))
    );
    requests.sort();
    assert_eq!(requests, [READ_MESSAGES, READ_TASK, LIST_RESERVATIONS]);
}

#[tokio::test]
async fn repeat_posts_nothing() {
    let scene = Scene::start().await;
    assert_eq!(reply(&scene).await, Ok(answer(&scene, 0, "posted")));
    assert_eq!(
        reply_with(&scene, json!({ "text": "Other words" })).await,
        Ok(answer(&scene, 0, "already-posted"))
    );
    assert_eq!(
        reply_with(&scene, json!({ "messageId": "m-2" })).await,
        Ok(answer(&scene, 1, "posted"))
    );
    assert_eq!(messages(&scene).len(), 2);
}

#[tokio::test]
async fn repeat_after_a_handoff_is_known() {
    let scene = Scene::start().await;
    assert_eq!(reply(&scene).await, Ok(answer(&scene, 0, "posted")));
    scene.set_attributes(r#"{"handedOff":true}"#);
    rep_accepts(&scene.world.twilio, &scene.task_sid);

    let conversation = json!({ "conversationSid": scene.conversation_sid });
    assert_eq!(
        reply_with(&scene, conversation).await,
        Ok(answer(&scene, 0, "already-posted"))
    );
}

#[tokio::test]
async fn message_is_found_on_an_older_page() {
    let scene = Scene::start().await;
    assert_eq!(reply(&scene).await, Ok(answer(&scene, 0, "posted")));
    for number in 0..120 {
        let message = NewMessage {
            author: Some("ana".to_owned()),
            body: format!("message {number}"),
            ..NewMessage::default()
        };
        scene
            .world
            .twilio
            .post_message(&scene.conversation_sid, message)
            .unwrap();
    }
    assert_eq!(reply(&scene).await, Ok(answer(&scene, 0, "already-posted")));
}

#[tokio::test]
async fn lost_answer_is_looked_for_before_another_try() {
    let scene = Scene::start().await;
    let struck = scene.strike(scene.at(POST_MESSAGE).after(Effect::Reset));
    assert_eq!(reply(&scene).await, Ok(answer(&scene, 0, "posted")));
    assert_eq!((struck.count(), messages(&scene).len()), (1, 1));

    for status in [408, 409, 429, 503] {
        let scene = Scene::start().await;
        scene.strike(scene.at(POST_MESSAGE).before(refusal(status, 0)));
        assert_eq!(reply(&scene).await, Ok(answer(&scene, 0, "posted")), "{status}");
        assert_eq!(scene.writes(), [POST_MESSAGE, POST_MESSAGE]);
    }
}

#[tokio::test]
async fn lasting_fault_leaves_no_message() {
    let scene = Scene::with(|options| options.reply.timeout = Duration::from_secs(3)).await;
    scene.strike(scene.at(POST_MESSAGE).always().before(refusal(503, 0)));
    assert_eq!(error_type(reply(&scene).await), "Unavailable");
    assert_eq!(messages(&scene), []);
}

#[tokio::test]
async fn task_is_found_by_its_session() {
    let scene = Scene::start().await;
    let request = json!({ "sessionId": SESSION_ID, "messageId": "m-1", "text": "Hi" });
    assert_eq!(invoke(&scene, request).await, Ok(answer(&scene, 0, "posted")));
}

#[tokio::test]
async fn author_and_conversation_can_be_chosen() {
    let scene = Scene::with(|options| options.reply.set("AI_AUTHOR", "Robo")).await;
    scene.set_attributes("{}");
    let conversation = json!({ "conversationSid": scene.conversation_sid });
    assert_eq!(reply_with(&scene, conversation).await, Ok(answer(&scene, 0, "posted")));
    assert_eq!(messages(&scene)[0].0, "Robo");
}
