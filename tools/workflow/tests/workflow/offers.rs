//! The workers with an offer.

use serde_json::{Value, json};
use workflow::{Considered, Step, Verdict, Worker, WorkerChannel, Workspace};

use crate::scene::{activity, queue, seconds, task, worker, workflow};

/// The workers to whom a target of the queue `Skilled` offers a task.
fn offered(target: Value, attributes: Value, workers: &[Worker], at_once: usize) -> Vec<String> {
    let mut queue = queue("Skilled", "skills != null");
    queue.max_reserved_workers = at_once;
    let mut target = target;
    target["queue"] = json!("WQSkilled");
    let workflow = workflow(json!([{"expression": "1==1", "targets": [target]}]), Value::Null);
    let queues = [queue];
    let workspace = Workspace {
        queues: &queues,
        workers,
    };
    workflow.enter(&task(attributes), workspace).offered
}

fn skilled(name: &str, more: Value) -> Worker {
    let mut attributes = json!({"skills": ["tax"]});
    for (name, value) in more.as_object().expect("an object") {
        attributes[name] = value.clone();
    }
    worker(name, attributes)
}

#[test]
fn of_those_who_can_take_it_the_one_who_has_been_idle_longest_is_first() {
    let mut workers = ["Ana", "Ben", "Cid", "Dora"].map(|name| skilled(name, json!({})));
    for (worker, idle) in workers.iter_mut().zip([5, 90, 30, 90]) {
        worker.idle = seconds(idle);
    }
    assert_eq!(offered(json!({}), json!({}), &workers, 1), ["WKBen"]);
    assert_eq!(offered(json!({}), json!({}), &workers, 3), ["WKBen", "WKDora", "WKCid"]);
    assert_eq!(
        offered(json!({}), json!({}), &workers, 50),
        ["WKBen", "WKDora", "WKCid", "WKAna"]
    );
}

#[test]
fn order_by_comes_before_idleness_and_is_ignored_where_it_meets_no_integer() {
    let mut workers = [
        skilled("Ana", json!({"levels": {"tax": 3, "es": 1}, "mixed": "high"})),
        skilled("Ben", json!({"levels": {"tax": 9}, "mixed": 1})),
        skilled("Cid", json!({"levels": {"tax": 3, "es": 7}})),
        skilled("Dora", json!({"mixed": 2})),
    ];
    workers[3].idle = seconds(600);
    let order = |order_by: &str| offered(json!({ "order_by": order_by }), json!({}), &workers, 4).join(" ");
    assert_eq!(
        order("worker.levels.tax DESC, worker.levels.es DESC"),
        "WKBen WKCid WKAna WKDora"
    );
    assert_eq!(
        order("worker.levels.tax ASC, worker.levels.es ASC"),
        "WKAna WKCid WKBen WKDora"
    );
    assert_eq!(order("worker.levels.tax desc"), "WKBen WKAna WKCid WKDora");
    assert_eq!(order("worker.mixed ASC"), "WKDora WKAna WKBen WKCid");
    assert_eq!(order("levels.tax DESC"), "WKDora WKAna WKBen WKCid");
}

#[test]
fn a_target_s_expression_sees_the_task_and_the_worker() {
    let mut workers = [
        skilled("Ana", json!({"languages": ["en"], "team": {"id": 7}})),
        skilled("Ben", json!({"languages": ["en", "es"]})),
    ];
    let chat = |reservations, assigned| WorkerChannel {
        capacity: 3,
        available: true,
        reservations,
        assigned,
    };
    workers[0].channels.insert("chat".to_owned(), chat(2, 1));
    workers[1].channels.insert("chat".to_owned(), chat(0, 0));
    let table = [
        ("worker.languages HAS task.language", "WKBen"),
        ("task.language IN worker.languages", "WKBen"),
        ("worker.team.id == 7", "WKAna"),
        ("worker.sid == 'WKAna'", "WKAna"),
        ("worker.friendly_name == 'Ben'", "WKBen"),
        ("worker.activity_name in ['Available', 'Late shift']", "WKAna WKBen"),
        ("worker.activity_sid == 'WAAvailable'", "WKAna WKBen"),
        ("worker.channel.chat.configured_capacity == 3", "WKAna WKBen"),
        ("worker.channel.chat.assigned_tasks <= 0", "WKBen"),
        ("worker.channel.chat.assigned_tasks == 1", "WKAna"),
        ("worker.channel.chat.available_capacity_percentage == 33", "WKAna"),
        ("worker.channel.chat.available_capacity_percentage == 100", "WKBen"),
        ("worker.channel.voice.assigned_tasks == 0", ""),
        ("worker.sid NOT IN task.excluded", "WKBen"),
        ("worker.sid NOT IN task.missing", ""),
        ("language == 'es'", ""),
        ("task.vip != true", "WKAna WKBen"),
    ];
    for (expression, expected) in table {
        let attributes = json!({"language": "es", "excluded": ["WKAna"]});
        let offered = offered(json!({ "expression": expression }), attributes, &workers, 9);
        assert_eq!(offered.join(" "), expected, "{expression}");
    }
}

