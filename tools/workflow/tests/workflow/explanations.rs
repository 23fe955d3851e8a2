//! The `Display` of a route.

use serde_json::{Value, json};

use crate::scene::{Scene, seconds, task, workflow};

#[test]
fn a_route_tells_what_comes_of_it_and_then_why() {
    let filters = json!([
        {"filter_friendly_name": "Spanish", "expression": "language == 'es' AND handedOff == true", "targets": [
            {"queue": "WQAna"}]},
        {"filter_friendly_name": "Same rep again", "expression": "rep != null", "targets": [
            {"queue": "WQBen", "known_worker_sid": "task.rep", "skip_if": "workers.available == 0", "timeout": 30}]},
        {"targets": [
            {"queue": "WQBen", "skip_if": "workers.available == 0", "priority": 5, "timeout": 30},
            {"queue": "WQAna", "expression": "worker.level > 2 OR task.vip != true"}]},
    ]);
    let workflow = workflow(filters, Value::Null);
    let mut scene = Scene::new(&["Ana", "Ben"]);
    scene.take_off("Ben");
    let attributes = json!({"handedOff": true, "language": "en", "rep": "WKBen", "vip": true});
    let mut task = task(attributes);
    let entered = workflow.enter(&task, scene.workspace());
    assert_eq!(
        entered.to_string(),
        r#"The task waits in queue "Ana" (WQAna): nobody can take it now.
filter 1 "Spanish" doesn't match: language == 'es' AND handedOff == true is false
      ✗ language == 'es' (language is "en")
      ✓ handedOff == true (handedOff is true)
filter 2 "Same rep again" matches: rep != null is true (rep is "WKBen")
  target 1: queue "Ben" (WQBen), with priority 0, until the task is 30 s old
    ✗ Ana (WKAna): not in the queue: friendly_name == 'Ben' is false (friendly_name is "Ana")
    ✗ Ben (WKBen): not available: the activity is "Break"
  nobody can take it now, so skip_if is asked, and the task goes on: workers.available == 0 is true (workers.available is 0)
filter 3 matches every task: it has no expression
  target 1: queue "Ben" (WQBen), with priority 5, until the task is 30 s old
    ✗ Ana (WKAna): not in the queue: friendly_name == 'Ben' is false (friendly_name is "Ana")
    ✗ Ben (WKBen): not available: the activity is "Break"
  nobody can take it now, so skip_if is asked, and the task goes on: workers.available == 0 is true (workers.available is 0)
  target 2: queue "Ana" (WQAna), with priority 5
    ✗ Ana (WKAna): doesn't match the target: worker.level > 2 OR task.vip != true is false
      ✗ worker.level > 2 (worker.level is missing, so null; only two numbers or two strings have an order)
      ✗ task.vip != true (task.vip is true)
    ✗ Ben (WKBen): not in the queue: friendly_name == 'Ana' is false (friendly_name is "Ben")"#
    );

    scene.worker("Ana").attributes = json!({"level": 3});
    task.age = seconds(7);
    let stayed = workflow.stay(&task, scene.workspace(), &entered.place.expect("a place"));
    assert_eq!(
        stayed.to_string(),
        r#"The task is in queue "Ana" (WQAna) and offered to Ana.
  target 2: queue "Ana" (WQAna), with priority 0
    ✓ Ana (WKAna): is offered the task
    ✗ Ben (WKBen): not in the queue: friendly_name == 'Ana' is false (friendly_name is "Ben")"#
    );
}

#[test]
fn a_route_tells_why_a_task_is_not_where_it_might_be_thought_to_be() {
    let filters = json!([
        {"expression": "rep == null", "targets": [
            {"queue": "WQAna", "known_worker_friendly_name": "task.wanted", "skip_if": "1==0", "timeout": 10}]},
        {"expression": "1==1", "targets": [{"queue": "WQAna"}]},
    ]);
    let workflow = workflow(filters, json!({"queue": "WQAna"}));
    let scene = Scene::new(&["Ana"]);
    let mut task = task(json!({}));
    let entered = workflow.enter(&task, scene.workspace());
    assert_eq!(
        entered.to_string(),
        r#"The task waits in queue "Ana" (WQAna): nobody can take it now.
filter 1 matches: rep == null is true (rep is missing, so null)
  target 1: queue "Ana" (WQAna), with priority 0, until the task is 10 s old
    ✗ Ana (WKAna): not the known worker: the task names none
  nobody can take it now, so skip_if is asked, but the task waits: 1 == 0 is false"#
    );

    task.age = seconds(10);
    let place = workflow
        .stay(&task, scene.workspace(), &entered.place.expect("a place"))
        .place;
    let again = workflow.reevaluate(&task, scene.workspace(), &place.expect("a place"));
    assert_eq!(
        again.to_string(),
        r#"The task is in queue "Ana" (WQAna) and offered to Ana.
filter 1 matches: rep == null is true (rep is missing, so null)
  but the task has been there already, until the last target's time was up
filter 2 matches: 1 == 1 is true
  target 1: queue "Ana" (WQAna), with priority 0
    ✓ Ana (WKAna): is offered the task"#
    );
}
