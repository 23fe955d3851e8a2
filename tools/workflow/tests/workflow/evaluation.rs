//! The value of an expression for a task.

use serde_json::{Value, json};
use workflow::{Expression, Scope};

fn attributes() -> Value {
    json!({
        "handedOff": true,
        "type": "ticket",
        "tier": "Gold",
        "score": 5,
        "rating": 5.1,
        "digits": "415",
        "nothing": null,
        "languages": ["en", "es"],
        "levels": [1, 2.0, true, null],
        "object": {"array": ["a", "b", "c"], "attr": "bar"},
        "people": [{"name": "Ana", "skills": ["tax"]}],
        "account": 9007199254740993_u64,
        "under_score": {"$": "dollar"}
    })
}

#[track_caller]
fn assert_holds(table: &[(&str, bool)]) {
    for (text, holds) in table {
        let expression: Expression = text.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(expression.evaluate(&Scope::Task(&attributes())).holds, *holds, "{text}");
    }
}

#[test]
fn equality_is_of_one_type() {
    assert_holds(&[
        ("handedOff == true", true),
        ("handedOff == 'true'", false),
        ("handedOff != 'true'", true),
        ("handedOff == 1", false),
        ("handedOff == True", false),
        ("score == 5", true),
        ("score == 5.0", true),
        ("score == '5'", false),
        ("digits == 415", false),
        ("rating == 5.10", true),
        ("tier == 'Gold'", true),
        ("tier == 'gold'", false),
        ("\"apple\" != \"orange\"", true),
        ("account == 9007199254740993", true),
        ("account == 9007199254740992", false),
        ("0 == -0 AND 0.0 == -0.0", true),
    ]);
}

#[test]
fn order_is_of_two_numbers_or_two_strings() {
    assert_holds(&[
        ("score > 4", true),
        ("score > 5", false),
        ("score >= 5", true),
        ("score < rating", true),
        ("score <= 4.9", false),
        ("5 < score", false),
        ("tier > 'A'", true),
        ("tier < 'A'", false),
        ("score > '4'", false),
        ("score < '6'", false),
        ("handedOff >= true", false),
        ("missing < 1", false),
        ("missing >= 0", false),
        ("nothing <= null", false),
    ]);
}

#[test]
fn contains_is_of_two_strings() {
    assert_holds(&[
        ("tier CONTAINS 'ol'", true),
        ("tier CONTAINS ''", true),
        ("tier CONTAINS 'OL'", false),
        ("'Gold and silver' CONTAINS tier", true),
        ("digits CONTAINS 1", false),
        ("score CONTAINS 5", false),
        ("missing CONTAINS 'a'", false),
        ("languages CONTAINS 'en'", false),
    ]);
}

#[test]
fn array_operators_want_an_array_on_their_side() {
    assert_holds(&[
        ("languages HAS 'en'", true),
        ("languages HAS 'fr'", false),
        ("languages HAS 'e'", false),
        ("tier HAS 'Gold'", false),
        ("missing HAS 'en'", false),
        ("'en' HAS languages", false),
        ("languages HAS languages", false),
        ("levels HAS 2", true),
        ("levels HAS '1'", false),
        ("'es' IN languages", true),
        ("tier IN ['Gold', 'Silver']", true),
        ("tier IN ['gold']", false),
        ("tier IN 'Gold'", false),
        ("languages IN ['en', 'es']", false),
        ("tier IN []", false),
        ("missing IN ['Gold']", false),
        ("missing IN [null]", true),
        ("tier NOT IN ['Silver']", true),
        ("tier NOT IN ['Gold']", false),
        ("tier NOT IN []", true),
        // With two scalars even NOT IN is false.
        ("tier NOT IN 'Silver'", false),
        ("tier NOT IN missing", false),
        ("languages NOT IN ['fr']", false),
        ("missing NOT IN ['Gold']", true),
    ]);
}