#[test]
fn an_attribute_hides_the_field_of_its_name() {
    let workers = [skilled("Ana", json!({"sid": "mine", "channel": "web"}))];
    let offered = |expression: &str| offered(json!({ "expression": expression }), json!({}), &workers, 1).join(" ");
    assert_eq!(offered("worker.sid == 'mine'"), "WKAna");
    assert_eq!(
        offered("worker.channel == 'web' AND worker.channel.chat.assigned_tasks == 0"),
        "WKAna"
    );
}

#[test]
fn a_known_worker_is_offered_the_task_or_nobody_is() {
    let workers = [
        skilled("Ana", json!({})),
        skilled("Ben", json!({})),
        worker("Cid", json!({})),
    ];
    let table = [
        (
            json!({"known_worker_sid": "task.agent"}),
            json!({"agent": "WKBen"}),
            "WKBen",
        ),
        (
            json!({"known_worker_friendly_name": "task.agent.name"}),
            json!({"agent": {"name": "Ben"}}),
            "WKBen",
        ),
        (json!({"known_worker_sid": "task.agent"}), json!({"agent": null}), ""),
        (json!({"known_worker_sid": "task.agent"}), json!({}), ""),
        (json!({"known_worker_sid": "task.agent"}), json!({"agent": 7}), ""),
        (json!({"known_worker_sid": "agent"}), json!({"agent": "WKBen"}), ""),
        // This worker is not in the queue.
        (json!({"known_worker_sid": "task.agent"}), json!({"agent": "WKCid"}), ""),
        (
            json!({"known_worker_sid": "task.agent", "expression": "worker.vip == true"}),
            json!({"agent": "WKBen"}),
            "",
        ),
    ];
    for (target, attributes, expected) in table {
        assert_eq!(
            offered(target.clone(), attributes, &workers, 2).join(" "),
            expected,
            "{target}"
        );
    }
}

#[test]
fn each_worker_who_is_not_offered_the_task_has_a_reason() {
    let mut workers = vec![worker("Outside", json!({}))];
    workers
        .extend(["Unmatched", "Away", "Voice", "Off", "Full", "Later", "First"].map(|name| skilled(name, json!({}))));
    workers[1].attributes["team"] = json!("b");
    workers[2].activity = activity("Lunch", false);
    workers[3].channels.clear();
    let channel = WorkerChannel {
        capacity: 2,
        available: true,
        reservations: 2,
        assigned: 1,
    };
    let off = WorkerChannel {
        available: false,
        reservations: 0,
        ..channel
    };
    workers[4].channels.insert("chat".to_owned(), off);
    workers[5].channels.insert("chat".to_owned(), channel);
    workers[7].idle = seconds(61);

    let target = json!({"queue": "WQSkilled", "expression": "worker.team != 'b'"});
    let workflow = workflow(json!([{"expression": "1==1", "targets": [target]}]), Value::Null);
    let queues = [queue("Skilled", "skills != null")];
    let workspace = Workspace {
        queues: &queues,
        workers: &workers,
    };
    let route = workflow.enter(&task(json!({})), workspace);

    let Some(Step::Target { considered, .. }) = route.steps.last() else {
        panic!("{route}");
    };
    let verdicts: Vec<String> = considered.iter().map(Considered::to_string).collect();
    assert_eq!(
        verdicts,
        [
            "✓ First (WKFirst): is offered the task",
            "○ Later (WKLater): could take it, but others come first",
            "✗ Outside (WKOutside): not in the queue: skills != null is false (skills is missing, so null)",
            "✗ Unmatched (WKUnmatched): doesn't match the target: worker.team != 'b' is false (worker.team is \"b\")",
            "✗ Away (WKAway): not available: the activity is \"Lunch\"",
            "✗ Voice (WKVoice): takes no tasks of this channel",
            "✗ Off (WKOff): takes no tasks of this channel now: it is switched off",
            "✗ Full (WKFull): has no room: 2 of 2 tasks of this channel",
        ]
    );
    assert_eq!(considered[1].verdict, Verdict::Behind);
}

#[test]
fn capacity_is_rounded_down_and_never_below_nothing() {
    let percentage = |capacity, reservations| {
        let channel = WorkerChannel {
            capacity,
            available: true,
            reservations,
            assigned: 0,
        };
        channel.available_capacity_percentage()
    };
    let table = [
        (3, 0, 100),
        (3, 1, 66),
        (3, 2, 33),
        (3, 3, 0),
        (3, 4, 0),
        (0, 0, 0),
        (u32::MAX, 0, 100),
    ];
    for (capacity, reservations, expected) in table {
        assert_eq!(
            percentage(capacity, reservations),
            expected,
            "{reservations} of {capacity}"
        );
    }
}
