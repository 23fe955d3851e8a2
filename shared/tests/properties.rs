//! Properties of the attribute logic for every input.

use flex_handoff::attributes::Attributes;
use flex_handoff::attributes::flatten::flatten;
use flex_handoff::attributes::handoff::{HandoffAttributes, HandoffDetails, MAX_UNITS};
use flex_handoff::attributes::json::Document;
use flex_handoff::attributes::shorten::units;
use flex_handoff::config::session_url::SessionUrl;
use flex_handoff::jobs::note;
use proptest::prelude::*;
use serde_json::Value;

/// A JSON value as text. Has numbers of any length, odd escapes, lone surrogates, repeated names and stray white space.
fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|boolean| boolean.to_string()),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?",
        string(),
    ];
    leaf.prop_recursive(5, 40, 6, |value| {
        prop_oneof![
            (white_space(), prop::collection::vec(value.clone(), 0..6))
                .prop_map(|(space, values)| format!("[{space}{}{space}]", values.join(&format!("{space},")))),
            object_of(value),
        ]
    })
}

fn object() -> impl Strategy<Value = String> {
    object_of(json())
}

fn object_of(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (white_space(), prop::collection::vec((string(), value), 0..6)).prop_map(|(space, members)| {
        let members: Vec<String> = members
            .into_iter()
            .map(|(name, value)| format!("{name}{space}:{space}{value}"))
            .collect();
        format!("{{{space}{}{space}}}", members.join(&format!("{space},{space}")))
    })
}

fn white_space() -> impl Strategy<Value = String> {
    "[ \t\n\r]{0,2}"
}

