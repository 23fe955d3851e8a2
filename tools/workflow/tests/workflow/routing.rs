//! Where tasks go.

use serde_json::{Value, json};
use workflow::{Place, Workflow};

use crate::scene::{Scene, activity, in_short, seconds, task, workflow};

fn place_of(workflow: &Workflow, scene: &Scene, attributes: Value) -> Place {
    workflow
        .enter(&task(attributes), scene.workspace())
        .place
        .expect("a place")
}

#[test]
fn the_first_filter_that_matches_wins_and_without_one_the_default_filter_does() {
    let filters = json!([
        {"expression": "type == 'sales'", "targets": [{"queue": "WQSales", "priority": 7}]},
        {"expression": "type IN ['sales', 'support']", "targets": [{"queue": "WQSupport"}]},
    ]);
    let with_default = workflow(filters.clone(), json!({"queue": "WQEveryone", "priority": "2"}));
    let without = workflow(filters, Value::Null);
    let scene = Scene::new(&["Sales", "Support", "Everyone"]);
    let table = [
        (
            json!({"type": "sales"}),
            "WQSales at 7, offered to WKSales",
            "WQSales at 7, offered to WKSales",
        ),
        (
            json!({"type": "support"}),
            "WQSupport at 0, offered to WKSupport",
            "WQSupport at 0, offered to WKSupport",
        ),
        (
            json!({"type": "other"}),
            "WQEveryone at 2, offered to WKEveryone",
            "left",
        ),
        (json!({}), "WQEveryone at 2, offered to WKEveryone", "left"),
    ];
    for (attributes, expected, expected_without) in table {
        let route = |workflow: &Workflow| in_short(&workflow.enter(&task(attributes.clone()), scene.workspace()));
        assert_eq!(
            (route(&with_default).as_str(), route(&without).as_str()),
            (expected, expected_without)
        );
    }
}

#[test]
fn targets_follow_each_other_by_their_time_outs_and_then_the_task_is_canceled() {
    let targets = json!([
        {"queue": "WQa", "priority": 1, "timeout": 10},
        {"timeout": 20},
        {"queue": "WQb", "priority": 5, "timeout": 30},
    ]);
    let workflow = workflow(
        json!([{"expression": "1==1", "targets": targets}]),
        json!({"queue": "WQc"}),
    );
    let mut scene = Scene::new(&["a", "b", "c"]);
    for name in ["a", "b", "c"] {
        scene.take_off(name);
    }
    let mut task = task(json!({}));
    let mut place = place_of(&workflow, &scene, json!({}));
    task.priority = place.priority;
    let mut steps = Vec::new();
    for age in [0, 9, 10, 29, 30, 59, 60] {
        task.age = seconds(age);
        let route = workflow.stay(&task, scene.workspace(), &place);
        steps.push(format!("{age}: {}", in_short(&route)));
        let Some(next) = route.place else { break };
        task.priority = next.priority;
        place = next;
    }
    assert_eq!(
        steps,
        [
            "0: WQa at 1 until 10, waits",
            "9: WQa at 1 until 10, waits",
            "10: WQa at 1 until 30, waits",
            "29: WQa at 1 until 30, waits",
            "30: WQb at 5 until 60, waits",
            "59: WQb at 5 until 60, waits",
            "60: left",
        ]
    );
}

#[test]
fn a_clock_that_jumps_passes_over_every_target_whose_time_has_gone() {
    let targets = json!([{"queue": "WQa", "timeout": 10}, {"timeout": 10}, {"queue": "WQb", "timeout": 10}]);
    let workflow = workflow(json!([{"expression": "1==1", "targets": targets}]), Value::Null);
    let scene = Scene::new(&["a", "b"]);
    let place = place_of(&workflow, &scene, json!({}));
    let mut task = task(json!({}));
    task.age = seconds(25);
    let route = workflow.stay(&task, scene.workspace(), &place);
    assert_eq!(in_short(&route), "WQb at 0 until 30, offered to WKb");
}

