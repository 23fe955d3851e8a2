//! Expressions, each with the result for one task, one worker and one queue's headcount.

use serde_json::{Value, json};
use workflow::{Expression, Headcount, OrderBy, Scope, Worker, WorkerChannel};

use crate::scene::{activity, worker};

fn task() -> Value {
    json!({
        "type": "sales",
        "channelType": "web",
        "language": "fr-CA",
        "to": "+15550001111",
        "from": "client:bo",
        "amount": 250,
        "urgent": true,
        "manual": 1,
        "testMode": "true",
        "transferKind": "",
        "skillsNeeded": ["tax", "es"],
        "excluded": ["WKben"],
        "preferred": ["agent07", "agent09"],
        "form": {"reason": "refund", "age": 17, "choices": [{"code": "B2"}]},
        "task": {"skillsNeeded": ["tax"]},
        "targetSid": "WKana",
        "agent": {"sid": "WKana", "name": "ana"},
        "customer_value": "Gold",
        "$ref": "x1",
    })
}

fn ana() -> Worker {
    let mut ana = worker(
        "ana",
        json!({
            "id": "agent07",
            "contact_uri": "client:ana",
            "email": "ana@example.org",
            "skills": ["tax", "billing"],
            "languages": ["fr-CA", "en"],
            "routing": {"skills": ["tax", "Mental Health"], "levels": {"tax": 4, "fr": 2}},
            "roles": ["agent", "wfo.full_access"],
            "level": 3,
            "team_name": "Blue Team",
            "tenant": "t-1",
            "is_available": true,
            "phone_number": "+1555",
        }),
    );
    let channel = |capacity, reservations| WorkerChannel {
        capacity,
        available: true,
        reservations,
        assigned: reservations,
    };
    ana.channels = [("voice".to_owned(), channel(1, 0)), ("chat".to_owned(), channel(4, 1))].into();
    ana
}

#[track_caller]
fn assert_all(scope: Scope<'_>, expressions: &[(&str, bool)]) {
    for (text, holds) in expressions {
        let expression: Expression = text.parse().unwrap_or_else(|error| panic!("{text}\n{error}"));
        let evaluation = expression.evaluate(&scope);
        assert_eq!(evaluation.holds, *holds, "{evaluation}");
    }
}

#[track_caller]
fn assert_filters(expressions: &[(&str, bool)]) {
    assert_all(Scope::Task(&task()), expressions);
}

#[track_caller]
fn assert_targets(expressions: &[(&str, bool)]) {
    assert_all(Scope::TaskAndWorker(&task(), &ana()), expressions);
}

#[track_caller]
fn assert_queues(expressions: &[(&str, bool)]) {
    assert_all(Scope::Worker(&ana()), expressions);
}

#[test]
fn prefix_of_a_worker_is_optional_in_queues() {
    assert_queues(&[
        ("sid == 'WKana'", true),
        ("worker.sid == 'WKana'", true),
        ("worker.sid == 'WKben'", false),
        ("worker.channel.voice.configured_capacity > 0", true),
        ("worker.channel.sms.configured_capacity > 0", false),
        ("worker.skills HAS 'tax' AND skills HAS 'billing'", true),
        ("task.sid == 'WKana'", false),
    ]);
}

#[test]
fn everybody_and_nobody() {
    assert_filters(&[
        ("1==1", true),
        ("1 == 1", true),
        ("1=1", true),
        ("1==0", false),
        ("1==2", false),
        ("0 != 1", true),
        ("\"apple\" != \"orange\"", true),
    ]);
}

#[test]
fn filters_by_one_attribute() {
    assert_filters(&[
        ("type == 'sales'", true),
        ("type=='sales'", true),
        ("type==\"sales\"", true),
        ("type == \"Sales\"", false),
        ("type = 'sales'", true),
        ("urgent == true", true),
        ("urgent==false", false),
        ("manual == 1", true),
        ("testMode=='true'", true),
        ("testMode == true", false),
        ("to==\"+15550001111\"", true),
        ("from == 'client:bo'", true),
        ("transferKind == ''", true),
        ("form.reason == 'refund'", true),
        ("form.choices[0].code == 'B2'", true),
        ("$ref == 'x1'", true),
        ("amount > 100", true),
        ("form.age <= 13", false),
        ("type CONTAINS \"sal\"", true),
        ("channelType ==\"web\"", true),
        (" channelType =='web' ", true),
    ]);
}

