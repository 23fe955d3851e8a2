//! Conversations whose customer would be sent the note.

use super::*;

fn add_outside(scene: &Scene, binding: Value) {
    scene
        .world
        .twilio
        .add_outside_participant(&scene.conversation_sid, binding)
        .unwrap();
}

fn add_chat_users(scene: &Scene, count: usize) {
    for number in 0..count {
        let identity = format!("user-{number}");
        scene
            .world
            .twilio
            .add_chat_participant(&scene.conversation_sid, &identity)
            .unwrap();
    }
}

async fn assert_withheld(scene: &Scene) {
    assert_eq!(
        hand_over(scene).await,
        Ok(answer(scene, ["updated", "rejected", "withheld"]))
    );
    assert_eq!(scene.writes(), [WRITE, REJECT]);
    assert_eq!(
        hand_over(scene).await,
        Ok(answer(scene, ["unchanged", "already-released", "withheld"]))
    );
    assert_eq!(notes(scene), [""; 0]);
}

#[tokio::test]
async fn with_somebody_on_an_outside_channel_there_is_no_note() {
    for binding in [
        json!({ "type": "sms", "address": "+4712345678", "proxy_address": "+4787654321" }),
        json!({ "type": "whatsapp", "address": "whatsapp:+4712345678" }),
        json!({ "type": "messenger", "address": "messenger:7" }),
        json!({ "type": "a channel of tomorrow" }),
    ] {
        let scene = Scene::start().await;
        add_outside(&scene, binding);
        assert_withheld(&scene).await;
    }
}

#[tokio::test]
async fn a_binding_whose_type_is_missing_is_taken_for_an_outside_one() {
    for binding in [
        json!({}),
        json!({ "address": "+4712345678" }),
        json!({ "type": null }),
        json!([]),
        json!("sms"),
    ] {
        let scene = Scene::start().await;
        add_outside(&scene, binding);
        assert_withheld(&scene).await;
    }
}

#[tokio::test]
async fn a_binding_to_chat_is_none_to_the_outside() {
    let scene = Scene::start().await;
    add_outside(&scene, json!({ "type": "chat", "name": "ana" }));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
}

#[tokio::test]
async fn every_page_of_participants_is_read() {
    let scene = Scene::start().await;
    add_chat_users(&scene, 220);
    add_outside(&scene, json!({ "type": "sms", "address": "+4712345678" }));

    assert_eq!(
        hand_over(&scene).await,
        Ok(answer(&scene, ["updated", "rejected", "withheld"]))
    );
    let pages = exchanges(&scene, READ_PARTICIPANTS);
    assert_eq!(pages.len(), 3);
    assert!(pages.iter().all(|page| page.query.contains("PageSize=100")));
    assert_eq!(notes(&scene), [""; 0]);
}

#[tokio::test]
async fn many_participants_in_chat_get_the_note() {
    let scene = Scene::start().await;
    add_chat_users(&scene, 120);

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_eq!(exchanges(&scene, READ_PARTICIPANTS).len(), 2);
}

#[tokio::test]
async fn a_next_page_that_cannot_be_asked_for_does_not_end_the_list() {
    for nonsense in [
        json!("nonsense"),
        json!("https://conversations.twilio.com/no-query"),
        json!(7),
    ] {
        let scene = Scene::start().await;
        add_chat_users(&scene, 120);
        add_outside(&scene, json!({ "type": "sms", "address": "+4712345678" }));
        let garbled = rewrite_json(move |page| page["meta"]["next_page_url"] = nonsense.clone());
        scene.strike(scene.at(READ_PARTICIPANTS).after(garbled));

        assert_withheld(&scene).await;
    }
}

#[tokio::test]
async fn a_second_page_that_we_may_not_read_leaves_no_note() {
    let scene = Scene::start().await;
    add_chat_users(&scene, 120);
    let forbidden = scene.at(READ_PARTICIPANTS).skip(1).always();
    scene.strike(forbidden.before(refusal(403, 50430)));

    assert_eq!(
        hand_over(&scene).await,
        Ok(answer(&scene, ["updated", "rejected", "refused"]))
    );
    assert_eq!(notes(&scene), [""; 0]);
}
