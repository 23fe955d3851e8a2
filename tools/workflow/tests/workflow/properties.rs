//! Properties of every expression and every text.

use proptest::prelude::*;
use serde_json::{Value, json};
use workflow::{Activity, Expression, OrderBy, Scope, Worker, Workflow};

/// An expression as people write it: any white space, any case, needless parentheses.
fn expression() -> impl Strategy<Value = String> {
    let comparison = (operand(), operator(), operand()).prop_map(|(left, operator, right)| left + &operator + &right);
    comparison.prop_recursive(6, 40, 2, |inner| {
        prop_oneof![
            (inner.clone(), logic(), inner.clone()).prop_map(|(left, logic, right)| left + logic + &right),
            (white_space(), inner.clone()).prop_map(|(space, inner)| format!("{space}({inner}{space})")),
            ("not |NOT\n", inner).prop_map(|(not, inner)| not + &inner),
        ]
    })
}

fn operand() -> impl Strategy<Value = String> {
    let array = prop::collection::vec(scalar(), 0..4).prop_map(|elements| format!("[{}]", elements.join(" ,")));
    prop_oneof![scalar(), path(), array]
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "'[^']{0,5}'",
        "\"[^\"]{0,5}\"",
        "-?[0-9]{1,25}",
        "-?[0-9]{1,40}\\.[0-9]{1,20}",
        prop::sample::select(vec!["true", "false", "null"]).prop_map(str::to_owned),
    ]
}

fn path() -> impl Strategy<Value = String> {
    let known = vec![
        "tier",
        "tags",
        "tags[1]",
        "deep.er",
        "task.tier",
        "worker.sid",
        "worker.channel.chat.assigned_tasks",
    ];
    let any = "[a-zA-Z_$é][a-z0-9_$]{0,4}x(\\.in|\\[[0-9]{1,3}\\]){0,3}";
    prop_oneof![prop::sample::select(known).prop_map(str::to_owned), any]
}

fn operator() -> impl Strategy<Value = String> {
    let signs = prop::sample::select(vec!["==", "=", "!=", ">", ">=", "<", "<="]);
    let words = prop::sample::select(vec![" CONTAINS ", " has ", " In ", " NOT\tIN ", "\nnot in\n"]);
    let signs = (white_space(), signs, white_space()).prop_map(|(before, sign, after)| before + sign + &after);
    prop_oneof![signs, words.prop_map(str::to_owned)]
}

fn logic() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![" AND ", " OR ", "\nand\t", " oR "])
}

fn white_space() -> impl Strategy<Value = String> {
    "[ \t\n\r\u{a0}]{0,2}"
}

/// Text that is nearly an expression or nothing like an expression.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "(", ")", "[", "]", ",", "==", "=", "!", "<", "AND", "or", "NOT", "IN", "has", "a", ".b", "[0]", "-", "1",
        ".5", "'c'", "'", "\"", "true", "null", " ", "\n", "é", "🙂", "DESC",
    ]);
    let pieces = prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat());
    prop_oneof![pieces, "\\PC{0,40}", expression()]
}

fn attributes() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z]{0,3}".prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            inner.prop_map(|inner| json!({ "er": inner })),
        ]
    });
    (value.clone(), value.clone(), value)
        .prop_map(|(tier, tags, deep)| json!({"tier": tier, "tags": tags, "deep": deep}))
}

fn worker(attributes: Value) -> Worker {
    Worker {
        sid: "WK1".to_owned(),
        friendly_name: "Ana".to_owned(),
        attributes,
        activity: Activity {
            sid: "WA1".to_owned(),
            name: "Available".to_owned(),
            available: true,
        },
        channels: [].into(),
        idle: std::time::Duration::ZERO,
    }
}