#[test]
fn filters_by_whether_an_attribute_is_there() {
    assert_filters(&[
        ("agent != null", true),
        ("preferred != null", true),
        ("callback == null", true),
        ("callback != null", false),
        ("callback.attempt != null", false),
        ("closed != true", true),
        ("closed == false", false),
        ("transferKind == '' OR transferKind == 'worker'", true),
    ]);
}

#[test]
fn filters_by_lists() {
    assert_filters(&[
        ("type IN ['sales', 'support']", true),
        ("type IN [\"support\"]", false),
        ("channelType IN [ 'sms','web']", true),
        ("channelType in ['voice']", false),
        ("to IN ['+15550002222', '+15550001111']", true),
        ("type NOT IN ['support', 'billing']", true),
        ("\"tax\" IN skillsNeeded", true),
        ("'de' IN skillsNeeded", false),
        ("skillsNeeded HAS 'tax'", true),
        ("amount IN [100, 250]", true),
        // Flex used to propose this expression for a skill. Filters have no prefix, so the attribute is a member of
        // `task`.
        ("\"tax\" IN task.skillsNeeded", true),
        ("\"es\" IN task.skillsNeeded", false),
    ]);
}

#[test]
fn filters_of_several_conditions() {
    assert_filters(&[
        ("customer_value == 'Gold' AND type == 'sales'", true),
        ("(customer_value == 'Gold') AND (type == 'ticket')", false),
        ("type == 'ticket' OR urgent == true", true),
        ("(language == 'en' OR language == 'fr-CA') AND amount >= 100.5", true),
        ("manual == 1 AND channelType == \"chat\"", false),
        ("(to IN ['+15550001111'] AND language CONTAINS \"fr\")", true),
        ("(to==\"+1\" AND language CONTAINS \"fr\") OR urgent == true", true),
        ("channelType =='web'  OR urgent == false OR  to == 'x'", true),
        ("callback == null AND closed == null AND transferKind != 'queue'", true),
        (
            "(((channelType =='web'   AND form.reason IN ['refund','Unknown'] ) OR (channelType =='sms' AND \
             memory.priority != 'Yes' )) AND (transferKind =='' OR transferKind =='worker') AND clinical != 'true')  \
             OR  targetSid=='WQ1' OR urgent == false",
            true,
        ),
        ("type == 'sales' and (language == 'de' or urgent == true)", true),
        ("type == 'sales'\n  AND\n  urgent == true", true),
        ("NOT type == 'support' AND NOT (urgent == false)", true),
    ]);
}

#[test]
fn queues_by_skill_and_attribute() {
    assert_queues(&[
        ("skills HAS 'tax'", true),
        ("skills HAS \"support\"", false),
        ("(skills HAS 'tax') AND (languages HAS 'en')", true),
        ("routing.skills HAS 'tax'", true),
        ("routing.skills HAS \"Mental Health\"", true),
        ("routing.skills has \"tax\"", true),
        ("(routing.skills HAS 'tax' OR roles HAS 'supervisor')", true),
        ("roles HAS 'wfo.full_access'", true),
        ("'tax' IN skills", true),
        ("\"trainee\" NOT IN routing.skills", true),
        ("routing.levels.tax > 3", true),
        ("level < 5", true),
        ("level >= 1 AND level <= 2", false),
        ("email=='ana@example.org'", true),
        ("team_name == \"Blue Team\" AND routing.skills HAS \"tax\"", true),
        ("tenant == \"t-1\" AND (is_available == true)", true),
        ("friendly_name IN ['ana', 'bo']", true),
        ("activity_name == 'Available'", true),
        ("product == \"voice\"", false),
        // Strings in place of names.
        ("\"skills\" HAS \"tax\" AND \"skills\" HAS \"billing\"", false),
        ("languages CONTAINS 'en'", false),
    ]);
}