fn string() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => "[a-z_.]{0,3}",
        1 => Just("handedOff".to_owned()),
        1 => Just("handoffSummary".to_owned()),
        1 => "\\PC".prop_map(|text| flex_handoff::attributes::json::escape(&text)),
        1 => "\\\\u[0-9a-f]{4}",
        1 => Just("\\ud83d\\ude00".to_owned()),
        1 => Just("\\uD83D".to_owned()),
        1 => prop::sample::select(vec!["\\\"", "\\\\", "\\/", "\\n", "\\b", "\\f", "\\r", "\\t", "é", "😀", "ش"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec(part, 0..4).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

fn details() -> impl Strategy<Value = HandoffDetails> {
    let text = || {
        prop_oneof![
            "\\PC{1,60}",
            (("\\PC|[\"\\\\\n\u{1}😀شé ]"), 1_usize..5000).prop_map(|(part, times)| part.repeat(times))
        ]
    };
    (text(), text()).prop_map(|(reason, summary)| HandoffDetails {
        reason,
        summary,
        sentiment: "neutral".to_owned(),
        language: "ar".to_owned(),
    })
}

fn six() -> impl Strategy<Value = HandoffAttributes> {
    details().prop_map(|details| HandoffAttributes {
        details,
        timestamp: "2026-11-22T09:00:00Z".to_owned(),
    })
}

const SIX: [&str; 6] = [
    "handedOff",
    "handoffReason",
    "handoffSummary",
    "handoffSentiment",
    "handoffLanguage",
    "handoffTimestamp",
];

/// The members of an object without the handoff attributes: names and values byte for byte in their order, with
/// repetitions.
fn others(text: &str) -> Vec<(String, String)> {
    let document = Document::parse(text).expect("attributes are JSON");
    let members = document
        .root()
        .children()
        .map(|member| (member.name().into_owned(), member.raw().to_owned()));
    members.filter(|(name, _)| !SIX.contains(&name.as_str())).collect()
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_and_a_value_is_found_where_it_stands(
        text in prop_oneof![json(), "\\PC{0,40}", "[\\[\\]{}\":,0-9a-z\\\\ ]{0,30}"],
    ) {
        let is_json = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
        match Document::parse(&text) {
            Ok(document) => {
                prop_assert!(is_json);
                prop_assert_eq!(document.root().raw(), text.trim_matches([' ', '\t', '\n', '\r']));
                for child in document.root().children() {
                    let alone = Document::parse(child.raw()).map(|child| child.root().compact());
                    prop_assert_eq!(alone, Ok(child.compact()));
                }
            }
            Err(_) => prop_assert!(!is_json),
        }
    }

    #[test]
    fn compact_text_is_the_same_value(text in json()) {
        let compact = Document::parse(&text).unwrap().root().compact();
        let again = Document::parse(&compact).unwrap().root().compact();
        prop_assert_eq!(&again, &compact);
        // If serde_json can hold the value at all, both texts give the same value.
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            prop_assert_eq!(serde_json::from_str::<Value>(&compact).unwrap(), value);
        }
    }

    #[test]
    fn flattening_gives_only_strings_numbers_and_booleans(text in object()) {
        let data = flatten(&Attributes::parse(&text).unwrap()).unwrap().to_json();
        let document = Document::parse(&data).unwrap();
        for member in document.root().children() {
            prop_assert!(member.name().starts_with("flex_"), "{}", data);
            let first = member.raw().as_bytes()[0];
            prop_assert!(matches!(first, b'"' | b'-' | b'0'..=b'9' | b't' | b'f'), "{}", data);
        }
        prop_assert_eq!(document.root().members().len(), document.root().children().count());
    }

    #[test]
    fn a_merge_leaves_every_other_attribute_alone(text in object(), six in six()) {
        let merged = six.merge_into(&Attributes::parse(&text).unwrap(), &[]).unwrap();
        prop_assert_eq!(others(&merged), others(&text));
        let attributes = Attributes::parse(&merged).unwrap();
        prop_assert!(HandoffAttributes::read(&attributes).unwrap().say(&six.details, &attributes));
    }

    #[test]
    fn merging_twice_is_merging_once(text in object(), six in six()) {
        let once = six.merge_into(&Attributes::parse(&text).unwrap(), &[]).unwrap();
        let twice = six.merge_into(&Attributes::parse(&once).unwrap(), &[]).unwrap();
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn a_merge_fits_within_the_limit_and_is_json(filler in 0_usize..4500, six in six()) {
        let text = format!("{{\"filler\":\"{}\"}}", "é".repeat(filler));
        match six.merge_into(&Attributes::parse(&text).unwrap(), &[]) {
            Ok(merged) => {
                prop_assert!(units(&merged) <= MAX_UNITS);
                prop_assert!(serde_json::from_str::<Value>(&merged).is_ok());
            }
            Err(_) => prop_assert!(filler > 3800),
        }
    }

    #[test]
    fn note_fits_within_a_message(details in details(), template in "(\\PC|\\{summary\\}|\\{reason\\}){0,40}") {
        let note = note::text(&template, &details);
        prop_assert!(units(&note) <= note::MAX_UNITS);
    }

    #[test]
    fn six_are_taken_back_byte_for_byte(text in object(), six in six()) {
        let before = Attributes::parse(&text).unwrap();
        let merged = six.merge_into(&before, &[]).unwrap();
        let taken_back = HandoffAttributes::take_back(&Attributes::parse(&merged).unwrap(), &before);
        prop_assert_eq!(taken_back, text);
    }

    #[test]
    fn no_session_id_leaves_its_place_in_the_path(id in prop_oneof!["\\PC{0,12}", "[./%2eE\\\\@:?#{}\t\n]{0,8}"]) {
        let url = SessionUrl::parse("https://a.example/chat/{session_id}/x?id={session_id}").unwrap();
        if let Some(filled) = url.fill(|_| Some(id.clone())) {
            prop_assert_eq!(&filled[..url::Position::BeforePath], "https://a.example");
            let segments: Vec<&str> = filled.path_segments().unwrap().collect();
            prop_assert_eq!((segments.len(), segments[0], segments[2]), (3, "chat", "x"));
            prop_assert_eq!(filled.query_pairs().collect::<Vec<_>>(), [("id".into(), id.as_str().into())]);
            prop_assert_eq!(filled.fragment(), None);
        }
    }
}
