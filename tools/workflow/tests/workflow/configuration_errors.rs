//! The errors of a configuration and their positions in the JSON.

use workflow::{ConfigurationError, Workflow};

fn error_of(json: &str) -> ConfigurationError {
    match json.parse::<Workflow>() {
        Ok(workflow) => panic!("{json} is read as {workflow:?}"),
        Err(error) => error,
    }
}

/// Asserts the error of a text in which ‸ marks the error's position.
#[track_caller]
fn assert_error(marked: &str, pointer: impl Into<Option<&'static str>>, message: &str) {
    let (before, after) = marked.split_once('‸').expect("a mark");
    let error = error_of(&format!("{before}{after}"));
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    assert_eq!(
        (error.pointer.as_deref(), error.position.line, error.position.column),
        (pointer.into(), line, column),
        "{marked}: {error}"
    );
    assert_eq!(error.message, message, "{marked}");
}

#[test]
fn a_member_that_is_not_what_it_has_to_be_is_named_by_its_pointer() {
    assert_error("‸[]", "", "expected an object, found an array");
    assert_error(" \n ‸true ", "", "expected an object, found true");
    assert_error(
        r#"{"task_routing": ‸1}"#,
        "/task_routing",
        "expected an object, found 1",
    );
    assert_error(r#"{"filters": ‸{}}"#, "/filters", "expected an array, found an object");
    assert_error(
        "{\"filters\": [{},\n\t‸\"é\"]}",
        "/filters/1",
        "expected an object, found \"é\"",
    );
    assert_error(
        r#"{"filters": [{"expression": ‸true}]}"#,
        "/filters/0/expression",
        "expected a string, found true",
    );
    assert_error(
        r#"{"task_routing": {"filters": [{"targets": [‸{"priority": 1}]}]}}"#,
        "/task_routing/filters/0/targets/0",
        "expected a queue's SID as \"queue\", found none",
    );
    assert_error(
        r#"{"default_filter": {"queue": ‸""}}"#,
        "/default_filter/queue",
        "expected a queue's SID, found \"\"",
    );
    assert_error(
        r#"{"default_filter": {"queue": "WQ1", "priority": ‸"high"}}"#,
        "/default_filter/priority",
        "expected a whole number, found \"high\"",
    );
    assert_error(
        r#"{"filters": [{"targets": [{"queue": "WQ1"}, {"timeout": ‸0}]}]}"#,
        "/filters/0/targets/1/timeout",
        "expected a positive number of seconds, found 0",
    );
    assert_error(
        r#"{"filters": [{"targets": [{"queue": "WQ1", "timeout": ‸"-3"}]}]}"#,
        "/filters/0/targets/0/timeout",
        "expected a positive number of seconds, found \"-3\"",
    );
    assert_error(
        r#"{"filters": [{"targets": [{"queue": "WQ1", "timeout": ‸1.5}]}]}"#,
        "/filters/0/targets/0/timeout",
        "expected a whole number, found 1.5",
    );
}

#[test]
fn an_error_in_an_expression_has_its_place_in_the_json_whatever_escapes_come_before_it() {
    const NAME: &str = "expected a name, such as task.worker_sid, found `'WK1'`";
    const OPERAND: &str = "expected a name, a string, a number, true, false, null or an array, found ";
    let in_expression = |literal: &str, message: &str| {
        let json = format!("{{\"filters\": [\n  {{\"targets\": [], \"expression\": \"{literal}\"}}\n]}}");
        assert_error(&json, "/filters/0/expression", message);
    };
    in_expression("a == ‸)", &format!("{OPERAND}`)`"));
    in_expression("a == ‸", &format!("{OPERAND}the end"));
    in_expression(
        r#"a == \"b\" OR c == ‸\"d"#,
        "expected a closing \" for the string that begins here, found none",
    );
    in_expression(r"a == \u0027b\u0027 OR\n c == ‸)", &format!("{OPERAND}`)`"));
    in_expression(
        r"a == '\u00e9\uD83D\uDE42\t\\ é🙂' OR c == ‸\u0029",
        &format!("{OPERAND}`)`"),
    );
    assert_error(
        r#"{"filters": [{"targets": [{"queue": "WQ1", "known_worker_sid": "‸'WK1'"}]}]}"#,
        "/filters/0/targets/0/known_worker_sid",
        NAME,
    );
    assert_error(
        r#"{"filters": [{"targets": [{"queue": "WQ1", "order_by": "worker.level ‸UP"}]}]}"#,
        "/filters/0/targets/0/order_by",
        "expected ASC, DESC, `,` or the end, found `UP`",
    );
}

#[test]
fn text_that_is_not_json_has_no_pointer() {
    assert_error("‸", None, "not JSON: EOF while parsing a value");
    assert_error("{\n  \"é\": {‸,}\n}", None, "not JSON: key must be a string");
    assert_error("{\"filters\": [{}‸", None, "not JSON: EOF while parsing a list");
    assert_error("{\"filters\": [‸}", None, "not JSON: expected value");
    assert_error("{} ‸{}", None, "not JSON: trailing characters");
    assert_error("{\"a\":‸\n\n", None, "not JSON: EOF while parsing a value");
}

#[test]
fn half_a_surrogate_pair_is_found_where_it_is_read() {
    let json = r#"{"comment": "\ud800", "filters": [{"filter_friendly_name": "\ud800"}]}"#;
    let error = error_of(json);
    assert_eq!(error.pointer.as_deref(), Some("/filters/0/filter_friendly_name"));
    assert!(error.message.starts_with("not JSON: "), "{error}");
}

#[test]
fn an_error_shows_what_stands_around_the_place() {
    let name = "x".repeat(200);
    let json = format!(
        r#"{{"filters":[{{"expression":"vip == \"y\" OR","filter_friendly_name":"{name}"}},{{"filter_friendly_name":"{name}"}}]}}"#
    );
    assert_eq!(
        error_of(&json).to_string(),
        format!(
            "line 1, column 43, in /filters/0/expression: expected a name, a string, a number, true, false, null, an \
             array or `(`, found the end\n  \
             {{\"filters\":[{{\"expression\":\"vip == \\\"y\\\" OR\",\"filter_friendly_name\":\"{}…\n  {}^",
            "x".repeat(14),
            " ".repeat(42)
        )
    );
}

#[test]
fn document_without_routing_is_refused() {
    let neither = "expected \"filters\" or \"default_filter\", found neither";
    assert_error("‸{}", "", neither);
    assert_error(r#"{"task_routing": ‸{"comment": "later"}}"#, "/task_routing", neither);
    // TaskRouter's answer for a workflow has the configuration as a string.
    assert_error(
        r#"‸{"sid": "WW1", "configuration": "{\"task_routing\": {\"filters\": []}}"}"#,
        "",
        neither,
    );
}

#[test]
fn known_name_in_another_spelling_is_refused() {
    for (marked, pointer, message) in [
        (
            r#"{"taskRouting": ‸{"filters": []}}"#,
            "/taskRouting",
            "\"taskRouting\" is unknown here, \"task_routing\" may be meant",
        ),
        (
            r#"{"task_routing": {"filter": ‸[], "default_filter": {"queue": "WQ1"}}}"#,
            "/task_routing/filter",
            "\"filter\" is unknown here, \"filters\" may be meant",
        ),
        (
            r#"{"filters": [], "defaultFilter": ‸{"queue": "WQ1"}}"#,
            "/defaultFilter",
            "\"defaultFilter\" is unknown here, \"default_filter\" may be meant",
        ),
        (
            r#"{"filters": [{"expression": "1==1", "target": ‸[{"queue": "WQ1"}]}]}"#,
            "/filters/0/target",
            "\"target\" is unknown here, \"targets\" may be meant",
        ),
        (
            r#"{"filters": [{"targets": [{"queue": "WQ1", "skipIf": ‸"1==1"}]}]}"#,
            "/filters/0/targets/0/skipIf",
            "\"skipIf\" is unknown here, \"skip_if\" may be meant",
        ),
    ] {
        assert_error(marked, pointer, message);
    }
}
