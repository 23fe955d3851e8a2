//! TaskRouter's limit of 4,096 UTF-16 code units, and what is shortened to keep to it.

use super::*;

const LIMIT: usize = 4_096;

/// The length as Twilio counts it.
fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Gives the task one attribute of such a length that the six of the request would make `length` units of it all.
fn fill(scene: &Scene, request: &Value, length: usize) -> String {
    let empty = units(&with_six(r#"{"x":""}"#, request));
    let attributes = format!(r#"{{"x":"{}"}}"#, "x".repeat(length - empty));
    scene.set_attributes(&attributes);
    attributes
}

/// Reason and summary as they stand on the task.
fn written(scene: &Scene) -> [String; 2] {
    let attributes: Value = serde_json::from_str(&scene.task().attributes).unwrap();
    ["handoffReason", "handoffSummary"].map(|name| attributes[name].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn nothing_is_shortened_as_long_as_everything_fits() {
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
async fn a_reason_over_400_is_shortened_first() {
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
async fn then_the_summary_as_far_as_needed() {
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
async fn then_the_reason_further() {
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
async fn what_leaves_no_room_at_all_is_left_alone() {
    let scene = Scene::start().await;
    let shortest = request(&scene, json!({ "reason": "…", "summary": "…" }));
    fill(&scene, &shortest, LIMIT + 1);

    let outcome = hand_over(&scene).await;

    let message = "the task's other attributes leave no room within 4096 characters";
    assert_eq!(outcome, Err(error("AttributesTooLarge", message)));
    assert_nothing_written(&scene);
}

#[tokio::test]
async fn what_leaves_room_for_the_shortest_six_gets_them() {
    let scene = Scene::start().await;
    let shortest = request(&scene, json!({ "reason": "…", "summary": "…" }));
    let attributes = fill(&scene, &shortest, LIMIT);

    hand_over(&scene).await.unwrap();

    assert_eq!(scene.task().attributes, with_six(&attributes, &shortest));
}

#[tokio::test]
async fn no_character_is_cut_in_two_and_escapes_count_as_they_are_written() {
    for text in ["😀", "ش", "\"", "\\\n", "é", "\u{1}", "👩‍👩‍👧"] {
        let scene = Scene::start().await;
        let given = request(
            &scene,
            json!({ "reason": text.repeat(2_000), "summary": text.repeat(5_000) }),
        );

        let answered = invoke(&scene, &given).await;

        assert_eq!(answered, Ok(answer(&scene, FIRST)), "{text:?}");
        let whole = units(&scene.task().attributes);
        // A longest character, escaped, is left out rather than cut.
        assert!((LIMIT - 6..=LIMIT).contains(&whole), "{text:?}: {whole}");
        for shortened in written(&scene) {
            let start = shortened.strip_suffix('…').unwrap();
            assert!(text.repeat(5_000).starts_with(start), "{text:?}: {shortened:?}");
        }
        assert!(units(&written(&scene)[0]) <= 400, "{text:?}");
    }
}

#[tokio::test]
async fn a_handoff_that_was_shortened_is_known_again() {
    let scene = Scene::start().await;
    // At a time in the future only equal words make a repeat.
    let long = json!({ "reason": "r".repeat(900), "summary": "s".repeat(5_000), "timestamp": "2199-01-01T00:00:00Z" });
    let long = request(&scene, long);
    assert_eq!(invoke(&scene, &long).await, Ok(answer_to(&scene, &long, FIRST)));
    let attributes = scene.task().attributes;

    let again = invoke(&scene, &long).await;

    assert_eq!(again, Ok(answer_to(&scene, &long, REPEAT)));
    assert_eq!(scene.task().attributes, attributes);
}