#[test]
fn a_task_that_times_out_of_a_filter_goes_to_the_next_that_matches_but_not_to_the_default() {
    let filters = json!([
        {"expression": "vip == true", "targets": [{"queue": "WQa", "timeout": 10}]},
        {"expression": "vip == false", "targets": [{"queue": "WQb"}]},
        {"expression": "1==1", "targets": [{"queue": "WQc", "timeout": 5}]},
    ]);
    let workflow = workflow(filters, json!({"queue": "WQb"}));
    let mut scene = Scene::new(&["a", "b", "c"]);
    scene.take_off("a");
    let place = place_of(&workflow, &scene, json!({"vip": true}));
    let mut task = task(json!({"vip": true}));

    task.age = seconds(10);
    let second = workflow.stay(&task, scene.workspace(), &place);
    assert_eq!(in_short(&second), "WQc at 0 until 15, offered to WKc");

    // A rejection doesn't bring the task back to the filter whose time has run out.
    task.age = seconds(12);
    let again = workflow.reevaluate(&task, scene.workspace(), second.place.as_ref().expect("a place"));
    assert_eq!(in_short(&again), "WQc at 0 until 15, offered to WKc");

    task.age = seconds(15);
    let last = workflow.stay(&task, scene.workspace(), again.place.as_ref().expect("a place"));
    assert_eq!(in_short(&last), "left");
    assert_eq!(
        last.to_string(),
        "The task leaves the workflow, and TaskRouter cancels it.\n  \
         target 1: its time is up\n\
         default filter: not for a task whose time was up in another one"
    );
}

#[test]
fn a_target_is_skipped_if_nobody_can_be_offered_the_task_and_skip_if_holds() {
    let filters = json!([{"expression": "1==1", "targets": [
        {"queue": "WQa", "skip_if": "workers.available == 0", "timeout": 10, "priority": 3},
        {"queue": "WQb", "skip_if": "1==1", "timeout": 10},
        {"queue": "WQc"},
    ]}]);
    let workflow = workflow(filters, Value::Null);
    let mut scene = Scene::new(&["a", "b", "c"]);
    let route = |scene: &Scene| in_short(&workflow.enter(&task(json!({})), scene.workspace()));

    assert_eq!(route(&scene), "WQa at 3 until 10, offered to WKa");
    // The worker is available but has no room, which is no reason to skip here.
    scene.worker("a").channels.clear();
    assert_eq!(route(&scene), "WQa at 3 until 10, waits");
    scene.take_off("a");
    assert_eq!(route(&scene), "WQb at 3 until 20, offered to WKb");
    scene.worker("b").channels.clear();
    assert_eq!(route(&scene), "WQc at 3, offered to WKc");
}

#[test]
fn skip_if_counts_the_queue_s_workers_by_what_they_do() {
    let mut scene = Scene::new(&["a", "b", "c", "d"]);
    scene.queues[0].target_workers = "friendly_name != 'd'".parse().ok();
    scene.workers.iter_mut().for_each(|worker| worker.channels.clear());
    scene.take_off("c");
    let table = [
        ("workers.available == 2", true),
        ("workers.unavailable == 1", true),
        ("workers.WABreak == 1 AND workers.WAAvailable == 2", true),
        ("workers.WALunch < 1", true),
        ("workers.WABreak > 1 OR workers.available > 2", false),
        ("available == 0", false),
        ("workers.busy == 0", false),
    ];
    for (skip_if, skipped) in table {
        let targets = json!([{"queue": "WQa", "skip_if": skip_if}, {"queue": "WQb"}]);
        let workflow = workflow(json!([{"targets": targets}]), Value::Null);
        let expected = if skipped { "WQb at 0, waits" } else { "WQa at 0, waits" };
        assert_eq!(
            in_short(&workflow.enter(&task(json!({})), scene.workspace())),
            expected,
            "{skip_if}"
        );
    }
}