#[test]
fn scalar_operators_on_arrays_and_objects_are_false() {
    assert_holds(&[
        ("languages == 'en'", false),
        ("languages != 'en'", false),
        ("languages == languages", false),
        ("languages != languages", false),
        ("languages > 1", false),
        ("object == 'bar'", false),
        ("object != 'bar'", false),
    ]);
}

#[test]
fn a_missing_name_is_null_and_null_asks_whether_there_is_anything() {
    assert_holds(&[
        ("missing == null", true),
        ("missing != null", false),
        ("nothing == null", true),
        ("missing == nothing", true),
        ("missing != true", true),
        ("missing == false", false),
        ("missing == ''", false),
        ("missing == 0", false),
        ("missing == 'null'", false),
        ("tier != null", true),
        ("languages != null", true),
        ("languages == null", false),
        ("object != null", true),
        ("type.length == null", true),
        // Documented as a name of null. Here a missing name, which is null too.
        ("missing == NULL", true),
    ]);
}

#[test]
fn paths_lead_into_objects_and_arrays() {
    assert_holds(&[
        ("object.attr == 'bar'", true),
        ("object.array[2] == 'c'", true),
        ("object.array[3] == null", true),
        ("object.array HAS 'b'", true),
        ("people[0].name == 'Ana'", true),
        ("people[0].skills HAS 'tax'", true),
        ("people.name == null", true),
        ("object[0] == null", true),
        ("Type == null", true),
        ("under_score.$ == 'dollar'", true),
    ]);
}

#[test]
fn and_binds_tighter_than_or() {
    assert_holds(&[
        ("1 == 1 OR 1 == 1 AND 1 == 0", true),
        ("(1 == 1 OR 1 == 1) AND 1 == 0", false),
        ("1 == 0 AND 1 == 1 OR 1 == 1", true),
        ("1 == 0 AND (1 == 1 OR 1 == 1)", false),
        ("1 == 0 OR 1 == 0 AND 1 == 1 OR 1 == 0", false),
    ]);
}

#[test]
fn not_turns_what_follows_it_around_and_no_more() {
    assert_holds(&[
        ("NOT 1 == 0 AND 1 == 1", true),
        ("NOT 1 == 1 OR 1 == 1", true),
        ("NOT (1 == 1 OR 1 == 1)", false),
        ("NOT NOT 1 == 1", true),
        ("1 == 1 AND NOT (NOT (1 == 1) AND 1 == 1)", true),
        ("NOT languages HAS 'fr'", true),
        // NOT IN needs an array as IN does, but the NOT before a comparison doesn't.
        ("NOT 'fr' IN missing", true),
        ("'fr' NOT IN missing", false),
    ]);
}

#[test]
fn an_evaluation_tells_each_comparison_with_the_values_of_its_names() {
    let text = "(handedOff == 'true' OR task.type == 'ticket') AND languages CONTAINS 'en' AND 'en' IN languages";
    let expression: Expression = text.parse().unwrap();
    assert_eq!(
        expression.evaluate(&Scope::Task(&attributes())).to_string(),
        "(handedOff == 'true' OR task.type == 'ticket') AND languages CONTAINS 'en' AND 'en' IN languages is false
  ✗ handedOff == 'true' (handedOff is true; values of different types are never equal)
  ✗ task.type == 'ticket' (task.type is missing, so null: a filter's names are the task's, without a prefix)
  ✗ languages CONTAINS 'en' (languages is [\"en\",\"es\"]; CONTAINS wants a string on both sides)
  ✓ 'en' IN languages (languages is [\"en\",\"es\"])"
    );
}

#[test]
fn an_evaluation_of_one_comparison_fits_on_a_line() {
    let told = |text: &str| {
        let expression: Expression = text.parse().unwrap();
        expression.evaluate(&Scope::Task(&attributes())).to_string()
    };
    assert_eq!(told("1==1"), "1 == 1 is true");
    assert_eq!(told("(tier == 'Gold')"), "tier == 'Gold' is true (tier is \"Gold\")");
    assert_eq!(
        told("NOT tier == missing"),
        "NOT tier == missing is true\n  ✗ tier == missing (tier is \"Gold\"; missing is missing, so null)"
    );
}
