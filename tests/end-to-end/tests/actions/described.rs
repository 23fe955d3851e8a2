//! Checks the functions' requests and answers against `docs/actions`.

use std::fs;
use std::path::Path;

use jsonschema::Validator;

use super::*;

fn document(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/actions")
        .join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("a JSON document")
}

/// The part of the description at a JSON pointer, with the schemas that the part refers to.
fn schema(description: &Value, pointer: &str) -> Validator {
    let mut schema = description
        .pointer(pointer)
        .unwrap_or_else(|| panic!("{pointer} is missing"))
        .clone();
    schema["components"] = description["components"].clone();
    jsonschema::draft202012::new(&schema).expect("a schema of draft 2020-12")
}

/// Resolves a reference within the description.
fn pointer(reference: &Value) -> String {
    let reference = reference.as_str().expect("a reference");
    reference.trim_start_matches('#').to_owned()
}

/// Asserts that an answer matches the description of its status.
fn assert_described(description: &Value, action: &str, answer: &HttpAnswer) {
    let responses = &description["paths"][format!("/{action}")]["post"]["responses"];
    let response = &responses[answer.status_code.to_string()];
    let response = match response.get("$ref") {
        Some(reference) => description
            .pointer(&pointer(reference))
            .expect("it refers to a response"),
        None => response,
    };
    let reference = &response["content"]["application/json"]["schema"]["$ref"];
    let errors: Vec<String> = schema(description, &pointer(reference))
        .iter_errors(&answer.json())
        .map(|error| error.to_string())
        .collect();
    assert_eq!(
        errors,
        Vec::<String>::new(),
        "{action} {}: {}",
        answer.status_code,
        answer.body
    );
    let headers = response["headers"].as_object();
    for name in headers.into_iter().flat_map(|headers| headers.keys()) {
        assert!(answer.headers.contains_key(&name.to_ascii_lowercase()), "{name}");
    }
}

#[test]
fn schemas_are_the_same_in_both_places() {
    let description = document("openapi.json");
    for (action, name) in [(HANDOFF, "Handoff"), (RESOLVE, "Resolve"), (REPLY, "Reply")] {
        let mut own = document(&format!("{action}.schema.json"));
        assert!(jsonschema::meta::is_valid(&own), "{action}");
        own.as_object_mut().expect("an object").remove("$schema");
        assert_eq!(description["components"]["schemas"][format!("{name}Request")], own);
    }
}

#[tokio::test]
async fn answers_are_as_described() {
    let description = document("openapi.json");
    for action in ACTIONS {
        let scene = Scene::start().await;
        let own = document(&format!("{action}.schema.json"));
        let own = jsonschema::draft202012::new(&own).expect("a schema of draft 2020-12");
        let request = request(&scene, action);
        assert!(own.is_valid(&request), "{action}");
        for _ in 0..2 {
            let answer = post(&scene, action, &request).await;
            assert_eq!(answer.status_code, 200, "{}", answer.body);
            assert_described(&description, action, &answer);
        }
        let faulty = json!({ "taskSid": "WT1" });
        assert!(!own.is_valid(&faulty), "{action}");
        let missing = json!({ "taskSid": "WT00000000000000000000000000000000" });
        let mut elsewhere = request.clone();
        elsewhere["taskSid"] = missing["taskSid"].clone();
        for (request, status) in [(faulty, 400), (elsewhere, 404)] {
            let answer = post(&scene, action, &request).await;
            assert_eq!(answer.status_code, status, "{}", answer.body);
            assert_described(&description, action, &answer);
        }
        for (event, status) in [
            (event(action, "GET", json!({}), ""), 405),
            (event(action, "POST", json!({}), ""), 401),
            (event(action, "POST", json!({}), &"x".repeat(262_145)), 413),
        ] {
            let answer = send(&scene, action, &event).await;
            assert_eq!(answer.status_code, status);
            assert_described(&description, action, &answer);
        }
    }
}

#[tokio::test]
async fn refusals_by_state_are_as_described() {
    let description = document("openapi.json");
    let scene = Scene::start().await;
    scene.set_attributes(r#"{"handedOff":true}"#);
    for action in [RESOLVE, REPLY] {
        let answer = post(&scene, action, &request(&scene, action)).await;
        assert_eq!(answer.error(), (409, "HandedOff".to_owned()));
        assert_described(&description, action, &answer);
    }
    scene.strike(
        scene
            .at("GET Tasks/WT")
            .always()
            .before(end_to_end::refusal(403, 20003)),
    );
    for action in ACTIONS {
        let answer = post(&scene, action, &request(&scene, action)).await;
        assert_eq!(answer.error(), (502, "Refused".to_owned()));
        assert_described(&description, action, &answer);
    }
}
