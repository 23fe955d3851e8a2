//! The syntax of expressions and their printed form.

use workflow::Expression;

#[track_caller]
fn assert_prints(text: &str, printed: &str) {
    let expression: Expression = text.parse().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(expression.to_string(), printed, "{text}");
    assert_eq!(printed.parse(), Ok(expression), "{text}");
}

#[test]
fn each_operator_is_read_and_printed() {
    for operator in ["==", "!=", ">", ">=", "<", "<=", "CONTAINS", "HAS", "IN", "NOT IN"] {
        let text = format!("a {operator} b");
        assert_prints(&text, &text);
    }
}

#[test]
fn the_forms_in_which_people_write_expressions_are_all_read() {
    let forms = [
        // White space of any kind, or none.
        ("1==1", "1 == 1"),
        ("  1\t==\n1 ", "1 == 1"),
        ("channel=='voice'AND(vip==true)", "channel == 'voice' AND vip == true"),
        ("tier IN['gold','silver']", "tier IN ['gold', 'silver']"),
        ("a\u{a0}==\u{2003}b", "a == b"),
        // Word operators in any case, on the same line or several.
        ("worker.routing.skills has \"es\"", "worker.routing.skills HAS 'es'"),
        (
            "worker.activity_name in ['Open', 'Late shift']",
            "worker.activity_name IN ['Open', 'Late shift']",
        ),
        (
            "a Not\n In b and c contains 'd' oR e == 1",
            "a NOT IN b AND c CONTAINS 'd' OR e == 1",
        ),
        // NOT binds tighter than AND, before a comparison or a parenthesis.
        (
            "not a == 1 AND NOT(b HAS 'c') OR NOT NOT d NOT IN e",
            "NOT a == 1 AND NOT b HAS 'c' OR NOT NOT d NOT IN e",
        ),
        (
            "NOT (a == 1 AND b == 2) OR NOT (NOT (c == 3 OR d == 4))",
            "NOT (a == 1 AND b == 2) OR NOT NOT (c == 3 OR d == 4)",
        ),
        // The single `=` of Twilio's own examples.
        ("task.section = worker.section", "task.section == worker.section"),
        // Constants on either side.
        ("\"it's\" != 'a \"b\"'", "\"it's\" != 'a \"b\"'"),
        ("'' == \"\"", "'' == ''"),
        ("'[(AND' == 'ş 日本 🙂'", "'[(AND' == 'ş 日本 🙂'"),
        ("3.141529 >= rating", "3.141529 >= rating"),
        ("a == 1.00 OR a == -2 OR a == 007", "a == 1.0 OR a == -2 OR a == 7"),
        ("a == 18446744073709551615 OR a == 1e.b", ""),
        ("null != preferred", "null != preferred"),
        (
            "a IN [] OR a IN [1, 'b', true, null]",
            "a IN [] OR a IN [1, 'b', true, null]",
        ),
        ("['a', \"b\"] HAS x", "['a', 'b'] HAS x"),
        // Names.
        ("object.array[2] == 'c'", "object.array[2] == 'c'"),
        ("a[0][1].b.c[10] == _x.$y.z9", "a[0][1].b.c[10] == _x.$y.z9"),
        ("straße.名前 == True", "straße.名前 == True"),
        ("in.and.null.true == android", "in.and.null.true == android"),
        ("ORDER == INSIDE", "ORDER == INSIDE"),
    ];
    for (text, printed) in forms {
        match printed {
            "" => assert!(text.parse::<Expression>().is_err(), "{text}"),
            _ => assert_prints(text, printed),
        }
    }
}

#[test]
fn parentheses_are_printed_where_they_matter() {
    let forms = [
        ("((((a == 1))))", "a == 1"),
        ("(a == 1 AND b == 2) OR c == 3", "a == 1 AND b == 2 OR c == 3"),
        ("a == 1 AND (b == 2 OR c == 3)", "a == 1 AND (b == 2 OR c == 3)"),
        ("(a == 1 OR b == 2) AND c == 3", "(a == 1 OR b == 2) AND c == 3"),
        ("(a == 1 AND b == 2) AND c == 3", "a == 1 AND b == 2 AND c == 3"),
        ("a == 1 AND (b == 2 AND c == 3)", "a == 1 AND (b == 2 AND c == 3)"),
        ("a == 1 OR (b == 2 OR c == 3)", "a == 1 OR (b == 2 OR c == 3)"),
        (
            "a == 1 OR (b == 2 AND (c == 3 OR d == 4))",
            "a == 1 OR b == 2 AND (c == 3 OR d == 4)",
        ),
    ];
    for (text, printed) in forms {
        assert_prints(text, printed);
    }
}

