//! Filters that nothing can reach.

use serde_json::json;
use workflow::{Expression, Filter, Workflow, example};

/// The filters, counted from 0, that no task reaches. Either nothing matches the filter, or filters above keep every
/// task that would.
pub(crate) fn unreachable_filters(workflow: &Workflow) -> Vec<usize> {
    let mut above: Vec<&Expression> = Vec::new();
    let mut unreachable = Vec::new();
    let mut is_open = true;
    for (index, filter) in workflow.filters.iter().enumerate() {
        let own: Vec<&Expression> = filter.expression.iter().collect();
        if !is_open || example(&json!({}), &[], &own, &above).is_none() {
            unreachable.push(index);
        }
        match &filter.expression {
            _ if !keeps(filter) => {}
            Some(expression) => above.push(expression),
            None => is_open = false,
        }
    }
    unreachable
}

/// Whether tasks stay with the filter. Without a target that keeps tasks, they go on to the filters below.
fn keeps(filter: &Filter) -> bool {
    let mut targets = filter.targets.iter();
    targets.any(|target| target.timeout.is_none() && target.skip_if.is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn unreachable(filters: &[(Option<&str>, Value)]) -> Vec<usize> {
        let filters = filters
            .iter()
            .map(|(expression, target)| json!({"expression": expression, "targets": [target]}));
        let configuration = json!({"task_routing": {"filters": filters.collect::<Vec<_>>()}});
        unreachable_filters(&configuration.to_string().parse().unwrap())
    }

    #[test]
    fn a_filter_is_unreachable_below_one_that_keeps_all_its_tasks() {
        let queue = json!({"queue": "WQ1"});
        for (filters, expected) in [
            (vec![Some("a == 1"), Some("a == 2")], vec![]),
            (vec![Some("a == 1"), Some("a == 1 AND b == 2")], vec![1]),
            (vec![Some("a == 1 AND b == 2"), Some("a == 1")], vec![]),
            (vec![None, Some("a == 1"), None], vec![1, 2]),
            (vec![Some("1 == 1"), Some("a == 1")], vec![1]),
            (vec![Some("a == 1"), Some("a != 1"), Some("b == 1")], vec![2]),
            (vec![Some("1 == 2")], vec![0]),
        ] {
            let filters: Vec<_> = filters.into_iter().map(|filter| (filter, queue.clone())).collect();
            assert_eq!(unreachable(&filters), expected, "{filters:?}");
        }
    }

    #[test]
    fn a_timeout_or_skip_if_lets_tasks_through_to_the_next_filter() {
        let last = (Some("a == 1"), json!({"queue": "WQ1"}));
        for passing in [
            json!({"queue": "WQ1", "timeout": 10}),
            json!({"queue": "WQ1", "skip_if": "workers.available == 0"}),
        ] {
            assert_eq!(unreachable(&[(None, passing), last.clone()]), Vec::<usize>::new());
        }
    }
}
