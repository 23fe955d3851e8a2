//! Sample tasks: new tasks that suit a workflow, and the same tasks after a handoff.

use serde_json::{Map, Value, json};
use workflow::{Expression, Filter, Scope, Workflow, example};

/// The task channel of the samples.
pub(super) const CHANNEL: &str = "chat";

/// The attributes that a handoff writes.
pub(super) const SIX: [&str; 6] = [
    "handedOff",
    "handoffReason",
    "handoffSummary",
    "handoffSentiment",
    "handoffLanguage",
    "handoffTimestamp",
];

/// A new task of Flex's web chat. The session's id is at a dotted path.
pub(super) fn web_chat(id_attribute: &str) -> Value {
    let mut attributes = json!({
        "channelType": "web",
        "channelSid": "CH00000000000000000000000000000001",
        "conversationSid": "CH00000000000000000000000000000001",
        "customerName": "Ana",
        "direction": "inbound",
        "from": "Ana",
        "name": "Ana",
    });
    let mut place = &mut attributes;
    for name in id_attribute.split('.') {
        if !place.is_object() {
            *place = json!({});
        }
        place = &mut place[name];
    }
    *place = json!("sample");
    attributes
}

/// The attributes after a handoff.
pub(super) fn handed_off(attributes: &Value) -> Value {
    let values = [
        json!(true),
        json!("wants to talk to somebody"),
        json!("Ana was charged twice."),
        json!("neutral"),
        json!("en"),
        json!("2026-11-29T09:00:00Z"),
    ];
    SIX.into_iter()
        .zip(values)
        .fold(attributes.clone(), |attributes, (name, value)| {
            with(attributes, name, value)
        })
}

/// The attributes with this attribute set.
pub(super) fn with(mut attributes: Value, name: &str, value: Value) -> Value {
    if let Some(members) = attributes.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    attributes
}

/// The attributes from before the handoff.
pub(super) fn before_handoff(attributes: &Value) -> Value {
    let members = attributes.as_object().cloned().unwrap_or_default();
    let others: Map<String, Value> = members
        .into_iter()
        .filter(|(name, _)| !SIX.contains(&name.as_str()))
        .collect();
    Value::Object(others)
}

/// Whether a filter matches a task.
pub(super) fn matches(filter: &Filter, attributes: &Value) -> bool {
    let expression = filter.expression.as_ref();
    expression.is_none_or(|expression| expression.evaluate(&Scope::Task(attributes)).holds)
}

/// The value that a filter requires for `handedOff`, if the value isn't a boolean.
pub(super) fn text_that_matches(filter: &Filter, fresh: &Value) -> Option<Value> {
    let expression = filter.expression.as_ref()?;
    let others = &SIX[1..];
    let sample = example(fresh, others, &[expression], &[])?;
    let value = sample.get(SIX[0])?.clone();
    let fits = |attributes: &Value| matches(filter, attributes);
    let is_other = !value.is_boolean() && !value.is_null();
    let only_so = !fits(&with(sample.clone(), SIX[0], Value::Bool(true))) && !fits(&before_handoff(&sample));
    (is_other && only_so).then_some(value)
}

/// A new task that matches this filter and none above it. `None` is the default filter. The task is like `base` except
/// where the filters require a difference.
pub(super) fn new_task(base: &Value, workflow: &Workflow, filter: Option<usize>) -> Option<Value> {
    let before = &workflow.filters[..filter.unwrap_or(workflow.filters.len())];
    let failing: Vec<&Expression> = before
        .iter()
        .map(|filter| filter.expression.as_ref())
        .collect::<Option<_>>()?;
    let own = filter.and_then(|filter| workflow.filters[filter].expression.as_ref());
    let holding: Vec<&Expression> = own.into_iter().collect();
    example(base, &SIX, &holding, &failing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_id_stands_at_its_path() {
        for (path, pointer) in [
            ("session_id", "/session_id"),
            ("ai.session.id", "/ai/session/id"),
            ("name.id", "/name/id"),
        ] {
            let attributes = web_chat(path);
            assert_eq!(attributes.pointer(pointer), Some(&json!("sample")), "{attributes}");
            assert_eq!(attributes.get("session_id").is_some(), path == "session_id");
        }
    }
}
