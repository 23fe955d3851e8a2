//! A search for task attributes that match some expressions and not others.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::expression::{Candidate, Expression, Path, Segment};
use crate::scope::Scope;

/// The search is given up after this many changes.
const MAX_STEPS: usize = 100;

/// Attributes of a task that match every expression in `holding` and none in `failing`, as close to `base` as the
/// search comes. The attributes named in `fixed` stay as in `base`, missing ones included.
///
/// Returns none if the search finds no such attributes. The search tries values next to those in the comparisons. A
/// failed search nearly always means that no such attributes exist, unless the expressions compare names with names.
///
/// ```
/// use serde_json::json;
///
/// let web = "channelType == 'web'".parse::<workflow::Expression>()?;
/// let handed_off = "handedOff == true".parse::<workflow::Expression>()?;
/// let base = json!({"name": "Ana"});
/// let task = workflow::example(&base, &[], &[&web], &[&handed_off]);
/// assert_eq!(task, Some(json!({"name": "Ana", "channelType": "web"})));
/// assert_eq!(workflow::example(&base, &["channelType"], &[&web], &[]), None);
/// # Ok::<(), workflow::ParseError>(())
/// ```
pub fn example(base: &Value, fixed: &[&str], holding: &[&Expression], failing: &[&Expression]) -> Option<Value> {
    let holding: Vec<Wanted<'_>> = holding
        .iter()
        .map(|expression| Wanted::new(expression, true, fixed))
        .collect();
    let found = search(base, holding.clone())?;
    let scope = Scope::Task(&found);
    if failing.iter().all(|expression| expression.distance(&scope, false) == 0) {
        return Some(found);
    }
    // Few of the tasks tried with hundreds of filters come this far.
    let failing = failing.iter().map(|expression| Wanted::new(expression, false, fixed));
    search(base, holding.into_iter().chain(failing).collect())
}

/// Changes a single attribute at a time, the most helpful first. Never visits the same attributes twice.
fn search(base: &Value, mut wanted: Vec<Wanted<'_>>) -> Option<Value> {
    unite_arrays(&mut wanted);
    let mut attributes = base.clone();
    let mut seen = HashSet::from([attributes.to_string()]);
    for _ in 0..MAX_STEPS {
        let Some(broken) = wanted.iter().find(|wanted| wanted.distance(&attributes) > 0) else {
            return Some(attributes);
        };
        let changed = broken.candidates.iter().filter_map(|(path, value)| {
            let changed = with(&attributes, path, value.as_ref())?;
            let touched = wanted.iter().filter(|wanted| wanted.names(path));
            let distance: usize = touched.map(|wanted| wanted.distance(&changed)).sum();
            (!seen.contains(&changed.to_string())).then_some((distance, changed))
        });
        (_, attributes) = changed.min_by_key(|(distance, _)| *distance)?;
        seen.insert(attributes.to_string());
    }
    None
}

/// An expression and its wanted result.
#[derive(Clone)]
struct Wanted<'e> {
    expression: &'e Expression,
    holds: bool,
    candidates: Vec<Candidate>,
}

impl<'e> Wanted<'e> {
    fn new(expression: &'e Expression, holds: bool, fixed: &[&str]) -> Self {
        let mut candidates = expression.candidates();
        candidates.retain(|(path, _)| path.first().is_some_and(|name| !fixed.contains(&name)));
        Self {
            expression,
            holds,
            candidates,
        }
    }

    /// The number of comparisons that still have the wrong result.
    fn distance(&self, attributes: &Value) -> usize {
        self.expression.distance(&Scope::Task(attributes), self.holds)
    }

    fn names(&self, path: &Path) -> bool {
        self.candidates.iter().any(|(own, _)| own.first() == path.first())
    }
}

