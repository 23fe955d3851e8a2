//! Whole configurations.

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
    // Java, 7 and later; null members are left out.
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
    // Python and PHP of old, and .NET of old; the last escapes quotes.
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

#[test]
fn known_agents() {
    assert_reads(
        r#"{"task_routing": {"filters": [{
            "filter_friendly_name": "Known agent", "expression": "KnownAgentFlag == \"true\"",
            "targets": [{"queue": "WQ1", "known_worker_sid": "task.KnownAgentSid"}]
        }], "default_filter": {"queue": "WQ1"}}}"#,
        &[
            "Known agent: KnownAgentFlag == 'true'",
            " > WQ1 known=sid task.KnownAgentSid",
            "default > WQ1",
        ],
    );
    assert_reads(
        r#"{"filters": [{"filter_friendly_name": "All", "expression": "1==1", "targets": [
            {"queue": "WQ1", "known_worker_friendly_name": "task.agent.name", "timeout": 10}, {"queue": "WQ1"}
        ]}]}"#,
        &["All: 1 == 1", " > WQ1 timeout=10 known=name task.agent.name", " > WQ1"],
    );
    assert_reads(
        r#"{"task_routing": {"filters": [{"expression": "preferred != null", "targets": [
            {"queue": "WQ1", "expression": "worker.id IN task.preferred", "timeout": 15}, {"timeout": 15}
        ]}]}}"#,
        &[
            "-: preferred != null",
            " > WQ1 timeout=15 if=worker.id IN task.preferred",
            " > WQ1 timeout=15",
        ],
    );
}

#[test]
fn transfers() {
    assert_reads(
        r#"{"task_routing": {"filters": [
            {"filter_friendly_name": "To a worker", "expression": "targetKind == 'worker'", "targets": [
                {"queue": "WQ1", "known_worker_sid": "task.targetSid"}]},
            {"filter_friendly_name": "To a queue", "expression": "targetQueue == 'Parked Calls'", "targets": [
                {"queue": "WQ2", "expression": "worker.contact_uri != task.ignoredUri"}]},
            {"filter_friendly_name": "Not back", "expression": "targetQueue == 'All' AND channelType IN ['web','sms']",
             "targets": [{"queue": "WQ3", "expression": "worker.sid NOT IN task.seen", "skip_if": "1==1", "priority": 5},
                         {"queue": "WQ3", "priority": 5}]}
        ], "default_filter": {"queue": "WQ3"}}}"#,
        &[
            "To a worker: targetKind == 'worker'",
            " > WQ1 known=sid task.targetSid",
            "To a queue: targetQueue == 'Parked Calls'",
            " > WQ2 if=worker.contact_uri != task.ignoredUri",
            "Not back: targetQueue == 'All' AND channelType IN ['web', 'sms']",
            " > WQ3 priority=5 skip_if=1 == 1 if=worker.sid NOT IN task.seen",
            " > WQ3 priority=5",
            "default > WQ3",
        ],
    );
}

#[test]
fn voicemail_where_nobody_is_there() {
    assert_reads(
        r#"{"task_routing": {"filters": [
            {"filter_friendly_name": "Direct", "expression": "callTo == \"+15550001\"", "targets": [
                {"queue": "WQ1", "expression": "worker.extension == task.extension", "timeout": 1,
                 "skip_if": "workers.available == 0"},
                {"queue": "WQvoicemail"}]},
            {"filter_friendly_name": "Sales", "expression": "1==1", "targets": [
                {"queue": "WQ2", "timeout": 20, "skip_if": "workers.available == 0"},
                {"queue": "WQ2", "timeout": 20, "skip_if": "workers.available == 0"},
                {"queue": "WQvoicemail"}]}
        ], "default_filter": {"queue": "WQvoicemail"}}}"#,
        &[
            "Direct: callTo == '+15550001'",
            " > WQ1 timeout=1 skip_if=workers.available == 0 if=worker.extension == task.extension",
            " > WQvoicemail",
            "Sales: 1 == 1",
            " > WQ2 timeout=20 skip_if=workers.available == 0",
            " > WQ2 timeout=20 skip_if=workers.available == 0",
            " > WQvoicemail",
            "default > WQvoicemail",
        ],
    );
}

#[test]
fn who_has_the_fewest_chats_comes_first() {
    assert_reads(
        r#"{"task_routing": {"filters": [{"filter_friendly_name": "Rule", "expression": "rule IN ['Rule']", "targets": [
            {"queue": "WQ1", "expression": "worker.channel.chat.assigned_tasks==0", "skip_if": "1==1"},
            {"queue": "WQ1", "expression": "worker.channel.chat.assigned_tasks<=1", "skip_if": "1==1"},
            {"queue": "WQ1"}
        ]}]}}"#,
        &[
            "Rule: rule IN ['Rule']",
            " > WQ1 skip_if=1 == 1 if=worker.channel.chat.assigned_tasks == 0",
            " > WQ1 skip_if=1 == 1 if=worker.channel.chat.assigned_tasks <= 1",
            " > WQ1",
        ],
    );
}