/// Texts that are no expressions. ‸ marks the position of the error.
#[test]
fn an_error_says_where_and_what_was_expected() {
    const OPERAND: &str = "a name, a string, a number, true, false, null or an array";
    const OPERAND_OR_GROUP: &str = "a name, a string, a number, true, false, null, an array or `(`";
    const COMPARISON: &str = "one of ==, !=, >, >=, <, <=, CONTAINS, HAS, IN and NOT IN";
    const HYPHEN: &str = "a name without a hyphen, which TaskRouter doesn't support";
    let errors = [
        ("‸", OPERAND_OR_GROUP, "the end"),
        ("  ‸", OPERAND_OR_GROUP, "the end"),
        ("‸AND a == 1", OPERAND_OR_GROUP, "`AND`"),
        ("handedOff‸", COMPARISON, "the end"),
        ("true ‸AND a == 1", COMPARISON, "`AND`"),
        ("a == ‸", OPERAND, "the end"),
        ("a == ‸(b)", OPERAND, "`(`"),
        ("(a‸) == 1", COMPARISON, "`)`"),
        ("a ‸b == 1", COMPARISON, "`b`"),
        ("a NOT ‸HAS b", "IN after NOT", "`HAS`"),
        ("NOT ‸", OPERAND_OR_GROUP, "the end"),
        ("NOT ‸AND a == 1", OPERAND_OR_GROUP, "`AND`"),
        ("NOT ‸IN a", OPERAND_OR_GROUP, "`IN`"),
        ("(NOT (a == 1 ‸NOT b == 2)", "AND, OR, `)` or the end", "`NOT`"),
        ("a == 1 ‸b == 2", "AND, OR, `)` or the end", "`b`"),
        (
            "a == 1 ‸&& b == 2",
            "a name, a constant, an operator, a parenthesis or a bracket",
            "`&`",
        ),
        ("a == 1 AND‸", OPERAND_OR_GROUP, "the end"),
        ("a == 1‸)", "AND, OR or the end", "`)`"),
        ("(a == 1 AND ‸(b == 2 OR c == 3)", "", ""),
        ("‸(a == 1", "a `)` for the `(` that stands here", "none"),
        ("a == ‸'b", "a closing ' for the string that begins here", "none"),
        (
            "a == 1 OR b == ‸\"it's",
            "a closing \" for the string that begins here",
            "none",
        ),
        ("customer‸-value == 'gold'", HYPHEN, "`-`"),
        ("task.customer‸-value == 'gold'", HYPHEN, "`-`"),
        ("a.‸ == 1", "a name after the dot", "` `"),
        ("a.‸1 == 1", "a name after the dot", "`1`"),
        ("a[‸x] == 1", "a digit", "`x`"),
        ("a[1‸ ] == 1", "`]` behind the index", "` `"),
        ("a[‸99999999999999999999] == 1", "an index", "`99999999999999999999`"),
        ("a == 1.‸", "a digit", "the end"),
        ("a == -‸b", "a digit", "`b`"),
        ("a == 1‸e5", "AND, OR, `)` or the end", "`e5`"),
        ("a IN ['b'‸", "`,` or `]`", "the end"),
        ("a IN ['b',‸]", "a string, a number, true, false or null", "`]`"),
        ("a IN [‸task.b]", "a string, a number, true, false or null", "`task.b`"),
        ("a IN [‸['b']]", "a string, a number, true, false or null", "`[`"),
        (
            "a == ‸’b’",
            "a name, a constant, an operator, a parenthesis or a bracket",
            "`’`",
        ),
    ];
    for (marked, expected, found) in errors {
        let (before, after) = marked.split_once('‸').unwrap();
        let error = format!("{before}{after}").parse::<Expression>();
        if expected.is_empty() {
            assert_eq!(error.map_err(|error| error.position.column), Err(1), "{marked}");
            continue;
        }
        let error = error.unwrap_err();
        let column = before.chars().count() + 1;
        assert_eq!(
            (
                error.position.line,
                error.position.column,
                error.expected.as_str(),
                error.found.as_str()
            ),
            (1, column, expected, found),
            "{marked}"
        );
    }
}

#[test]
fn an_error_shows_its_line_with_a_caret_under_the_place() {
    let text = "vip == true OR\n\ttier IN ['gold' 'silver'] AND\nregion == 'é'";
    assert_eq!(
        text.parse::<Expression>().unwrap_err().to_string(),
        "line 2, column 18: expected `,` or `]`, found `'silver'`\n  \
         \ttier IN ['gold' 'silver'] AND\n  \
         \t                ^"
    );
    assert_eq!(
        "'日本' = a b".parse::<Expression>().unwrap_err().to_string(),
        "line 1, column 10: expected AND, OR, `)` or the end, found `b`\n  '日本' = a b\n           ^"
    );
}

#[test]
fn of_a_long_line_an_error_shows_what_stands_around_the_place() {
    let text = format!("{} b '{}'", "a == 1 OR ".repeat(1000), "ü".repeat(1000));
    assert_eq!(
        text.parse::<Expression>().unwrap_err().to_string(),
        format!(
            "line 1, column 10004: expected one of ==, !=, >, >=, <, <=, CONTAINS, HAS, IN and NOT IN, \
             found `'{}…`\n  \
             … == 1 OR {} b '{}…\n   {}^",
            "ü".repeat(39),
            "a == 1 OR ".repeat(6),
            "ü".repeat(39),
            " ".repeat(72)
        )
    );
}