#[test]
fn targets_that_match_the_task_with_the_worker() {
    assert_targets(&[
        ("task.language IN worker.languages", true),
        ("worker.languages HAS task.language", true),
        ("task.language == worker.language", false),
        ("worker.id IN task.preferred", true),
        ("task.targetSid==worker.sid", true),
        ("task.targetSid = worker.sid", true),
        ("worker.sid == task.agent.sid", true),
        ("worker.friendly_name == task.agent.name", true),
        ("worker.contact_uri != task.from", true),
        ("task.from!=worker.contact_uri", true),
        ("worker.sid NOT IN task.excluded", true),
        ("worker.sid NOT IN task.excluded AND worker.email != task.owner", true),
        ("task.to CONTAINS worker.phone_number", true),
        ("task.excluded HAS worker.sid", false),
        ("worker.attributes.skills HAS \"tax\"", false),
        ("(skills HAS 'tax') AND (languages HAS 'en')", false),
        (
            "task.language == 'fr-CA' AND (worker.routing.skills has \"fr\" OR worker.routing.skills has \"tax\")",
            true,
        ),
        (
            "(task.from!=worker.contact_uri) and (worker.sid NOT IN task.excluded)",
            true,
        ),
    ]);
}

#[test]
fn targets_that_look_at_what_the_worker_does() {
    assert_targets(&[
        ("worker.channel.voice.available_capacity_percentage == 100", true),
        ("worker.channel.chat.available_capacity_percentage < 75", false),
        ("worker.channel.chat.assigned_tasks<=1", true),
        ("worker.channel.chat.assigned_tasks==0", false),
        ("worker.channel.chat.configured_capacity > 0", true),
        ("worker.activity_name in ['Available', 'Late shift']", true),
        ("worker.activity_sid == 'WAAvailable'", true),
        ("worker.routing.levels.tax >= 4", true),
        ("worker.routing.levels.es > 0", false),
        ("worker.level = 3", true),
        (
            "(worker.offline != true AND ((task.channelType == 'voice' AND worker.channel.chat.assigned_tasks == 0) OR \
             (task.channelType != 'voice' AND worker.channel.voice.assigned_tasks == 0)) AND ((task.transferKind == \
             'worker' AND task.targetSid == worker.sid) OR (task.transferKind != 'worker' AND worker.sid != \
             task.ignored))) OR (worker.offline == true AND task.targetSid == worker.sid AND task.entered == true)",
            true,
        ),
        (
            "(worker.routing.skills HAS \"Chat\" AND task.form.age <= 13) OR (worker.routing.skills HAS \"Mental \
             Health\" AND (task.form.age > 13 OR task.form.age == '>20') AND task.form.reason != 'other')",
            true,
        ),
    ]);
}

#[test]
fn steps_that_are_skipped_by_what_the_queue_s_workers_do() {
    let mut away = ana();
    away.activity = activity("Break", false);
    let headcount: Headcount = [&ana(), &away, &away].into_iter().collect();
    assert_all(
        Scope::Workers(&headcount),
        &[
            ("1==1", true),
            ("workers.available == 0", false),
            ("workers.available==1", true),
            ("workers.unavailable > 1", true),
            ("workers.WABreak < 2", false),
            ("workers.WABreak < 2 OR workers.WAAvailable < 2", true),
            ("workers.available <= 1 AND workers.WALunch == 0", true),
        ],
    );
}

#[test]
fn orders() {
    let orders = [
        ("worker.tier ASC", "worker.tier ASC"),
        ("worker.english_level desc", "worker.english_level DESC"),
        (
            "worker.tax ASC, worker.billing ASC",
            "worker.tax ASC, worker.billing ASC",
        ),
        (
            "worker.routing.levels.fr DESC,worker.routing.levels.tax DESC",
            "worker.routing.levels.fr DESC, worker.routing.levels.tax DESC",
        ),
        (
            "worker.routing.levels.fr DESC , worker.routing.levels.tax DESC",
            "worker.routing.levels.fr DESC, worker.routing.levels.tax DESC",
        ),
        (
            "worker.channel.chat.available_capacity_percentage DESC",
            "worker.channel.chat.available_capacity_percentage DESC",
        ),
    ];
    for (text, printed) in orders {
        let order: OrderBy = text.parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(order.to_string(), printed);
    }
}
