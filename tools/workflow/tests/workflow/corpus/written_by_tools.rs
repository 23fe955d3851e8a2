//! Configurations as Twilio, its helper libraries and other tools write them.

use serde_json::json;

use crate::configurations::assert_reads;

#[test]
fn a_new_workspace_s() {
    assert_reads(
        r#"{"task_routing":{"filters":[],"default_filter":{"queue":"WQall"}}}"#,
        &["default > WQall"],
    );
}

#[test]
fn one_filter_for_everything_and_no_default() {
    assert_reads(
        r#"{"task_routing":{"filters":[{"expression":"1==1","targets":[{"queue":"WQ1","priority":1,"timeout":30}]}]}}"#,
        &["-: 1 == 1", " > WQ1 priority=1 timeout=30"],
    );
}

#[test]
fn a_queue_for_each_department() {
    assert_reads(
        r#"{"task_routing": {"filters": [
            {"expression": "type=='sales'", "targets": [{"queue": "WQ1"}]},
            {"expression": "type=='marketing'", "targets": [{"queue": "WQ2"}]},
            {"expression": "type==\"support\"", "targets": [{"queue": "WQ3"}]}
        ], "default_filter": {"queue": "WQ4"}}}"#,
        &[
            "-: type == 'sales'",
            " > WQ1",
            "-: type == 'marketing'",
            " > WQ2",
            "-: type == 'support'",
            " > WQ3",
            "default > WQ4",
        ],
    );
}

#[test]
fn a_default_filter_with_all_that_a_target_has_and_a_name() {
    assert_reads(
        r#"{"task_routing": {"filters": [], "default_filter": {
            "filter_friendly_name": "Default", "queue": "WQ1", "Expression": "1==1", "expression": "1==1",
            "priority": 1, "timeout": 30
        }}}"#,
        &["default > WQ1 priority=1 timeout=30 if=1 == 1"],
    );
}

#[test]
fn a_default_filter_beside_the_routing_and_not_in_it_is_none() {
    assert_reads(
        r#"{"task_routing": {"filters": [{"expression": "a HAS 'b'", "targets": [{"queue": "WQ1"}]}]},
            "default_filter": {"queue": "WQ2"}}"#,
        &["-: a HAS 'b'", " > WQ1"],
    );
}

#[test]
fn what_each_helper_library_writes() {
    // Java, version 7 and later. Null members are left out.
    assert_reads(
        r#"{"task_routing":{"filters":[{"expression":"skill == \"HR\"","targets":[{"queue":"WQ1","expression":"1==1",
            "priority":54333,"timeout":30,"order_by":"worker.level ASC","skip_if":"workers.available == 0",
            "known_worker_sid":"task.agent_sid","known_worker_friendly_name":"task.agent"}],"friendlyName":"HR"}]}}"#,
        &[
            "HR: skill == 'HR'",
            " > WQ1 priority=54333 timeout=30 known=sid task.agent_sid skip_if=workers.available == 0 \
             order_by=worker.level ASC if=1 == 1",
        ],
    );
    // Old versions of the Python, PHP and .NET libraries. The .NET library escapes quotes.
    assert_reads(
        r#"{"task_routing": {"default_filter": {"queue": "WQ0"}, "filters": [{"friendly_name": "Sales",
            "expression": "type == \"sales\"", "targets": [{"queue": "WQ1", "priority": null, "timeout": null,
            "expression": "task.language IN worker.languages"}]}]}}"#,
        &[
            "Sales: type == 'sales'",
            " > WQ1 if=task.language IN worker.languages",
            "default > WQ0",
        ],
    );
    assert_reads(
        r#"{"task_routing":{"filters":[{"expression":"type==\u0027a\/b\u0027","targets":[{"task_queue_sid":"WQ1"}],
            "friendly_name":"S\u00e3o"}]}}"#,
        &["São: type == 'a/b'", " > WQ1"],
    );
}

#[test]
fn what_terraform_writes() {
    let target = json!({"expression": "1==1", "priority": null, "queue": "WQ1", "skip_if": null, "timeout": 600});
    let filter = json!({"expression": "a=='b'", "filter_friendly_name": "A", "targets": [target]});
    assert_reads(
        &json!({"task_routing": {"default_filter": null, "filters": [filter]}}).to_string(),
        &["A: a == 'b'", " > WQ1 timeout=600 if=1 == 1"],
    );
}

#[test]
fn members_that_people_made_up() {
    assert_reads(
        r#"{"task_routing": {"filters": [{"filter_friendly_name": "Board", "expression": "task.transfer == null", "targets":
            [{"queue": "WQ1", "expression": "1==1", "priority": 100, "target_expression": "x == 'WQ2'",
              "task_attributes": {"a": [1, {"b": null}]}, "queue_name": "Ours"}]}]}}"#,
        &["Board: task.transfer == null", " > WQ1 priority=100 if=1 == 1"],
    );
}

#[test]
fn names_of_queues_where_their_sids_go_before_a_tool_puts_them_in() {
    assert_reads(
        r#"{"task_routing": {"filters": [{"expression": "kind == 'direct'", "targets": [{"queue": "Direct Call"}]}],
            "default_filter": {"queue": "@ref:taskQueues:Everyone"}}}"#,
        &[
            "-: kind == 'direct'",
            " > Direct Call",
            "default > @ref:taskQueues:Everyone",
        ],
    );
}
