//! The six attributes, added to the task's others byte for byte.

use simulator::exchange::Upstream;
use simulator::fault::Fault;

use super::*;

/// An object with every unusual form that JSON allows.
const ODD: &str = concat!(
    " {\n\t\"name\" : \"J\\u00f6rg \\/ \\\"x\\\" 😀\" ,\"price\":1.10,\"huge\":1e400,\"exact\":12345678901234567890,",
    "\"lone\":\"\\ud83d\",\"twice\":1,\"twice\":2,\"\":null,\"deep\":{\"handedOff\":false,\"list\":[ 1, {} ]}\r\n} ",
);

#[tokio::test]
async fn other_attributes_keep_their_place_and_bytes() {
    let scene = Scene::start().await;
    scene.set_attributes(ODD);

    let answered = hand_over(&scene).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    let others = ODD.strip_suffix("\r\n} ").unwrap();
    let six = six(&request(&scene, json!({})));
    assert_eq!(scene.task().attributes, format!("{others},{six}\r\n}} "));
}

#[tokio::test]
async fn empty_attributes_become_the_six() {
    let scene = Scene::start().await;
    scene.set_attributes("{ }");

    hand_over(&scene).await.unwrap();

    assert_eq!(
        scene.task().attributes,
        format!("{{{} }}", six(&request(&scene, json!({}))))
    );
}

#[tokio::test]
async fn existing_handoff_attributes_are_replaced_in_place() {
    let scene = Scene::start().await;
    scene.set_attributes(
        r#"{"handoffLanguage":null,"a":1, "hand\u006fffReason" : ["old"] ,"handedOff":"true","b":{"handedOff":1}}"#,
    );

    hand_over(&scene).await.unwrap();

    let timestamp = rfc3339(scene.reservation().date_created);
    let reason = "customer wants to cancel subscription";
    let summary = "Ana ordered twice and was charged twice.";
    let expected = format!(
        r#"{{"handoffLanguage":"en","a":1, "hand\u006fffReason" : "{reason}" ,"handedOff":true,"b":{{"handedOff":1}},"handoffSummary":"{summary}","handoffSentiment":"negative","handoffTimestamp":"{timestamp}"}}"#
    );
    assert_eq!(scene.task().attributes, expected);
}

#[tokio::test]
async fn last_duplicate_of_a_name_is_replaced() {
    let scene = Scene::start().await;
    scene.set_attributes(r#"{"handedOff":true,"x":1,"handedOff":false}"#);

    hand_over(&scene).await.unwrap();

    let six = six(&request(&scene, json!({})));
    let five = six.strip_prefix(r#""handedOff":true,"#).unwrap();
    let expected = format!(r#"{{"handedOff":true,"x":1,"handedOff":true,{five}}}"#);
    assert_eq!(scene.task().attributes, expected);
}

#[tokio::test]
async fn text_reaches_attributes_and_note_unchanged() {
    let scene = Scene::start().await;
    let given = json!({
        "reason": "quotes \" and \\ and / and & = + %",
        "summary": "العميلة غاضبة 👩‍👩‍👧 naïve\n\tsecond\u{2028}line",
        "language": "ar",
    });

    hand_over_with(&scene, given.clone()).await.unwrap();

    let request = request(&scene, given);
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &request));
    assert_eq!(notes(&scene), [note_text(&request)]);
}

#[tokio::test]
async fn text_cut_within_an_emoji_is_written() {
    let scene = Scene::start().await;
    let cut = request(&scene, json!({}))
        .to_string()
        .replace("charged twice.", "charged \\ud83d");

    let invocation = scene.world.lambda.invoke(HANDOFF, cut.into_bytes()).await;

    assert_eq!(outcome(&invocation), Ok(answer(&scene, FIRST)));
    let written = request(
        &scene,
        json!({ "summary": "Ana ordered twice and was charged \u{fffd}" }),
    );
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &written));
    assert_eq!(notes(&scene), [note_text(&written)]);
}

#[tokio::test]
async fn write_carries_the_read_etag() {
    for etag in ["\"0123\"", "bare", "\"a, b;c='%20'\""] {
        let scene = Scene::start().await;
        let other_etag = Effect::rewrite(move |answer| answer.header("ETag", etag));
        scene.strike(scene.at(READ_TASK).after(other_etag));

        let answered = hand_over(&scene).await;

        // The simulator doesn't know this version. It refuses the write and gives its own version at the second read.
        assert_eq!(answered, Ok(answer(&scene, FIRST)));
        let writes = exchanges(&scene, WRITE);
        let if_match: Vec<_> = writes
            .iter()
            .map(|exchange| exchange.header("if-match").unwrap())
            .collect();
        assert_eq!(if_match, [etag, "\"1\""]);
        let reads = exchanges(&scene, READ_TASK);
        assert!(reads.iter().all(|exchange| exchange.header("if-match").is_none()));
    }
}

#[tokio::test]
async fn weakened_etag_is_sent_back_strong() {
    let scene = Scene::start().await;
    let weaken = Effect::rewrite(|answer| {
        let etag = answer.headers.iter().find(|(name, _)| *name == "etag");
        let weak = etag.map(|(_, value)| format!("W/{}", value.to_str().unwrap()));
        match weak {
            Some(weak) => answer.header("ETag", &weak),
            None => answer,
        }
    });
    scene.strike(Fault::at(Upstream::TaskRouter).always().after(weaken));

    assert_eq!(hand_over(&scene).await, Ok(answer(&scene, FIRST)));
    assert_handed_over(&scene);
    assert_eq!(scene.writes(), [WRITE, REJECT, POST_NOTE]);
}

#[tokio::test]
async fn control_characters_are_removed() {
    let scene = Scene::start().await;
    let given = json!({ "reason": "\u{1}one\u{85}\ttab\u{0}", "summary": "two\r\nlines\u{7f}" });
    let cleaned = json!({ "reason": "one\ttab", "summary": "two\nlines" });

    assert_eq!(hand_over_with(&scene, given).await, Ok(answer(&scene, FIRST)));
    let request = request(&scene, cleaned);
    assert_eq!(scene.task().attributes, with_six(&untouched(&scene), &request));
    assert_eq!(notes(&scene), [note_text(&request)]);
}

#[tokio::test]
async fn task_without_an_etag_is_not_written() {
    let scene = Scene::start().await;
    let no_etag = Effect::rewrite(|answer| answer.without_header("ETag"));
    scene.strike(scene.at(READ_TASK).always().after(no_etag));

    let outcome = hand_over(&scene).await;

    assert_eq!(
        outcome,
        Err(error("Refused", "Twilio refused to send an ETag for the task"))
    );
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn non_object_attributes_are_left_alone() {
    for attributes in [
        json!("[]"),
        json!("\"text\""),
        json!(""),
        json!("{\"a\":}"),
        json!("{} x"),
        json!("null"),
        json!(null),
    ] {
        let scene = Scene::start().await;
        let as_read = attributes.clone();
        let unreadable = rewrite_json(move |task| task["attributes"] = as_read.clone());
        scene.strike(scene.at(READ_TASK).always().after(unreadable));

        let outcome = hand_over(&scene).await;

        let expected = error("AttributesUnreadable", "the task's attributes are not a JSON object");
        assert_eq!(outcome, Err(expected), "{attributes}");
        assert_nothing_written(&scene);
    }
}
