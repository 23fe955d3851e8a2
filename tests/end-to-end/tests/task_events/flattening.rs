//! The flattened form of a task's attributes.

use end_to_end::{SESSION_ID, Scene};
use serde_json::json;
use simulator::exchange::Answer;
use simulator::fault::Effect;

use super::{at_read, at_write, custom_data, log, session, set, synchronise, written};

/// Asserts that each of these members is sent and stored in this form.
async fn assert_flattened(cases: &[(&str, &str)]) {
    let scene = Scene::start().await;
    for (members, expected) in cases {
        scene.world.session_api.create_session(SESSION_ID);
        scene.world.exchanges.clear();
        set(&scene, members);
        synchronise(&scene).await;
        let expected = custom_data(&scene, expected);
        assert_eq!(
            written(&scene),
            [format!(r#"{{"custom_data":{expected}}}"#)],
            "{members}"
        );
        assert_eq!(session(&scene), expected, "{members}");
        assert_eq!(log(&scene)["collisions"], json!(null), "{members}");
    }
}

#[tokio::test]
async fn strings_numbers_and_booleans_stay_unchanged() {
    assert_flattened(&[
        ("", ""),
        (r#""order_id": 7"#, r#""flex_order_id":7"#),
        (r#""yes" : true ,"no":false"#, r#""flex_yes":true,"flex_no":false"#),
        (
            r#""text":"grüße \"you\"\n","empty":"""#,
            r#""flex_text":"grüße \"you\"\n","flex_empty":"""#,
        ),
        (
            r#""n":[],"a":1.10,"b":12345678901234567890,"c":1e400,"d":-0.0,"e":1E+2"#,
            r#""flex_n":"[]","flex_a":1.10,"flex_b":12345678901234567890,"flex_c":1e400,"flex_d":-0.0,"flex_e":1E+2"#,
        ),
    ])
    .await;
}

#[tokio::test]
async fn object_becomes_members_with_joined_names() {
    assert_flattened(&[
        (
            r#""customer": {"name": "Ana", "address": {"city": "Oslo"}}"#,
            r#""flex_customer_name":"Ana","flex_customer_address_city":"Oslo""#,
        ),
        (r#""a":{},"b":{"c":{}}"#, ""),
        (
            r#""Ünï code":{"a-b.c":1,"UPPER":2},"flex":3,"flex_":4,"":{"":5}"#,
            r#""flex_Ünï code_a-b.c":1,"flex_Ünï code_UPPER":2,"flex_flex":3,"flex_flex_":4,"flex__":5"#,
        ),
        (r#""a\u0062\"c":{"\u00e9":1}"#, r#""flex_ab\"c_é":1"#),
    ])
    .await;
}

#[tokio::test]
async fn array_becomes_compact_json_text() {
    assert_flattened(&[
        (r#""none": [ ]"#, r#""flex_none":"[]""#),
        (
            r#""tags": [ "a" , {"b" : [1.10, null, {}]}, "\u00e9\/\u0001" ]"#,
            r#""flex_tags":"[\"a\",{\"b\":[1.10,null,{}]},\"é/\\u0001\"]""#,
        ),
        (
            r#""deep":{"list":[12345678901234567890,{"a":1,"b":2,"a":3}]}"#,
            r#""flex_deep_list":"[12345678901234567890,{\"a\":3,\"b\":2}]""#,
        ),
    ])
    .await;
}

#[tokio::test]
async fn null_becomes_the_empty_string() {
    assert_flattened(&[
        (r#""gone": null"#, r#""flex_gone":"""#),
        (r#""a":{"b":null}"#, r#""flex_a_b":"""#),
    ])
    .await;
}

#[tokio::test]
async fn duplicate_name_takes_last_value_in_first_place() {
    assert_flattened(&[
        (r#""a":1,"b":2,"a":3"#, r#""flex_a":3,"flex_b":2"#),
        (r#""a":{"x":1},"b":2,"\u0061":{"y":3}"#, r#""flex_a_y":3,"flex_b":2"#),
        (r#""a":{"x":1,"y":2,"x":{"z":3}}"#, r#""flex_a_x_z":3,"flex_a_y":2"#),
    ])
    .await;
}

#[tokio::test]
async fn shrunken_array_leaves_no_tail() {
    let scene = Scene::start().await;
    for (members, expected) in [
        (r#""tags":["vip","urgent"]"#, r#""flex_tags":"[\"vip\",\"urgent\"]""#),
        (r#""tags":["vip"]"#, r#""flex_tags":"[\"vip\"]""#),
    ] {
        set(&scene, members);
        synchronise(&scene).await;
        // A name keeps the place where it was first written.
        assert_eq!(session(&scene), custom_data(&scene, expected));
    }
}

#[tokio::test]
async fn colliding_paths_resolve_to_the_shorter_or_later() {
    let scene = Scene::start().await;
    for (members, name, value) in [
        (r#""a_b":"kept","a":{"b":"lost"}"#, "flex_a_b", "kept"),
        (r#""a":{"b":"lost"},"a_b":"kept""#, "flex_a_b", "kept"),
        (r#""a":{"b_c":"lost"},"a_b":{"c":"kept"}"#, "flex_a_b_c", "kept"),
        (r#""a_b":{"c":"lost"},"a":{"b_c":"kept"}"#, "flex_a_b_c", "kept"),
        (
            r#""a":{"b":{"c":"lost"},"b_c":"kept"},"x":{"a":1}"#,
            "flex_a_b_c",
            "kept",
        ),
    ] {
        scene.world.session_api.create_session(SESSION_ID);
        set(&scene, members);
        synchronise(&scene).await;
        let data = scene.world.session_api.custom_data(SESSION_ID).unwrap();
        assert_eq!(data.get(name), Some(format!("\"{value}\"").as_str()), "{members}");
        let line = log(&scene);
        assert_eq!(line["collisions"], json!([name]), "{members}");
        assert!(
            !line.to_string().contains("kept") && !line.to_string().contains("lost"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn fixed_members_win_over_attributes() {
    let scene = Scene::start().await;
    let conversation = &scene.conversation_sid;
    set(
        &scene,
        &format!(
            r#""task_sid":"spoofed","conversation":{{"sid":"spoofed"}},"conversationSid":"{conversation}","reservation_sid":1"#
        ),
    );

    let answer = super::tell(&scene, "reservation.created").await;

    assert_eq!(answer, crate::webhook::no_content());
    let expected = format!(
        r#"{{"flex_session_id":"{SESSION_ID}","flex_conversationSid":"{conversation}","flex_task_sid":"{}","flex_reservation_sid":"{}","flex_conversation_sid":"{conversation}"}}"#,
        scene.task_sid, scene.reservation_sid,
    );
    assert_eq!(session(&scene), expected);
}

#[tokio::test]
async fn conversation_is_added_if_the_task_has_one() {
    let scene = Scene::start().await;
    for (conversation, expected) in [
        (
            r#""CH00000000000000000000000000000001""#,
            r#""flex_conversationSid":"CH00000000000000000000000000000001","flex_task_sid":"WT","flex_conversation_sid":"CH00000000000000000000000000000001""#,
        ),
        (
            r#""UO00000000000000000000000000000001""#,
            r#""flex_conversationSid":"UO00000000000000000000000000000001","flex_task_sid":"WT""#,
        ),
        (r#""CH1""#, r#""flex_conversationSid":"CH1","flex_task_sid":"WT""#),
        (r#""""#, r#""flex_conversationSid":"","flex_task_sid":"WT""#),
        ("null", r#""flex_conversationSid":"","flex_task_sid":"WT""#),
        ("7", r#""flex_conversationSid":7,"flex_task_sid":"WT""#),
    ] {
        scene.world.session_api.create_session(SESSION_ID);
        set(&scene, &format!(r#""conversationSid":{conversation}"#));
        synchronise(&scene).await;
        let expected = format!(r#"{{"flex_session_id":"{SESSION_ID}",{expected}}}"#);
        assert_eq!(session(&scene).replace(&scene.task_sid, "WT"), expected);
    }
}

#[tokio::test]
async fn lone_surrogate_is_passed_on_unchanged() {
    let expected = r#""flex_lone":"\ud800","flex_list":"[\"\\udfff\"]","flex_pair":"\ud83e\udd8a""#;
    // The surrogate can be escaped in the attributes' JSON or in the JSON of the answer that holds them as a string.
    for in_the_answer in [false, true] {
        let scene = Scene::start().await;
        set(&scene, r#""lone":"\ud800","list":["\udfff"],"pair":"\ud83e\udd8a""#);
        if in_the_answer {
            let unescape = |answer: Answer| {
                let text = answer
                    .text()
                    .replace(r"\\ud800", r"\ud800")
                    .replace(r"\\udfff", r"\udfff");
                answer.body(text)
            };
            scene
                .world
                .faults
                .add(at_read(&scene).always().after(Effect::rewrite(unescape)));
        }
        synchronise(&scene).await;
        assert_eq!(
            session(&scene),
            custom_data(&scene, expected),
            "in the answer: {in_the_answer}"
        );
    }
}

#[tokio::test]
async fn lone_surrogate_can_occur_in_a_name() {
    let scene = Scene::start().await;
    // The simulator's session API cannot store such a name.
    scene
        .world
        .faults
        .add(at_write().before(Effect::Answer(Answer::status(200).body("{}"))));
    set(&scene, r#""\uDFFF":{"\ud800":1}"#);
    synchronise(&scene).await;
    let expected = custom_data(&scene, r#""flex_\udfff_\ud800":1"#);
    assert_eq!(written(&scene), [format!(r#"{{"custom_data":{expected}}}"#)]);
}

#[tokio::test]
async fn largest_possible_attributes_reach_the_session() {
    let scene = Scene::start().await;
    let wide: Vec<String> = (0..400).map(|number| format!(r#""k{number:03}":0"#)).collect();
    let levels = 600;
    let deep = format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let names = "_a".repeat(levels);
    for (members, last) in [
        (wide.join(","), r#""flex_k399":0"#.to_owned()),
        (format!(r#""deep":{deep}"#), format!(r#""flex_deep{names}":1"#)),
    ] {
        scene.world.session_api.create_session(SESSION_ID);
        set(&scene, &members);
        synchronise(&scene).await;
        assert!(session(&scene).contains(&last), "{members}");
    }
}
