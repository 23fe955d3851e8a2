//! Conversations in which the customer would receive the note.

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
async fn participant_on_an_outside_channel_prevents_the_note() {
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
async fn binding_without_a_type_counts_as_outside() {
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
async fn chat_binding_does_not_count_as_outside() {
    let scene = Scene::start().await;
    add_outside(&scene, json!({ "type": "chat", "name": "ana" }));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
}

#[tokio::test]
async fn participants_are_read_to_the_last_page() {
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
async fn conversation_of_many_chat_participants_gets_the_note() {
    let scene = Scene::start().await;
    add_chat_users(&scene, 120);

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_eq!(exchanges(&scene, READ_PARTICIPANTS).len(), 2);
}

#[tokio::test]
async fn unusable_next_page_does_not_end_the_list() {
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
async fn forbidden_second_page_prevents_the_note() {
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

#[tokio::test]
async fn participant_who_joins_meanwhile_prevents_the_note() {
    let scene = Scene::start().await;
    let (twilio, conversation_sid) = (scene.world.twilio.clone(), scene.conversation_sid.clone());
    let sms = json!({ "type": "sms", "address": "+4712345678" });
    let join = move || drop(twilio.add_outside_participant(&conversation_sid, sms.clone()).unwrap());
    scene.strike(scene.at(REJECT).before(Effect::Delay(Duration::from_millis(2_100))));
    scene.strike(scene.at(REJECT).before(Effect::run(join)));

    assert_eq!(
        hand_over(&scene).await,
        Ok(answer(&scene, ["updated", "rejected", "withheld"]))
    );
    assert_eq!(exchanges(&scene, READ_PARTICIPANTS).len(), 2);
    assert_eq!(notes(&scene), [""; 0]);
}
