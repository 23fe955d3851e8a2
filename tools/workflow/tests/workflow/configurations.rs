//! Parsing of a configuration's JSON. The corpus has whole configurations.

use workflow::Workflow;

/// Each filter and each target of a workflow on a line of its own.
fn in_short(workflow: &Workflow) -> String {
    let mut lines = Vec::new();
    for filter in &workflow.filters {
        let name = filter.friendly_name.as_deref().unwrap_or("-");
        let expression = filter.expression.as_ref().map(ToString::to_string).unwrap_or_default();
        lines.push(format!("{name}: {expression}"));
        lines.extend(filter.targets.iter().map(target_in_short));
    }
    lines.extend(
        workflow
            .default
            .iter()
            .map(|target| format!("default{}", target_in_short(target))),
    );
    lines.join("\n")
}

fn target_in_short(target: &workflow::Target) -> String {
    let named = |name: &str, value: Option<String>| value.map(|value| format!(" {name}={value}")).unwrap_or_default();
    let known_worker = target.known_worker.as_ref().map(|known_worker| match known_worker {
        workflow::KnownWorker::Sid(path) => format!("sid {path}"),
        workflow::KnownWorker::FriendlyName(path) => format!("name {path}"),
    });
    [
        format!(" > {}", target.queue),
        named("priority", target.priority.map(|priority| priority.to_string())),
        named("timeout", target.timeout.map(|timeout| timeout.as_secs().to_string())),
        named("known", known_worker),
        named("skip_if", target.skip_if.as_ref().map(ToString::to_string)),
        named("order_by", target.order_by.as_ref().map(ToString::to_string)),
        named("if", target.expression.as_ref().map(ToString::to_string)),
    ]
    .concat()
}

#[track_caller]
pub(crate) fn assert_reads(json: &str, expected: &[&str]) {
    let workflow: Workflow = json.parse().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(in_short(&workflow).lines().collect::<Vec<_>>(), expected);
}

#[test]
fn the_least_there_is_to_say() {
    assert_reads(r#"{"filters": []}"#, &[]);
    assert_reads(r#"{"task_routing": {"default_filter": null}}"#, &[]);
    assert_reads(
        r#"{"task_routing": {"filters": [], "default_filter": {"queue": "WQ1"}}}"#,
        &["default > WQ1"],
    );
    assert_reads(r#"{"task_routing": {"filters": null, "default_filter": null}}"#, &[]);
    assert_reads(
        r#"{"task_routing": {"filters": [{"targets": []}, {}]}}"#,
        &["-: ", "-: "],
    );
}

#[test]
fn filters_without_task_routing_around_them() {
    assert_reads(
        r#"{"filters": [{"expression": "1==1", "targets": [{"queue": "WQ1"}]}], "default_filter": {"queue": "WQ2"}}"#,
        &["-: 1 == 1", " > WQ1", "default > WQ2"],
    );
}

#[test]
fn the_names_of_older_helper_libraries() {
    assert_reads(
        r#"{"task_routing": {
            "filters": [{
                "friendly_name": "Trips",
                "expression": "kind == 'trip' AND class IN ['first', 'business']",
                "targets": [{"task_queue_sid": "WQ1", "priority": "2"}]
            }],
            "default_filter": {"task_queue_sid": "WQ2"}
        }}"#,
        &[
            "Trips: kind == 'trip' AND class IN ['first', 'business']",
            " > WQ1 priority=2",
            "default > WQ2",
        ],
    );
}

#[test]
fn the_name_that_the_java_library_gives_a_filter_s_name() {
    assert_reads(
        r#"{"task_routing": {"filters": [{"expression": "1==1", "targets": [], "friendlyName": "All"}]}}"#,
        &["All: 1 == 1"],
    );
}

#[test]
fn what_the_console_and_generators_write_for_nothing() {
    assert_reads(
        r#"{"task_routing": {"filters": [{
            "filter_friendly_name": "", "expression": "1==1",
            "targets": [{"queue": "WQ1", "expression": "", "priority": null, "timeout": "", "order_by": null,
                         "skip_if": " ", "known_worker_sid": "", "known_worker_friendly_name": null}]
        }]}}"#,
        &["-: 1 == 1", " > WQ1"],
    );
}

#[test]
fn members_that_routing_does_not_know_are_passed_over() {
    assert_reads(
        r#"{"version": 3, "task_routing": {"comment": "ours", "filters": [{
            "id": 7, "expression": "a==1", "targets": [{"queue": "WQ1", "queue_name": "Ours", "reservation_timeout": 9}]
        }]}}"#,
        &["-: a == 1", " > WQ1"],
    );
}

#[test]
fn an_escalation_that_inherits_its_queue_with_numbers_in_every_form() {
    assert_reads(
        r#"{"task_routing": {"filters": [{
            "filter_friendly_name": "Escalate",
            "expression": "1==1",
            "targets": [
                {"queue": "WQ1", "priority": 1, "timeout": 300},
                {"priority": "10", "timeout": " 60 "},
                {"queue": "WQ2", "priority": "-5", "expression": "worker.lead == true"},
                {"priority": 1000}
            ]
        }]}}"#,
        &[
            "Escalate: 1 == 1",
            " > WQ1 priority=1 timeout=300",
            " > WQ1 priority=10 timeout=60",
            " > WQ2 priority=-5 if=worker.lead == true",
            " > WQ2 priority=1000",
        ],
    );
}

#[test]
fn the_queues_of_a_workflow_can_be_told() {
    let workflow: Workflow = r#"{"task_routing": {
        "filters": [{"targets": [{"queue": "WQ1"}, {}]}, {"targets": [{"queue": "WQ2"}]}],
        "default_filter": {"queue": "WQ1"}
    }}"#
    .parse()
    .unwrap();
    assert_eq!(workflow.queues().collect::<Vec<_>>(), ["WQ1", "WQ1", "WQ2", "WQ1"]);
}
