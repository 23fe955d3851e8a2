//! The note for the human agent: its form and the conversations that get a note.

use simulator::twilio::sids::REP_WORKER_SID;
use simulator::twilio::{Message, NewMessage};

use super::*;

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The conversation's last message.
fn last_message(scene: &Scene) -> Message {
    scene.conversation().messages.pop().expect("there is a message")
}

#[tokio::test]
async fn note_is_a_system_message_naming_the_handoff() {
    let scene = Scene::start().await;

    hand_over(&scene).await.unwrap();

    let message = last_message(&scene);
    let text = "Handed off by the AI agent\n\n\u{2068}Ana ordered twice and was charged twice.\u{2069}\n\nSentiment: \
                \u{2068}negative\u{2069}\nReason: \u{2068}customer wants to cancel subscription\u{2069}\nLanguage: \
                \u{2068}en\u{2069}";
    assert_eq!((message.author.as_str(), message.body.as_str()), ("system", text));
    let attributes: Value = serde_json::from_str(&message.attributes).unwrap();
    let handoff = json!({ "taskSid": scene.task_sid, "reservationSid": scene.reservation_sid });
    assert_eq!(attributes, json!({ "handoff": handoff }));
}

#[tokio::test]
async fn author_of_the_note_is_configurable() {
    let scene = Scene::with(|options| options.handoff.set("NOTE_AUTHOR", "AI agent")).await;

    hand_over(&scene).await.unwrap();

    assert_eq!(last_message(&scene).author, "AI agent");
}

#[tokio::test]
async fn text_of_the_note_is_configurable() {
    let template = "{language}/{sentiment}: {summary} ({reason}) {other}";
    let scene = Scene::with(|options| options.handoff.set("NOTE_TEMPLATE", template)).await;

    hand_over(&scene).await.unwrap();

    let text = "\u{2068}en\u{2069}/\u{2068}negative\u{2069}: \u{2068}Ana ordered twice and was charged twice.\u{2069} \
                (\u{2068}customer wants to cancel subscription\u{2069}) {other}";
    assert_eq!(last_message(&scene).body, text);
}

#[tokio::test]
async fn direction_controls_stay_out_of_the_note() {
    let scene = Scene::start().await;
    let given = json!({ "summary": "\u{202e}Ana\u{2066} שלום\u{200f}" });

    hand_over_with(&scene, given.clone()).await.unwrap();

    let written = request(&scene, given);
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &written));
    assert_eq!(
        notes(&scene),
        [note_text(&request(&scene, json!({ "summary": "Ana שלום" })))]
    );
}

#[tokio::test]
async fn note_can_have_1600_characters() {
    let scene = Scene::start().await;
    let frame = units(&note_text(&request(&scene, json!({ "summary": "" }))));
    let longest = request(&scene, json!({ "summary": "s".repeat(1_600 - frame) }));

    invoke(&scene, &longest).await.unwrap();

    assert_eq!(notes(&scene), [note_text(&longest)]);
}

#[tokio::test]
async fn longer_note_is_shortened_but_not_the_attributes() {
    for character in ["s", "ش", "\"", "😀", "👩‍👩‍👧"] {
        let scene = Scene::start().await;
        let frame = units(&note_text(&request(&scene, json!({ "summary": "" }))));
        let characters = 2 + (1_600 - frame) / character.encode_utf16().count();
        let long = request(&scene, json!({ "summary": character.repeat(characters) }));

        invoke(&scene, &long).await.unwrap();

        assert_eq!(
            scene.task().attributes,
            with_six(&untouched(&scene), &long),
            "{character}"
        );
        let body = last_message(&scene).body;
        let (start, end) = body.split_once('…').unwrap();
        assert!(note_text(&long).starts_with(start), "{character}: {start}");
        assert!(note_text(&long).ends_with(end), "{character}: {end}");
        // The longest cluster has eight units and is dropped whole.
        let units = units(&body);
        assert!((1_593..=1_600).contains(&units), "{character}: {units}");
    }
}

#[tokio::test]
async fn handoff_note_never_skips_conversations() {
    let scene = Scene::with(|options| options.handoff.set("HANDOFF_NOTE", "never")).await;

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, ["updated", "rejected", "off"])));
    let requests = scene.requests();
    assert!(
        requests.iter().all(|request| !request.contains("Conversations")),
        "{requests:?}"
    );
}