/// Joins arrays: `skills HAS 'a' AND skills HAS 'b'` needs an array with both.
fn unite_arrays(wanted: &mut [Wanted<'_>]) {
    let arrays = wanted.iter().flat_map(|wanted| &wanted.candidates);
    let mut united: Vec<(Path, Vec<Value>)> = Vec::new();
    for (path, value) in arrays {
        let Some(Value::Array(elements)) = value else {
            continue;
        };
        match united.iter_mut().find(|(own, _)| own == path) {
            Some((_, all)) => all.extend(
                elements
                    .iter()
                    .filter(|it| !all.contains(it))
                    .cloned()
                    .collect::<Vec<_>>(),
            ),
            None => united.push((path.clone(), elements.clone())),
        }
    }
    united.retain(|(_, all)| all.len() > 1);
    for wanted in wanted {
        for (path, all) in &united {
            let candidate = (path.clone(), Some(Value::from(all.clone())));
            if wanted.names(path) && !wanted.candidates.contains(&candidate) {
                wanted.candidates.push(candidate);
            }
        }
    }
}

/// The attributes after setting or removing the value at a path. None if the path leads through an array that is too
/// short.
fn with(attributes: &Value, path: &Path, value: Option<&Value>) -> Option<Value> {
    let mut changed = attributes.clone();
    let (last, parents) = path.segments().split_last()?;
    let mut place = &mut changed;
    for segment in parents {
        place = member(place, segment)?;
    }
    match (last, value) {
        (Segment::Name(name), None) => {
            place.as_object_mut()?.remove(name);
        }
        (_, value) => *member(place, last)? = value.cloned().unwrap_or_default(),
    }
    Some(changed)
}

/// The member or element at a segment. Added if missing.
fn member<'v>(parent: &'v mut Value, segment: &Segment) -> Option<&'v mut Value> {
    match segment {
        Segment::Name(name) => {
            if !parent.is_object() {
                *parent = Value::Object(Map::new());
            }
            Some(parent.as_object_mut()?.entry(name).or_insert(Value::Null))
        }
        Segment::Index(index) => {
            if !parent.is_array() {
                *parent = Value::Array(Vec::new());
            }
            let elements = parent.as_array_mut()?;
            if elements.len() == *index {
                elements.push(Value::Null);
            }
            elements.get_mut(*index)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn find(base: Value, fixed: &[&str], holding: &[&str], failing: &[&str]) -> Option<Value> {
        let parse = |texts: &[&str]| -> Vec<Expression> { texts.iter().map(|text| text.parse().unwrap()).collect() };
        let (holding, failing) = (parse(holding), parse(failing));
        let found = example(
            &base,
            fixed,
            &holding.iter().collect::<Vec<_>>(),
            &failing.iter().collect::<Vec<_>>(),
        );
        if let Some(task) = &found {
            let holds = |expression: &Expression| expression.evaluate(&Scope::Task(task)).holds;
            assert!(holding.iter().all(holds) && !failing.iter().any(holds), "{task}");
        }
        found
    }

    #[test]
    fn attributes_are_found_for_expressions_of_every_operator() {
        for expression in [
            "a == 'x'",
            "a != null",
            "a != 'x'",
            "a.b[0].c == 7",
            "7 < a AND a < 9",
            "a >= 7.5",
            "a CONTAINS 'needle'",
            "a HAS 'x' AND a HAS 'y' AND b == true",
            "a IN ['x', 'y'] AND NOT a == 'x'",
            "a NOT IN ['x', 'y']",
            "'x' IN a",
            "(a == 1 OR b == 2) AND NOT (a == 1 AND b == 2) AND c == a",
            "a == 1 AND b == 2 AND c == 3 AND d == 4 AND (e == 5 OR f == 6) AND g != null",
        ] {
            assert!(find(json!({}), &[], &[expression], &[]).is_some(), "{expression}");
        }
    }

    #[test]
    fn an_example_misses_the_expressions_above() {
        let above = ["a == 1", "b != 'x'", "c HAS 'y'"];
        let expected = json!({"a": 2, "b": "x", "c": []});
        let base = json!({"a": 1, "c": ["y"]});
        assert_eq!(find(base, &[], &["a > 0"], &above), Some(expected));
    }

    #[test]
    fn there_is_no_example_of_a_contradiction() {
        for (holding, failing) in [
            (vec!["a == 1", "a == 2"], vec![]),
            (vec!["a == 1 AND b == 2"], vec!["a == 1"]),
            (vec!["1 == 2"], vec![]),
            (vec!["a == 1"], vec!["1 == 1"]),
        ] {
            assert_eq!(find(json!({}), &[], &holding, &failing), None, "{holding:?}");
        }
    }

    #[test]
    fn fixed_attributes_stay_as_they_are() {
        let base = json!({"handedOff": true});
        assert_eq!(find(base.clone(), &["handedOff"], &["handedOff != true"], &[]), None);
        let expected = json!({"handedOff": true, "team": "x"});
        assert_eq!(
            find(base, &["handedOff"], &["handedOff == true AND team == 'x'"], &[]),
            Some(expected)
        );
    }
}