#[test]
fn tasks_that_workers_grab_by_hand() {
    assert_reads(
        r#"{"task_routing": {"filters": [
            {"filter_friendly_name": "By hand", "expression": "manual == 1 AND channel == \"chat\"", "targets": [
                {"queue": "WQ1", "expression": "task.worker_sid = worker.sid", "priority": "1000"}]},
            {"filter_friendly_name": "Other chats", "expression": "channel == \"chat\"", "targets": [
                {"queue": "WQ1", "expression": "worker.channel.chat.available_capacity_percentage < 75",
                 "priority": "50"}]}
        ]}}"#,
        &[
            "By hand: manual == 1 AND channel == 'chat'",
            " > WQ1 priority=1000 if=task.worker_sid == worker.sid",
            "Other chats: channel == 'chat'",
            " > WQ1 priority=50 if=worker.channel.chat.available_capacity_percentage < 75",
        ],
    );
}

#[test]
fn skills_by_level_from_the_best_to_anybody() {
    assert_reads(
        r#"{"task_routing": {"filters": [{"filter_friendly_name": "Tax", "expression": "category == \"tax\"", "targets": [
            {"queue": "WQ1", "expression": "worker.routing.levels.tax >= 4", "timeout": 30},
            {"queue": "WQ1", "expression": "worker.routing.levels.tax > 0", "timeout": 30,
             "order_by": "worker.routing.levels.tax DESC"},
            {"queue": "WQ1"}
        ]}, {"filter_friendly_name": "HR", "expression": "\"HR\" IN skillsNeeded", "targets": [
            {"queue": "WQ1", "expression": "worker.routing.skills HAS \"HR\"", "priority": "100"}
        ]}]}}"#,
        &[
            "Tax: category == 'tax'",
            " > WQ1 timeout=30 if=worker.routing.levels.tax >= 4",
            " > WQ1 timeout=30 order_by=worker.routing.levels.tax DESC if=worker.routing.levels.tax > 0",
            " > WQ1",
            "HR: 'HR' IN skillsNeeded",
            " > WQ1 priority=100 if=worker.routing.skills HAS 'HR'",
        ],
    );
}

#[test]
fn languages_then_tiers() {
    assert_reads(
        r#"{"task_routing":{"filters":[{"filter_friendly_name":"All","expression":"1==1","targets":[
            {"queue":"WQ1","expression":"task.language IN worker.languages"},
            {"queue":"WQ1","order_by":"worker.tier ASC"}]}],"default_filter":{"queue":"WQ1"}}}"#,
        &[
            "All: 1 == 1",
            " > WQ1 if=task.language IN worker.languages",
            " > WQ1 order_by=worker.tier ASC",
            "default > WQ1",
        ],
    );
    assert_reads(
        r#"{"task_routing": {"filters": [{"filter_friendly_name": "All", "expression": "1==1", "targets": [
            {"queue": "WQ1", "timeout": 180,
             "expression": "worker.languages HAS task.language AND worker.sites HAS task.site"},
            {"queue": "WQ1", "timeout": 60, "expression": "worker.languages HAS task.language"},
            {"queue": "WQ2"}
        ]}], "default_filter": {"queue": "WQ2"}}}"#,
        &[
            "All: 1 == 1",
            " > WQ1 timeout=180 if=worker.languages HAS task.language AND worker.sites HAS task.site",
            " > WQ1 timeout=60 if=worker.languages HAS task.language",
            " > WQ2",
            "default > WQ2",
        ],
    );
}

#[test]
fn whose_number_it_is() {
    assert_reads(
        r#"{"task_routing": {"filters": [
            {"filter_friendly_name": "Dialpad", "expression": "dialedBy != null", "targets": [
                {"queue": "WQ1", "expression": "task.dialedBy == worker.contact_uri"}]},
            {"filter_friendly_name": "Own number", "expression": "1==1", "targets": [
                {"queue": "WQ1", "expression": "task.number CONTAINS worker.number", "timeout": 60, "skip_if": "1==1"},
                {"queue": "WQ1"}]}
        ]}}"#,
        &[
            "Dialpad: dialedBy != null",
            " > WQ1 if=task.dialedBy == worker.contact_uri",
            "Own number: 1 == 1",
            " > WQ1 timeout=60 skip_if=1 == 1 if=task.number CONTAINS worker.number",
            " > WQ1",
        ],
    );
}

#[test]
fn a_handoff_in_which_every_rep_is_tried_once() {
    assert_reads(
        r#"{"task_routing": {"filters": [
            {"filter_friendly_name": "Handoff", "expression": "type==\"voice_handoff\"", "targets": [
                {"queue": "WQ1", "priority": 1, "timeout": 60},
                {"queue": "WQ2", "expression": "worker.sid NOT IN task.tried AND worker.email != task.owner",
                 "priority": 5, "timeout": 30}]}
        ], "default_filter": {"queue": "WQ2"}}}"#,
        &[
            "Handoff: type == 'voice_handoff'",
            " > WQ1 priority=1 timeout=60",
            " > WQ2 priority=5 timeout=30 if=worker.sid NOT IN task.tried AND worker.email != task.owner",
            "default > WQ2",
        ],
    );
}
