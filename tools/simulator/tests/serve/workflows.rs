//! `--workflow`.

use simulator::twilio::sids::REP_WORKER_SID;

use crate::file::File;
use crate::process::{Simulator, assert_complaint, json, tasks};

#[tokio::test]
async fn a_workflow_of_ones_own_has_its_queues() {
    let sid = "WQ00000000000000000000000000000007";
    let expression = "worker.roles HAS 'agent'";
    let filter =
        format!(r#"{{"expression": "a == 1", "targets": [{{"queue": "{sid}", "expression": "{expression}"}}]}}"#);
    let file = File::with("own", &format!(r#"{{"task_routing": {{"filters": [{filter}]}}}}"#));
    let simulator = Simulator::serve(&["--workflow", file.path()]);
    assert!(
        simulator
            .greeting
            .contains(&format!("queue     {sid}  Queue 3   1==1\n")),
        "{}",
        simulator.greeting
    );

    let (_, task) = json(simulator.create_task(r#"{"a":1}"#)).await;
    assert_eq!(task["task_queue_sid"], sid);
    let reservations = format!("{}/{}/Reservations", tasks(), task["sid"].as_str().unwrap());
    let (_, offers) = json(simulator.request("GET", &reservations)).await;
    assert_eq!(offers["reservations"][0]["worker_sid"], REP_WORKER_SID);
}

#[tokio::test]
async fn handed_off_tasks_of_an_own_workflow_never_return_to_the_ai() {
    let (people, everybody) = (
        "WQ0000000000000000000000000000000a",
        "WQ0000000000000000000000000000000b",
    );
    let filters = format!(
        r#"[{{"expression": "handedOff == true", "targets": [{{"queue": "{people}"}}]}},
            {{"expression": "1==1", "targets": [{{"queue": "{everybody}"}}]}}]"#
    );
    let file = File::with(
        "handed-off",
        &format!(r#"{{"task_routing": {{"filters": {filters}}}}}"#),
    );
    let simulator = Simulator::serve(&["--workflow", file.path()]);
    for queue in [
        format!("queue     {people}  Queue 3   roles HAS 'agent'\n"),
        format!("queue     {everybody}  Queue 4   1==1\n"),
    ] {
        assert!(simulator.greeting.contains(&queue), "{}", simulator.greeting);
    }
    let (_, task) = json(simulator.create_task(r#"{"handedOff":true}"#)).await;
    assert_eq!(task["task_queue_sid"], people);
    let reservations = format!("{}/{}/Reservations", tasks(), task["sid"].as_str().unwrap());
    let (_, offers) = json(simulator.request("GET", &reservations)).await;
    assert_eq!(offers["reservations"][0]["worker_sid"], REP_WORKER_SID);
}

#[test]
fn a_workflow_that_cannot_be_read_is_shown_where() {
    let file = File::with(
        "broken",
        "{\"filters\": [\n  {\"expression\": \"handedOff ==\", \"targets\": []}\n]}",
    );
    let message = format!(
        "error: {}, line 2, column 31, in /filters/0/expression: expected a name, a string, a number, true, false, null \
         or an array, found the end\n    {{\"expression\": \"handedOff ==\", \"targets\": []}}\n                                ^\n",
        file.path()
    );
    assert_complaint(&["serve", "--port", "0", "--workflow", file.path()], &message);

    let absent = "error: cannot read /nowhere/workflow.json: No such file or directory (os error 2)\n";
    assert_complaint(
        &["serve", "--port", "0", "--workflow", "/nowhere/workflow.json"],
        absent,
    );
}

#[tokio::test]
async fn filter_with_further_conditions_is_for_handoffs_too() {
    let (spanish, others) = (
        "WQ0000000000000000000000000000000c",
        "WQ0000000000000000000000000000000d",
    );
    let filters = format!(
        r#"[{{"expression": "handedOff == true AND language == 'es'", "targets": [{{"queue": "{spanish}"}}]}},
            {{"expression": "handedOff == true OR vip == true", "targets": [{{"queue": "{others}"}}]}}]"#
    );
    let file = File::with(
        "conditions",
        &format!(r#"{{"task_routing": {{"filters": {filters}}}}}"#),
    );
    let simulator = Simulator::serve(&["--workflow", file.path()]);
    for queue in [
        format!("queue     {spanish}  Queue 3   roles HAS 'agent'\n"),
        format!("queue     {others}  Queue 4   1==1\n"),
    ] {
        assert!(simulator.greeting.contains(&queue), "{}", simulator.greeting);
    }
}

#[tokio::test]
async fn configuration_is_read_from_the_answer_for_a_workflow() {
    let configuration = r#"{"task_routing": {"filters": [], "default_filter": {"queue": "WQ1"}}}"#;
    let answer = serde_json::json!({ "sid": "WW1", "configuration": configuration });
    let file = File::with("answer", &answer.to_string());
    let simulator = Simulator::serve(&["--workflow", file.path()]);
    let (_, task) = json(simulator.create_task("{}")).await;
    assert_eq!(task["task_queue_sid"], "WQ1");
}

#[test]
fn file_that_is_no_workflow_is_refused_with_its_place() {
    for (name, text, message) in [
        (
            "nothing",
            "{}",
            "line 1, column 1: expected \"filters\" or \"default_filter\", found neither\n  {}\n  ^\n",
        ),
        (
            "camel",
            r#"{"taskRouting": {}}"#,
            "line 1, column 17, in /taskRouting: \"taskRouting\" is unknown here, \"task_routing\" may be meant\n  \
             {\"taskRouting\": {}}\n                  ^\n",
        ),
        (
            "singular",
            r#"{"filters": [{"target": []}]}"#,
            "line 1, column 25, in /filters/0/target: \"target\" is unknown here, \"targets\" may be meant\n  \
             {\"filters\": [{\"target\": []}]}\n                          ^\n",
        ),
    ] {
        let file = File::with(name, text);
        let message = format!("error: {}, {message}", file.path());
        assert_complaint(&["serve", "--port", "0", "--workflow", file.path()], &message);
    }
}

#[test]
fn unknown_type_of_event_is_refused() {
    let message = "error: task.create is no type of event: of task there are created, updated, canceled, wrapup, \
                   completed, deleted, system-deleted, transfer-initiated, transfer-attempt-failed, transfer-failed, \
                   transfer-canceled, transfer-completed\n";
    let url = "http://127.0.0.1:1/";
    let serve = ["serve", "--port", "0"];
    assert_complaint(
        &[&serve[..], &["--callback", url, "--events-filter", "task.create"]].concat(),
        message,
    );
    assert_complaint(
        &[&serve[..], &["--sink", url, "--sink-types", "task.create"]].concat(),
        message,
    );
}