#[test]
fn skip_if_is_asked_when_the_task_comes_and_not_while_it_waits() {
    let targets = json!([{"queue": "WQa", "skip_if": "workers.available == 0"}, {"queue": "WQb"}]);
    let workflow = workflow(json!([{"targets": targets}]), Value::Null);
    let mut scene = Scene::new(&["a", "b"]);
    let place = place_of(&workflow, &scene, json!({}));
    scene.take_off("a");
    let route = workflow.stay(&task(json!({})), scene.workspace(), &place);
    assert_eq!(in_short(&route), "WQa at 0, waits");
}

#[test]
fn a_target_that_was_skipped_is_not_come_back_to() {
    let targets = json!([{"queue": "WQa", "skip_if": "1==1"}, {"queue": "WQb"}]);
    let workflow = workflow(json!([{"targets": targets}]), Value::Null);
    let mut scene = Scene::new(&["a", "b"]);
    let away = std::mem::replace(&mut scene.worker("a").activity, activity("Break", false));
    let place = place_of(&workflow, &scene, json!({}));
    scene.worker("a").activity = away;
    let route = workflow.reevaluate(&task(json!({})), scene.workspace(), &place);
    assert_eq!(in_short(&route), "WQb at 0, offered to WKb");
}

#[test]
fn a_task_that_skips_a_filter_goes_on_as_if_it_had_not_matched() {
    let skipping = |name: &str| json!({"targets": [{"queue": format!("WQ{name}"), "skip_if": "1==1"}]});
    let mut scene = Scene::new(&["a", "b", "c"]);
    scene.take_off("a");
    let route = |scene: &Scene| {
        let workflow = workflow(json!([skipping("a"), skipping("b")]), json!({"queue": "WQc"}));
        in_short(&workflow.enter(&task(json!({})), scene.workspace()))
    };
    assert_eq!(route(&scene), "WQb at 0, offered to WKb");
    scene.take_off("b");
    assert_eq!(route(&scene), "WQc at 0, offered to WKc");
}

#[test]
fn after_a_rejection_the_filters_are_tried_from_the_top_and_the_same_one_means_the_same_target() {
    let filters = json!([
        {"expression": "handedOff == true", "targets": [{"queue": "WQpeople", "priority": 50, "timeout": 300}]},
        {"expression": "channelType == 'web'", "targets": [{"queue": "WQai", "timeout": 10}, {"timeout": 10}]},
    ]);
    let workflow = workflow(filters, Value::Null);
    let scene = Scene::new(&["people", "ai"]);
    let place = place_of(&workflow, &scene, json!({"channelType": "web"}));
    let later = |attributes: Value, age| {
        let mut task = task(attributes);
        task.age = seconds(age);
        in_short(&workflow.reevaluate(&task, scene.workspace(), &place))
    };
    // A worker who rejected the task may be offered the task again.
    assert_eq!(
        later(json!({"channelType": "web"}), 8),
        "WQai at 0 until 10, offered to WKai"
    );
    assert_eq!(
        later(json!({"channelType": "web"}), 12),
        "WQai at 0 until 20, offered to WKai"
    );
    // Another filter's timeouts begin when the task enters the filter.
    let handed_off = json!({"channelType": "web", "handedOff": true});
    assert_eq!(later(handed_off, 8), "WQpeople at 50 until 308, offered to WKpeople");
    let as_text = json!({"channelType": "web", "handedOff": "true"});
    assert_eq!(later(as_text, 8), "WQai at 0 until 10, offered to WKai");
}

#[test]
fn a_filter_for_handoffs_below_the_ai_s_brings_the_task_back_to_the_ai() {
    let ai =
        json!({"filter_friendly_name": "AI", "expression": "channelType == 'web'", "targets": [{"queue": "WQai"}]});
    let people = json!({"expression": "handedOff == true", "targets": [{"queue": "WQpeople"}]});
    let workflow = workflow(json!([ai, people]), Value::Null);
    let scene = Scene::new(&["people", "ai"]);
    let place = place_of(&workflow, &scene, json!({"channelType": "web"}));
    let handed_off = task(json!({"channelType": "web", "handedOff": true}));
    let route = workflow.reevaluate(&handed_off, scene.workspace(), &place);
    assert_eq!(in_short(&route), "WQai at 0, offered to WKai");
    assert_eq!(
        route.to_string(),
        r#"The task is in queue "ai" (WQai) and offered to ai.
filter 1 "AI" matches: channelType == 'web' is true (channelType is "web")
  target 1: queue "ai" (WQai), with priority 0
    ✓ ai (WKai): is offered the task
    ✗ people (WKpeople): not in the queue: friendly_name == 'ai' is false (friendly_name is "people")"#
    );
}