/// A disjunction of conjunctions of constants. Text without parentheses and its value.
fn ors_of_ands() -> impl Strategy<Value = (String, bool)> {
    let ands = prop::collection::vec(any::<bool>(), 1..5);
    prop::collection::vec(ands, 1..5).prop_map(|ors| {
        let constant = |holds: &bool| if *holds { "1 == 1" } else { "1 == 0" };
        let and = |ands: &Vec<bool>| ands.iter().map(constant).collect::<Vec<_>>().join(" AND ");
        let text = ors.iter().map(and).collect::<Vec<_>>().join(" OR ");
        (text, ors.iter().any(|ands| ands.iter().all(|holds| *holds)))
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_expression(text in expression()) {
        // A generated expression fails to parse only if a number is too large.
        if let Ok(expression) = text.parse::<Expression>() {
            let printed = expression.to_string();
            prop_assert_eq!(printed.parse(), Ok(expression), "{}", printed);
        }
    }

    #[test]
    fn any_text_is_an_expression_or_has_an_error_in_it(text in any_text()) {
        if let Err(error) = text.parse::<Expression>() {
            let line = text.split('\n').nth(error.position.line - 1);
            let characters = line.map(|line| line.chars().count());
            prop_assert!(characters.is_some_and(|characters| error.position.column <= characters + 1), "{error:?}");
            prop_assert!(error.to_string().ends_with('^'), "{error}");
        }
    }

    #[test]
    fn any_text_is_an_order_or_has_an_error_in_it(text in any_text()) {
        if let Ok(order) = text.parse::<OrderBy>() {
            prop_assert_eq!(order.to_string().parse(), Ok(order));
        }
    }

    #[test]
    fn any_text_in_a_workflow_is_read_or_has_its_place_in_the_error(text in any_text()) {
        for member in ["queue", "expression", "priority", "timeout", "order_by", "skip_if", "known_worker_sid"] {
            let mut target = json!({"queue": "WQ1"});
            target[member] = json!(text);
            let json = json!({"filters": [{"targets": [target]}]}).to_string();
            if let Err(error) = json.parse::<Workflow>() {
                prop_assert_eq!(error.pointer, Some(format!("/filters/0/targets/0/{member}")));
                // The position is after the member's name and within the text and its quotes.
                let name = json.find(&format!("\"{member}\":")).unwrap() + member.len() + 3;
                let start = json[..name].chars().count() + 1;
                let end = start + json!(text).to_string().chars().count();
                prop_assert!((start..end).contains(&error.position.column), "{}", error.position);
            }
        }
    }

    #[test]
    fn any_json_is_a_workflow_or_has_an_error_in_it(
        place in any::<prop::sample::Index>(),
        taken in 0..8_usize,
        given in "[\\[\\]{}\",:\\\\u0-9a-f\\n é🙂]{0,6}",
    ) {
        let json = r#"{"task_routing": {
            "filters": [{"expression": "a == \"b\" OR \u00e9 == '\ud83d\ude42'", "targets": [{"queue": "WQ1", "timeout": 3}]}],
            "default_filter": {"queue": "WQ2", "priority": "-1"}
        }}"#;
        let characters: Vec<char> = json.chars().collect();
        let (before, after) = characters.split_at(place.index(characters.len()));
        let after = after.iter().skip(taken);
        let text: String = before.iter().copied().chain(given.chars()).chain(after.copied()).collect();
        if let Err(error) = text.parse::<Workflow>() {
            let line = text.split('\n').nth(error.position.line - 1);
            let characters = line.map(|line| line.chars().count());
            prop_assert!(characters.is_some_and(|characters| error.position.column <= characters + 1), "{error}");
        }
    }

    #[test]
    fn every_expression_has_a_result_everywhere(text in expression(), attributes in attributes()) {
        let Ok(expression) = text.parse::<Expression>() else { return Ok(()) };
        let worker = worker(attributes.clone());
        let headcount = [&worker].into_iter().collect();
        let scopes = [
            Scope::Task(&attributes),
            Scope::Worker(&worker),
            Scope::TaskAndWorker(&attributes, &worker),
            Scope::Workers(&headcount),
        ];
        for scope in scopes {
            let evaluation = expression.evaluate(&scope);
            // Printing changes parentheses but not the meaning.
            let again = evaluation.expression.parse::<Expression>().map(|read| read.evaluate(&scope));
            prop_assert_eq!(again, Ok(evaluation));
        }
    }

    #[test]
    fn an_expression_is_true_just_if_one_of_its_ors_is((text, holds) in ors_of_ands()) {
        let evaluation = text.parse::<Expression>().map(|read| read.evaluate(&Scope::Task(&Value::Null)).holds);
        prop_assert_eq!(evaluation, Ok(holds));
    }

    #[test]
    fn of_each_pair_of_opposites_one_holds_where_values_can_be_compared(left in any::<i32>(), right in any::<f32>()) {
        let attributes = json!({"left": left, "right": right});
        let holds = |text: &str| text.parse::<Expression>().map(|read| read.evaluate(&Scope::Task(&attributes)).holds);
        for [one, other] in [["==", "!="], ["<", ">="], [">", "<="]] {
            let (one, other) = (holds(&format!("left {one} right")), holds(&format!("left {other} right")));
            if right.is_finite() {
                prop_assert_eq!(one, other.map(|other| !other));
            }
        }
    }
}
