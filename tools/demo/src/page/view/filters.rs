//! The order of the two filters on which a handoff depends.

use std::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;
use simulator::twilio::sids::AI_QUEUE_SID;
use workflow::{Expression, Filter, Workflow};

/// Whether the filter for handed-off tasks comes before the AI's filter; `None` if no filter matches them.
pub(crate) fn handoff_is_first(workflow: &Workflow) -> Option<bool> {
    let handoff = place(workflow, is_handoff)?;
    Some(place(workflow, is_ai).is_none_or(|ai| handoff < ai))
}

/// The same text with the filter for handoffs moved right below the AI's, or right above it if it was below. Filters in
/// between stay in place. `None` if one of the two is missing.
pub(crate) fn swapped(text: &str) -> Option<String> {
    let workflow: Workflow = text.parse().ok()?;
    let (handoff, ai) = (place(&workflow, is_handoff)?, place(&workflow, is_ai)?);
    let spans = spans(text)?;
    let mut order: Vec<usize> = (0..spans.len()).collect();
    let moved = order.remove(handoff);
    // Once it is removed from above, the AI's filter is one place further up.
    order.insert(ai, moved);
    let mut swapped = String::with_capacity(text.len());
    let mut end = 0;
    for (span, filter) in spans.iter().zip(order) {
        swapped.push_str(&text[end..span.start]);
        swapped.push_str(&text[spans[filter].clone()]);
        end = span.end;
    }
    swapped.push_str(&text[end..]);
    Some(swapped)
}

fn place(workflow: &Workflow, is_it: fn(&Filter) -> bool) -> Option<usize> {
    workflow.filters.iter().position(is_it)
}

fn is_handoff(filter: &Filter) -> bool {
    let expected: Option<Expression> = "handedOff == true".parse().ok();
    filter.expression == expected
}

fn is_ai(filter: &Filter) -> bool {
    let mut targets = filter.targets.iter();
    !is_handoff(filter) && targets.next().is_some_and(|target| target.queue == AI_QUEUE_SID)
}

/// The place of each filter in the text.
fn spans(text: &str) -> Option<Vec<Range<usize>>> {
    let routing: Routing = serde_json::from_str(text).ok()?;
    let filters = routing.filters.or_else(|| routing.task_routing?.filters)?;
    let span = |filter: &RawValue| {
        // The slice is borrowed from the text.
        let start = filter.get().as_ptr().addr() - text.as_ptr().addr();
        start..start + filter.get().len()
    };
    Some(filters.into_iter().map(span).collect())
}

#[derive(Deserialize)]
struct Routing<'t> {
    #[serde(borrow)]
    task_routing: Option<Box<Routing<'t>>>,
    #[serde(borrow)]
    filters: Option<Vec<&'t RawValue>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(filters: [&str; 3]) -> String {
        let target = format!(r#""targets": [{{"queue": "{AI_QUEUE_SID}"}}]"#);
        let [a, b, c] = filters.map(|filter| filter.replace('T', &target));
        format!("{{\"task_routing\": {{\n  \"filters\": [\n    {a},\n    {b},   {c}\n  ]\n}} }}\n")
    }

    const HANDOFF: &str = r#"{"expression":  "handedOff==true", "targets": [{"queue": "WQ1"}]}"#;
    const OTHER: &str = r#"{"expression": "vip == 1", "targets": [{"queue": "WQ1"}]}"#;
    const AI: &str = r#"{"expression": "1 == 1", T}"#;

    #[test]
    fn the_filter_for_handoffs_goes_below_the_ai_s_and_back_and_all_else_stays() {
        let first = text([HANDOFF, OTHER, AI]);
        let last = text([OTHER, AI, HANDOFF]);
        assert_eq!(swapped(&first), Some(last.clone()));
        assert_eq!(swapped(&last), Some(text([OTHER, HANDOFF, AI])));
    }

    #[test]
    fn which_of_the_two_is_first_is_told_where_there_are_two() {
        let is_first = |filters| handoff_is_first(&text(filters).parse().unwrap());
        assert_eq!(is_first([HANDOFF, OTHER, AI]), Some(true));
        assert_eq!(is_first([AI, OTHER, HANDOFF]), Some(false));
        assert_eq!(is_first([OTHER, OTHER, HANDOFF]), Some(true));
        assert_eq!(is_first([AI, OTHER, OTHER]), None);
        assert_eq!(swapped(&text([AI, OTHER, OTHER])), None);
    }
}
