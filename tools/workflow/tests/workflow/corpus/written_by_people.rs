//! Configurations written by people, grouped by purpose.

use serde_json::json;

use crate::configurations::assert_reads;

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
