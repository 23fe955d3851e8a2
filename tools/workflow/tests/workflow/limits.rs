//! Input made to exhaust the stack or take too long.

use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use workflow::{Expression, OrderBy, Scope, Workflow};

use crate::scene::{Scene, task};

/// The stack's size in bytes. The texts are twice as long, so a call for each byte would not fit.
const STACK: usize = 1 << 16;
const LENGTH: usize = 2 * STACK;

fn with_a_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK).spawn(run);
    thread.expect("a thread").join().expect("no panic");
}

/// Repeats the piece to a long text.
fn many(piece: &str) -> String {
    piece.repeat(LENGTH / piece.len())
}

fn use_in_every_way(expression: &Expression) {
    // Not `assert_eq`, which would print the whole expression.
    let printed = expression.to_string();
    assert!(
        printed
            .parse::<Expression>()
            .is_ok_and(|read| read == expression.clone())
    );
    assert!(format!("{expression:?}").len() > printed.len() / 2);
    let evaluation = expression.evaluate(&Scope::Task(&Value::Null));
    assert!(evaluation.clone() == evaluation);
    assert!(evaluation.to_string().len() >= printed.len());
}

#[test]
fn no_expression_is_too_deep_or_too_long() {
    with_a_small_stack(|| {
        let depth = LENGTH / 16;
        let close = ")".repeat(depth);
        let expressions = [
            format!("{}1 == 1{close}", "(".repeat(depth)),
            format!("{}1 == 1{close}", "NOT (".repeat(depth)),
            format!("{}1 == 1", many("NOT ")),
            format!("{}1 == 1 OR 1 == 0{close}", "1 == 1 AND (".repeat(depth)),
            format!("1 == 1{}", " OR 1 == 1".repeat(depth)),
            format!("{}a == 1{}", "(".repeat(depth), " AND b == 1 OR c == 2)".repeat(depth)),
            format!("a{} == 1", many(".b[0]")),
            format!("a IN [{}1]", many("1,")),
            format!("a == '{}'", many("(")),
        ];
        for text in expressions {
            match text.parse() {
                Ok(expression) => use_in_every_way(&expression),
                Err(error) => panic!("{error}"),
            }
        }
    });
}

#[test]
fn an_error_in_a_long_text_is_short() {
    with_a_small_stack(|| {
        let pieces = [
            "(",
            ")",
            "[",
            "]",
            "NOT ",
            "NOT (",
            "a == 1 AND (",
            "'",
            "a.",
            "a[",
            "-",
            "1",
            "é",
            "a IN [",
            "\n(",
        ];
        for text in pieces.map(many) {
            let error = text.parse::<Expression>().expect_err("no expression").to_string();
            assert!(error.len() < 600, "{error}");
            let order = text.parse::<OrderBy>().map_err(|error| error.to_string().len());
            assert!(order.is_ok() || order.is_err_and(|length| length < 600));
            let json = json!({"filters": [{"expression": text}]}).to_string();
            let error = json.parse::<Workflow>().expect_err("no workflow").to_string();
            assert!(error.len() < 700, "{error}");
        }
    });
}

