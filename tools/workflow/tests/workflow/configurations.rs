//! Workflows in the forms in which they are found: Twilio's pages and helper libraries, the Console, and what people
//! have made of them in code, in Terraform and by hand.

use serde_json::json;
use workflow::Workflow;

/// A workflow in short: each filter with its targets, a line each.
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
    assert_reads("{}", &[]);
    assert_reads(r#"{"task_routing": {}}"#, &[]);
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
fn languages_by_skill_with_levels_and_steps_that_widen() {
    assert_reads(
        r#"{"task_routing": {"filters": [{
            "filter_friendly_name": "es_MX",
            "expression": "language CONTAINS \"es\" OR preEngagement.locale == \"es_MX\"",
            "targets": [
                {
                    "queue": "WQ1",
                    "expression": "worker.skills has 'Claims' AND (worker.skills has \"es\" OR worker.lang = 'es')",
                    "order_by": "worker.routing.levels.es DESC , worker.routing.levels.Claims desc",
                    "skip_if": "1==1"
                },
                {"expression": "worker.routing.levels.es >= 2", "skip_if": "workers.available == 0", "timeout": 30},
                {}
            ]
        }], "default_filter": {"queue": "WQ9"}}}"#,
        &[
            "es_MX: language CONTAINS 'es' OR preEngagement.locale == 'es_MX'",
            " > WQ1 skip_if=1 == 1 order_by=worker.routing.levels.es DESC, worker.routing.levels.Claims DESC \
             if=worker.skills HAS 'Claims' AND (worker.skills HAS 'es' OR worker.lang == 'es')",
            " > WQ1 timeout=30 skip_if=workers.available == 0 if=worker.routing.levels.es >= 2",
            " > WQ1",
            "default > WQ9",
        ],
    );
}

#[test]
fn the_agent_of_last_time_then_anybody_and_transfers() {
    assert_reads(
        r#"{"task_routing": {"filters": [
            {"filter_friendly_name": "Last agent", "expression": "last_agent != null", "targets": [
                {"queue": "WQ1", "known_worker_sid": "task.last_agent", "timeout": "20",
                 "expression": "worker.activity_name in ['Open', 'Known customers']", "priority": "100"},
                {"queue": "WQ2", "expression": "worker.sid NOT IN task.rejected_by"}
            ]},
            {"filter_friendly_name": "To a person", "expression": "transfer.kind == 'worker'", "targets": [
                {"queue": "WQ1", "known_worker_friendly_name": "task.transfer.name"}
            ]},
            {"filter_friendly_name": "To a queue", "expression": "transfer.queue == 'Billing & Claims'", "targets": [
                {"queue": "WQ3", "expression": "worker.contact_uri != task.from_uri"}
            ]}
        ]}}"#,
        &[
            "Last agent: last_agent != null",
            " > WQ1 priority=100 timeout=20 known=sid task.last_agent \
             if=worker.activity_name IN ['Open', 'Known customers']",
            " > WQ2 if=worker.sid NOT IN task.rejected_by",
            "To a person: transfer.kind == 'worker'",
            " > WQ1 known=name task.transfer.name",
            "To a queue: transfer.queue == 'Billing & Claims'",
            " > WQ3 if=worker.contact_uri != task.from_uri",
        ],
    );
}

#[test]
fn one_channel_at_a_time_in_one_long_expression_on_several_lines() {
    let filter = "helpline=='Norte' OR helpline==\"\" OR (channelType IN [ 'whatsapp', 'sms'] AND to=='whatsapp:1')";
    let target = "(worker.offline != true AND (
            (task.kind == 'voice' AND worker.channel.chat.assigned_tasks == 0) OR
            (task.kind != 'voice' AND worker.channel.voice.available_capacity_percentage==100)
        )) OR (worker.offline == true AND task.target = worker.sid)";
    let targets = json!([{"queue": "WQ1", "expression": target}]);
    let filters = json!([{"filter_friendly_name": "Helpline", "expression": filter, "targets": targets}]);
    assert_reads(
        &json!({"task_routing": {"filters": filters}}).to_string(),
        &[
            "Helpline: helpline == 'Norte' OR helpline == '' \
             OR channelType IN ['whatsapp', 'sms'] AND to == 'whatsapp:1'",
            " > WQ1 if=worker.offline != true \
             AND (task.kind == 'voice' AND worker.channel.chat.assigned_tasks == 0 \
             OR task.kind != 'voice' AND worker.channel.voice.available_capacity_percentage == 100) \
             OR worker.offline == true AND task.target == worker.sid",
        ],
    );
}

#[test]
fn an_ai_in_front_of_people() {
    assert_reads(
        r#"{"task_routing": {"filters": [
            {"filter_friendly_name": "Handed off", "expression": "handedOff == true", "targets": [
                {"queue": "WQpeople", "priority": 50, "expression": "task.language IN worker.languages", "timeout": 9},
                {"queue": "WQpeople", "priority": 60}
            ]},
            {"filter_friendly_name": "AI", "expression": "channelType IN [\"web\"]", "targets": [{"queue": "WQai"}]}
        ], "default_filter": {"queue": "WQpeople"}}}"#,
        &[
            "Handed off: handedOff == true",
            " > WQpeople priority=50 timeout=9 if=task.language IN worker.languages",
            " > WQpeople priority=60",
            "AI: channelType IN ['web']",
            " > WQai",
            "default > WQpeople",
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