#[test]
fn a_priority_that_was_changed_by_hand_stays_until_the_next_target() {
    let targets = json!([{"queue": "WQa", "priority": 10, "timeout": 10}, {"priority": 20}]);
    let workflow = workflow(json!([{"targets": targets}]), Value::Null);
    let scene = Scene::new(&["a"]);
    let place = place_of(&workflow, &scene, json!({}));
    let mut task = task(json!({}));
    task.priority = 99;
    assert_eq!(
        in_short(&workflow.stay(&task, scene.workspace(), &place)),
        "WQa at 99 until 10, offered to WKa"
    );
    task.age = seconds(10);
    assert_eq!(
        in_short(&workflow.stay(&task, scene.workspace(), &place)),
        "WQa at 20, offered to WKa"
    );
}

#[test]
fn a_task_that_comes_back_to_its_place_past_a_target_that_it_skips_keeps_its_priority() {
    let filters = json!([
        {"targets": [{"queue": "WQa", "priority": 3, "skip_if": "1==1"}]},
        {"targets": [{"queue": "WQb", "priority": 7}]},
    ]);
    let workflow = workflow(filters, Value::Null);
    let mut scene = Scene::new(&["a", "b"]);
    scene.take_off("a");
    let mut task = task(json!({}));
    let entered = workflow.enter(&task, scene.workspace());
    assert_eq!(in_short(&entered), "WQb at 7, offered to WKb");
    task.priority = 7;
    let again = workflow.reevaluate(&task, scene.workspace(), entered.place.as_ref().expect("a place"));
    assert_eq!(in_short(&again), "WQb at 7, offered to WKb");
}

#[test]
fn in_the_default_filter_a_task_waits_without_a_time_out_and_can_be_routed_out_of_it() {
    let filters = json!([{"expression": "ready == true", "targets": [{"queue": "WQa"}]}]);
    let workflow = workflow(filters, json!({"queue": "WQb", "timeout": 5}));
    let scene = Scene::new(&["a", "b"]);
    let place = place_of(&workflow, &scene, json!({}));
    let mut task = task(json!({"ready": true}));
    task.age = seconds(1000);
    assert_eq!(
        in_short(&workflow.stay(&task, scene.workspace(), &place)),
        "WQb at 0, offered to WKb"
    );
    assert_eq!(
        in_short(&workflow.reevaluate(&task, scene.workspace(), &place)),
        "WQa at 0, offered to WKa"
    );
}

#[test]
fn a_queue_that_there_is_not_offers_nobody() {
    let workflow = workflow(json!([]), json!({"queue": "WQgone"}));
    let route = workflow.enter(&task(json!({})), Scene::new(&["a"]).workspace());
    assert_eq!(in_short(&route), "WQgone at 0, waits");
    assert_eq!(
        route.to_string(),
        "The task waits in queue WQgone, which doesn't exist: nobody can take it now.\n\
         default filter, since no other one keeps the task\n  \
         target 1: queue WQgone, which doesn't exist, with priority 0"
    );
}

#[test]
fn a_workflow_without_anything_cancels_every_task() {
    let workflow: Workflow = r#"{"filters": []}"#.parse().unwrap();
    let route = workflow.enter(&task(json!({})), Scene::new(&["a"]).workspace());
    assert_eq!(
        route.to_string(),
        "The task leaves the workflow, and TaskRouter cancels it.\ndefault filter: there is none"
    );
    assert_eq!(in_short(&route), "left");
}