#[tokio::test]
async fn handoff_note_always_skips_participants() {
    let scene = Scene::with(|options| options.handoff.set("HANDOFF_NOTE", "always")).await;
    let sms = json!({ "type": "sms", "address": "+4712345678", "proxy_address": "+4787654321" });
    scene
        .world
        .twilio
        .add_outside_participant(&scene.conversation_sid, sms)
        .unwrap();

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    assert!(last_message(&scene).sent_outside);
    assert_eq!(exchanges(&scene, READ_PARTICIPANTS).len(), 0);
}

#[tokio::test]
async fn closed_conversation_gets_no_note() {
    let scene = Scene::start().await;
    scene.world.twilio.close_conversation(&scene.conversation_sid).unwrap();

    assert_eq!(
        hand_over(&scene).await,
        Ok(answer(&scene, ["updated", "rejected", "no-conversation"]))
    );
}

#[tokio::test]
async fn deleted_conversation_gets_no_note() {
    let scene = Scene::start().await;
    scene.world.twilio.delete_conversation(&scene.conversation_sid).unwrap();

    assert_eq!(
        hand_over(&scene).await,
        Ok(answer(&scene, ["updated", "rejected", "no-conversation"]))
    );
    assert_eq!(
        hand_over(&scene).await,
        Ok(answer(&scene, ["unchanged", "already-released", "no-conversation"]))
    );
    assert_eq!(scene.writes(), [WRITE, REJECT]);
}

#[tokio::test]
async fn conversation_ending_before_the_note_gets_none() {
    for (status, code) in [(404, 20404), (400, 50377)] {
        let scene = Scene::start().await;
        scene.strike(scene.at(POST_NOTE).before(refusal(status, code)));

        let answered = hand_over(&scene).await;

        assert_eq!(
            answered,
            Ok(answer(&scene, ["updated", "rejected", "no-conversation"])),
            "{status} {code}"
        );
    }
}

#[tokio::test]
async fn refused_note_is_logged_without_failing_the_handoff() {
    for (status, code) in [(400, 50504), (403, 50430), (422, 1)] {
        let scene = Scene::start().await;
        scene.strike(scene.at(POST_NOTE).before(refusal(status, code)));

        let answered = hand_over(&scene).await;

        assert_eq!(
            answered,
            Ok(answer(&scene, ["updated", "rejected", "refused"])),
            "{status}"
        );
        assert_eq!(exchanges(&scene, POST_NOTE).len(), 1);
        let log = scene.log(HANDOFF).pop().unwrap();
        assert_eq!(
            (&log["level"], &log["results"]["note"]),
            (&json!("WARN"), &json!("refused")),
            "{log}"
        );
    }
}

#[tokio::test]
async fn forbidden_participants_or_messages_prevent_the_note() {
    for unreadable in [READ_PARTICIPANTS, READ_MESSAGES] {
        let scene = Scene::start().await;
        scene.strike(scene.at(unreadable).always().before(refusal(403, 50430)));

        let answered = hand_over(&scene).await;

        assert_eq!(
            answered,
            Ok(answer(&scene, ["updated", "rejected", "refused"])),
            "{unreadable}"
        );
        assert_eq!(scene.writes(), [WRITE, REJECT], "{unreadable}");
    }
}

#[tokio::test]
async fn note_is_recognised_by_task_and_reservation() {
    let scene = Scene::start().await;
    let others = [
        json!("handoff"),
        json!({ "handoff": null }),
        json!({ "handoff": { "taskSid": scene.task_sid } }),
        json!({ "handoff": { "taskSid": scene.task_sid, "reservationSid": format!("WR{:032x}", 7) } }),
        json!({ "handoff": { "taskSid": format!("WT{:032x}", 7), "reservationSid": scene.reservation_sid } }),
        json!([REP_WORKER_SID]),
    ];
    for attributes in others {
        let message = NewMessage {
            body: note_text(&request(&scene, json!({}))),
            attributes: Some(attributes.to_string()),
            ..NewMessage::default()
        };
        scene
            .world
            .twilio
            .post_message(&scene.conversation_sid, message)
            .unwrap();
    }

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
}

#[tokio::test]
async fn malformed_message_neither_is_nor_hides_a_note() {
    let scene = Scene::start().await;
    let odd = rewrite_json(|list| {
        let odd = [
            json!({}),
            json!("text"),
            json!({ "attributes": null, "date_created": 7 }),
        ];
        list["messages"].as_array_mut().unwrap().splice(..0, odd);
    });
    scene.strike(scene.at(READ_MESSAGES).always().after(odd));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, REPEAT)));
}
