//! TaskRouter's limit of 4,096 UTF-16 code units and the shortening of texts to fit.

use super::*;

const LIMIT: usize = 4_096;

/// The length in UTF-16 code units, as Twilio counts.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Gives the task an attribute that makes the total `length` units together with the six attributes.
fn fill(scene: &Scene, request: &Value, length: usize) -> String {
    let empty = units(&with_six(r#"{"x":""}"#, request));
    let attributes = format!(r#"{{"x":"{}"}}"#, "x".repeat(length - empty));
    scene.set_attributes(&attributes);
    attributes
}

/// The task's reason and summary.
fn written(scene: &Scene) -> [String; 2] {
    let attributes: Value = serde_json::from_str(&scene.task().attributes).unwrap();
    ["handoffReason", "handoffSummary"].map(|name| attributes[name].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn texts_that_fit_are_not_shortened() {
    let scene = Scene::start().await;
    let request = request(
        &scene,
        json!({ "reason": "r".repeat(1_000), "summary": "😀".repeat(600) }),
    );
    let attributes = fill(&scene, &request, LIMIT);

    invoke(&scene, &request).await.unwrap();

    assert_eq!(scene.task().attributes, with_six(&attributes, &request));
    assert_eq!(units(&scene.task().attributes), LIMIT);
}

#[tokio::test]
async fn reason_over_400_is_shortened_first() {
    let scene = Scene::start().await;
    let given = request(&scene, json!({ "reason": "r".repeat(401), "summary": "s".repeat(500) }));
    let attributes = fill(&scene, &given, LIMIT + 1);

    let answered = invoke(&scene, &given).await;

    assert_eq!(answered, Ok(answer(&scene, FIRST)));
    let shortened = request(
        &scene,
        json!({ "reason": format!("{}…", "r".repeat(399)), "summary": "s".repeat(500) }),
    );
    assert_eq!(scene.task().attributes, with_six(&attributes, &shortened));
}

#[tokio::test]
async fn summary_is_shortened_second() {
    let scene = Scene::start().await;
    let given = request(&scene, json!({ "reason": "r".repeat(400), "summary": "s".repeat(500) }));
    let attributes = fill(&scene, &given, LIMIT + 100);

    invoke(&scene, &given).await.unwrap();

    let shortened = request(
        &scene,
        json!({ "reason": "r".repeat(400), "summary": format!("{}…", "s".repeat(399)) }),
    );
    assert_eq!(scene.task().attributes, with_six(&attributes, &shortened));
    assert_eq!(units(&scene.task().attributes), LIMIT);
}

#[tokio::test]
async fn reason_is_shortened_further_last() {
    let scene = Scene::start().await;
    let given = request(&scene, json!({ "reason": "r".repeat(450), "summary": "s".repeat(500) }));
    let attributes = fill(&scene, &given, LIMIT + 50 + 499 + 100);

    invoke(&scene, &given).await.unwrap();

    let shortened = request(
        &scene,
        json!({ "reason": format!("{}…", "r".repeat(299)), "summary": "…" }),
    );
    assert_eq!(scene.task().attributes, with_six(&attributes, &shortened));
    assert_eq!(units(&scene.task().attributes), LIMIT);
}

#[tokio::test]
async fn attributes_without_any_room_are_left_alone() {
    let scene = Scene::start().await;
    let shortest = request(&scene, json!({ "reason": "…", "summary": "…" }));
    fill(&scene, &shortest, LIMIT + 1);

    let outcome = hand_over(&scene).await;

    let message = "the task's other attributes leave no room within 4,096 characters";
    assert_eq!(outcome, Err(error("AttributesTooLarge", message)));
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn attributes_with_minimal_room_get_shortest_texts() {
    let scene = Scene::start().await;
    let shortest = request(&scene, json!({ "reason": "…", "summary": "…" }));
    let attributes = fill(&scene, &shortest, LIMIT);

    hand_over(&scene).await.unwrap();

    assert_eq!(scene.task().attributes, with_six(&attributes, &shortest));
}

#[tokio::test]
async fn grapheme_clusters_are_never_cut_and_escapes_count() {
    for text in ["😀", "ش", "\"", "\\\n", "é", "👩‍👩‍👧", "🇩🇪", "क्षि"] {
        let scene = Scene::start().await;
        let given = request(
            &scene,
            json!({ "reason": text.repeat(2_000), "summary": text.repeat(5_000) }),
        );

        let answered = invoke(&scene, &given).await;

        assert_eq!(answered, Ok(answer(&scene, FIRST)), "{text:?}");
        let whole = units(&scene.task().attributes);
        // The longest cluster has eight units and is dropped whole.
        assert!((LIMIT - 8..=LIMIT).contains(&whole), "{text:?}: {whole}");
        for shortened in written(&scene) {
            let start = shortened.strip_suffix('…').unwrap();
            assert!(
                start.is_empty() || start.ends_with(text.trim_end()),
                "{text:?}: {shortened:?}"
            );
            assert!(text.repeat(5_000).starts_with(start), "{text:?}: {shortened:?}");
        }
        assert!(units(&written(&scene)[0]) <= 400, "{text:?}");
    }
}

#[tokio::test]
async fn text_is_cut_at_a_word() {
    let scene = Scene::start().await;
    let given = request(
        &scene,
        json!({ "reason": "r", "summary": "eleven more ".repeat(50).trim_end() }),
    );
    let attributes = fill(&scene, &given, LIMIT + 100);

    invoke(&scene, &given).await.unwrap();

    // 599 characters, of which 498 fit beside the ellipsis: 41 times twelve and a part of a word.
    let summary = format!("{}eleven…", "eleven more ".repeat(41));
    assert_eq!(
        scene.task().attributes,
        with_six(
            &attributes,
            &request(&scene, json!({ "reason": "r", "summary": summary }))
        )
    );
}

#[tokio::test]
async fn shortened_handoff_is_recognised_as_a_repeat() {
    let scene = Scene::start().await;
    // With a future timestamp, only equal texts make a repeat.
    let long = json!({ "reason": "r".repeat(900), "summary": "s".repeat(5_000), "timestamp": "2199-01-01T00:00:00Z" });
    let long = request(&scene, long);
    assert_eq!(invoke(&scene, &long).await, Ok(answer_to(&scene, &long, FIRST)));
    let attributes = scene.task().attributes;

    let again = invoke(&scene, &long).await;

    assert_eq!(again, Ok(answer_to(&scene, &long, REPEAT)));
    assert_eq!(scene.task().attributes, attributes);
}
