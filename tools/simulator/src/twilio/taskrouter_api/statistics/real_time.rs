//! Statistics of this moment.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Statistics;
use super::period::Selection;
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{Task, TaskStatus, Worker};
use crate::twilio::taskrouter::workspace::Workspace;
use crate::twilio::taskrouter_api::eligibility::is_in;

pub(super) fn of_workspace(workspace: &Workspace, selection: &Selection) -> Statistics {
    let mut statistics = of_tasks(workspace, |task| selection.admits(task));
    statistics.extend(of_workers(workspace));
    statistics
}

pub(super) fn of_workers(workspace: &Workspace) -> Statistics {
    let workers: Vec<&Worker> = workspace.workers.iter().collect();
    Map::from_iter([
        ("activity_statistics".to_owned(), of_activities(workspace, &workers)),
        ("total_workers".to_owned(), workers.len().into()),
    ])
}

pub(super) fn of_task_queue(workspace: &Workspace, sid: &str, selection: &Selection) -> Result<Statistics, Refusal> {
    let queue = workspace.task_queues.get(sid)?;
    let in_queue = |task: &Task| task.queue_sid.as_deref() == Some(sid) && selection.admits(task);
    let mut statistics = of_tasks(workspace, in_queue);
    let workers: Vec<&Worker> = workspace
        .workers
        .iter()
        .filter(|worker| is_in(queue, workspace, worker))
        .collect();
    let available = workers.iter().filter(|worker| is_available(workspace, worker)).count();
    // The longest wait in the queue belongs to the same task, since no task leaves its queue and returns.
    for (of_queue, of_task) in [
        ("longest_relative_task_age_in_queue", "longest_task_waiting_age"),
        ("longest_relative_task_sid_in_queue", "longest_task_waiting_sid"),
    ] {
        statistics.insert(of_queue.to_owned(), statistics[of_task].clone());
    }
    statistics.insert("activity_statistics".to_owned(), of_activities(workspace, &workers));
    statistics.insert("total_eligible_workers".to_owned(), workers.len().into());
    statistics.insert("total_available_workers".to_owned(), available.into());
    Ok(statistics)
}

pub(super) fn of_workflow(workspace: &Workspace, sid: &str, selection: &Selection) -> Result<Statistics, Refusal> {
    workspace.workflows.get(sid)?;
    let of_workflow = |task: &Task| task.workflow_sid == sid && selection.admits(task);
    Ok(of_tasks(workspace, of_workflow))
}

/// The number of tasks by status and by priority, and the longest wait. Ended tasks don't count.
fn of_tasks(workspace: &Workspace, is_wanted: impl Fn(&Task) -> bool) -> Statistics {
    let tasks = workspace
        .tasks
        .iter()
        .filter(|task| !task.status.is_terminal() && is_wanted(task));
    let tasks: Vec<&Task> = tasks.collect();
    let mut by_status: BTreeMap<String, usize> = [
        TaskStatus::Pending,
        TaskStatus::Reserved,
        TaskStatus::Assigned,
        TaskStatus::Wrapping,
    ]
    .map(|status| (status.to_string(), 0))
    .into();
    let mut by_priority: BTreeMap<String, usize> = BTreeMap::new();
    for task in &tasks {
        *by_status.entry(task.status.to_string()).or_default() += 1;
        *by_priority.entry(task.priority.to_string()).or_default() += 1;
    }
    let pending = tasks.iter().filter(|task| task.status == TaskStatus::Pending);
    let longest = pending.max_by_key(|task| task.age(workspace.now()));
    let age = longest.map_or(0, |task| task.age(workspace.now()).whole_seconds());
    Map::from_iter([
        ("longest_task_waiting_age".to_owned(), age.into()),
        (
            "longest_task_waiting_sid".to_owned(),
            longest.map(|task| task.sid.as_str()).into(),
        ),
        ("tasks_by_priority".to_owned(), json!(by_priority)),
        ("tasks_by_status".to_owned(), json!(by_status)),
        ("total_tasks".to_owned(), tasks.len().into()),
    ])
}

/// The number of workers in each activity.
fn of_activities(workspace: &Workspace, workers: &[&Worker]) -> Value {
    let activities = workspace.activities.iter();
    let counted = activities.map(|activity| {
        let in_it = workers.iter().filter(|worker| worker.activity_sid == activity.sid);
        json!({ "friendly_name": activity.friendly_name, "sid": activity.sid, "workers": in_it.count() })
    });
    counted.collect()
}

fn is_available(workspace: &Workspace, worker: &Worker) -> bool {
    let activity = workspace.activities.find(&worker.activity_sid);
    activity.is_some_and(|activity| activity.available)
}
