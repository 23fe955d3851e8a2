//! Edits of a workflow's JSON that leave every other byte as it is.

use std::ops::Range;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// The filters' place in a configuration.
struct Filters<'t> {
    text: &'t str,
    /// The array, brackets included.
    array: Range<usize>,
    filters: Vec<&'t str>,
}

#[derive(Deserialize)]
struct Document<'t> {
    #[serde(borrow)]
    task_routing: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct Routing<'t> {
    #[serde(borrow)]
    filters: Option<&'t RawValue>,
}

#[derive(Deserialize)]
struct Filter<'t> {
    #[serde(borrow)]
    expression: Option<&'t RawValue>,
}

/// The configuration with a filter moved up before another filter.
pub(super) fn move_filter(configuration: &str, filter: usize, before: usize) -> Option<String> {
    let mut filters = Filters::find(configuration)?;
    if filter >= filters.filters.len() || before > filter {
        return None;
    }
    let moved = filters.filters.remove(filter);
    filters.filters.insert(before, moved);
    Some(filters.with(&filters.filters))
}

/// The configuration with a new filter before another filter or at the end.
pub(super) fn insert_filter(
    configuration: &str,
    before: usize,
    name: &str,
    expression: &str,
    queue: &str,
) -> Option<String> {
    let [name, expression, queue] = [name, expression, queue].map(|text| json!(text).to_string());
    let filter =
        format!(r#"{{"filter_friendly_name":{name},"expression":{expression},"targets":[{{"queue":{queue}}}]}}"#);
    let Some(filters) = Filters::find(configuration) else {
        return with_first_filter(configuration, &filter);
    };
    let mut all = filters.filters.clone();
    all.insert(before.min(all.len()), &filter);
    Some(filters.with(&all))
}

/// The configuration with another expression in a filter.
pub(super) fn replace_expression(configuration: &str, filter: usize, expression: &str) -> Option<String> {
    let filters = Filters::find(configuration)?;
    let filter: Filter<'_> = serde_json::from_str(filters.filters.get(filter)?).ok()?;
    let range = range(configuration, filter.expression?.get());
    Some(spliced(configuration, range, &json!(expression).to_string()))
}

impl<'t> Filters<'t> {
    /// The filters, with or without `task_routing` around them.
    fn find(text: &'t str) -> Option<Self> {
        let document: Document<'t> = serde_json::from_str(text).ok()?;
        let routing = document.task_routing.map_or(text, RawValue::get);
        let routing: Routing<'t> = serde_json::from_str(routing).ok()?;
        let array = routing.filters?.get();
        let filters: Vec<&'t RawValue> = serde_json::from_str(array).ok()?;
        Some(Self {
            text,
            array: range(text, array),
            filters: filters.into_iter().map(RawValue::get).collect(),
        })
    }

    /// The configuration with these filters, in the layout between the first two original filters.
    fn with(&self, filters: &[&str]) -> String {
        let array = &self.text[self.array.clone()];
        let place = |filter: &str| range(self.text, filter);
        let original: Vec<&RawValue> = serde_json::from_str(array).unwrap_or_default();
        let original: Vec<Range<usize>> = original.into_iter().map(|filter| place(filter.get())).collect();
        let (Some(first), Some(last)) = (original.first(), original.last()) else {
            return spliced(self.text, self.array.clone(), &format!("[{}]", filters.join(",")));
        };
        let lead = &self.text[self.array.start..first.start];
        let tail = &self.text[last.end..self.array.end];
        let between = match original.get(1) {
            Some(second) => self.text[first.end..second.start].to_owned(),
            // The line break and indent are those before the first filter.
            None => format!(",{}", &lead[1..]),
        };
        let list = format!("{lead}{}{tail}", filters.join(&between));
        spliced(self.text, self.array.clone(), &list)
    }
}

/// Adds the first filter to a configuration without filters.
fn with_first_filter(configuration: &str, filter: &str) -> Option<String> {
    let document: Document<'_> = serde_json::from_str(configuration).ok()?;
    let object = document.task_routing?.get();
    let start = range(configuration, object).start + 1;
    let is_empty = object[1..].trim_start().starts_with('}');
    let comma = if is_empty { "" } else { "," };
    Some(spliced(
        configuration,
        start..start,
        &format!("\"filters\":[{filter}]{comma}"),
    ))
}

/// The place of a piece of a text.
fn range(text: &str, piece: &str) -> Range<usize> {
    let start = piece.as_ptr().addr() - text.as_ptr().addr();
    start..start + piece.len()
}

fn spliced(text: &str, range: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..range.start], &text[range.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIGURATION: &str = r#"{
  "task_routing": {
    "filters": [
      { "expression": "a == 1.10",  "targets": [{"queue": "WQ1"}] },
      {"expression":"handedOff == 'true'","x":null}
    ],
    "default_filter": {"queue": "WQ2"}
  }
}"#;

    #[test]
    fn a_filter_moves_and_every_other_byte_stays() {
        let expected = r#"{
  "task_routing": {
    "filters": [
      {"expression":"handedOff == 'true'","x":null},
      { "expression": "a == 1.10",  "targets": [{"queue": "WQ1"}] }
    ],
    "default_filter": {"queue": "WQ2"}
  }
}"#;
        assert_eq!(move_filter(CONFIGURATION, 1, 0).as_deref(), Some(expected));
        assert_eq!(move_filter(expected, 1, 0).as_deref(), Some(CONFIGURATION));
        assert_eq!(move_filter(CONFIGURATION, 2, 0), None);
    }

    #[test]
    fn an_expression_is_replaced_where_it_stands() {
        let expected = CONFIGURATION.replace("handedOff == 'true'", "handedOff == true");
        assert_eq!(
            replace_expression(CONFIGURATION, 1, "handedOff == true"),
            Some(expected)
        );
    }

    #[test]
    fn a_filter_is_inserted_in_each_form_of_configuration() {
        let filter = r#"{"filter_friendly_name":"n","expression":"e","targets":[{"queue":"WQ9"}]}"#;
        for (before, expected) in [
            (
                r#"{"filters":[{"a":1},{"b":2}]}"#,
                format!(r#"{{"filters":[{filter},{{"a":1}},{{"b":2}}]}}"#),
            ),
            (
                r#"{"task_routing":{"filters":[]}}"#,
                format!(r#"{{"task_routing":{{"filters":[{filter}]}}}}"#),
            ),
            (
                r#"{"task_routing":{}}"#,
                format!(r#"{{"task_routing":{{"filters":[{filter}]}}}}"#),
            ),
            (
                r#"{"task_routing":{"default_filter":{"queue":"WQ1"}}}"#,
                format!(r#"{{"task_routing":{{"filters":[{filter}],"default_filter":{{"queue":"WQ1"}}}}}}"#),
            ),
            (
                "{\"filters\": [\n  {\"a\":1}\n]}",
                format!("{{\"filters\": [\n  {filter},\n  {{\"a\":1}}\n]}}"),
            ),
        ] {
            assert_eq!(insert_filter(before, 0, "n", "e", "WQ9"), Some(expected), "{before}");
        }
    }
}