#[test]
fn no_json_is_too_deep() {
    with_a_small_stack(|| {
        let (open, close) = (many("["), many("]"));
        let objects = format!("{}1{}", many("{\"a\":"), "}".repeat(LENGTH / 5));
        for deep in [format!("{open}{close}"), objects] {
            let passed_over = format!(r#"{{"comment": {deep}, "filters": [{{"note": {deep}, "targets": []}}]}}"#);
            assert_eq!(
                passed_over.parse::<Workflow>().map(|workflow| workflow.filters.len()),
                Ok(1)
            );
            for member in ["task_routing", "filters", "default_filter"] {
                for json in [
                    format!(r#"{{"{member}": {deep}}}"#),
                    format!(r#"{{"{member}": [{deep}]}}"#),
                ] {
                    let error = json.parse::<Workflow>().map_err(|error| error.to_string().len());
                    assert!(error.is_ok() || error.is_err_and(|length| length < 600));
                }
            }
            for member in ["queue", "expression", "priority", "order_by"] {
                let json = format!(r#"{{"filters": [{{"targets": [{{"{member}": {deep}}}]}}]}}"#);
                let error = json.parse::<Workflow>().expect_err("no workflow").to_string();
                assert!(error.len() < 600, "{error}");
            }
        }
        for open in ["[", "{\"a\":", "{\"filters\":[", "\"\\u00"].map(many) {
            let error = open.parse::<Workflow>().expect_err("not JSON");
            assert_eq!(error.pointer, None);
            assert!(error.to_string().len() < 600, "{error}");
        }
    });
}

/// Compares one long input with sixteen inputs of a sixteenth of the length. Both take the same time if time grows
/// evenly. If time grows with the square, the long input takes sixteen times as long. Other programs mostly disturb
/// both alike, so the comparison is repeated.
fn assert_grows_evenly(name: &str, run: impl Fn(usize)) {
    let time = |times, length| {
        let start = Instant::now();
        (0..times).for_each(|_| run(length));
        start.elapsed()
    };
    let (mut short, mut long) = (Duration::MAX, Duration::MAX);
    for _ in 0..20 {
        short = short.min(time(16, 1 << 8));
        long = long.min(time(1, 1 << 12));
        if long < short * 8 {
            return;
        }
    }
    panic!("{name}: {short:?} for the short ones, {long:?} for the long one");
}

#[test]
fn time_grows_with_the_input_and_no_faster() {
    let parse = |text: String| black_box(text.parse::<Expression>()).ok();
    assert_grows_evenly("a long expression", |n| {
        drop(parse(format!("1 == 1{}", " OR a == 'b'".repeat(n))))
    });
    assert_grows_evenly("a deep expression", |n| {
        drop(parse(format!(
            "{}1 == 1{}",
            "1 == 1 AND NOT (".repeat(n),
            ")".repeat(n)
        )));
    });
    assert_grows_evenly("a long array", |n| {
        drop(parse(format!("a IN [{}1]", "'b', ".repeat(n))))
    });
    assert_grows_evenly("a long name", |n| drop(parse(format!("a{} == 1", ".b".repeat(n)))));
    assert_grows_evenly("an error", |n| {
        drop(parse(format!("1 == 1{} OR", "\nOR a == 'b'".repeat(n))))
    });
    assert_grows_evenly("an order", |n| {
        drop(black_box(format!("a{}", ", b DESC".repeat(n)).parse::<OrderBy>()))
    });

    let attributes = json!({"a": "b"});
    assert_grows_evenly("evaluating and telling", |n| {
        let expression = parse(format!("1 == 1{}", " OR a == 'b' AND NOT a HAS 'b'".repeat(n)));
        let evaluation = expression.map(|expression| expression.evaluate(&Scope::Task(&attributes)));
        black_box(evaluation.map(|evaluation| evaluation.to_string()));
    });
    let scene = Scene::new(&["a"]);
    assert_grows_evenly("a workflow and a route through it", |n| {
        let filters = vec![json!({"expression": "x == 1", "targets": [{"queue": "WQa"}, {}]}); n];
        let workflow = crate::scene::workflow(json!(filters), json!({"queue": "WQa"}));
        let route = workflow.enter(&task(json!({})), scene.workspace());
        black_box(route.to_string());
    });
    assert_grows_evenly("a workflow's last error", |n| {
        let mut filters = vec![json!({"expression": "a == \"é\""}); n];
        filters.push(json!({"expression": format!("{}(", "'é' == \"\n\" OR ".repeat(n))}));
        black_box(json!({"filters": filters}).to_string().parse::<Workflow>()).expect_err("no workflow");
    });
}
