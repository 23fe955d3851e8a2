//! The tasks of a workspace.

use std::cmp::Ordering;

use axum::extract::{Path, State};
use http::{HeaderMap, Uri};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};
use workflow::{Expression, Scope};

use super::answer::{Answer, admits, created, deleted, if_match, ok, page, versioned};
use super::eligibility::expression;
use crate::twilio::account::Twilio;
use crate::twilio::page::{PageQuery, filters};
use crate::twilio::parameters::{Flag, Form, Moment, Query};
use crate::twilio::refusal::Refusal;
use crate::twilio::taskrouter::model::{NewTask, Task, TaskChange, TaskStatus, object};
use crate::twilio::taskrouter::workspace::Workspace;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Create {
    attributes: Option<String>,
    workflow_sid: Option<String>,
    task_channel: Option<String>,
    priority: Option<i64>,
    timeout: Option<u32>,
    virtual_start_time: Option<Moment>,
    routing_target: Option<String>,
    ignore_capacity: Option<Flag>,
    task_queue_sid: Option<String>,
}

pub(super) async fn create(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    Form(form): Form<Create>,
) -> Answer {
    let new = NewTask {
        attributes: form.attributes,
        workflow_sid: form.workflow_sid,
        task_channel: form.task_channel,
        priority: form.priority,
        timeout: form.timeout,
        virtual_start_time: form.virtual_start_time.map(|Moment(time)| time),
        routing_target: form.routing_target,
        ignore_capacity: form.ignore_capacity.map(|Flag(ignores)| ignores),
        task_queue_sid: form.task_queue_sid,
    };
    twilio.in_workspace(&workspace, |workspace| {
        let task = workspace.create_task(new)?;
        Ok(versioned(task.etag(), created(task.resource(workspace))))
    })
}

/// `AssignmentStatus` is read separately, since this parameter may be repeated.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    priority: Option<i64>,
    workflow_sid: Option<String>,
    workflow_name: Option<String>,
    task_queue_sid: Option<String>,
    task_queue_name: Option<String>,
    evaluate_task_attributes: Option<String>,
    routing_target: Option<String>,
    ordering: Option<String>,
    has_addons: Option<Flag>,
}

impl Filter {
    fn admits(&self, workspace: &Workspace, task: &Task) -> bool {
        let workflow = || Some(&workspace.workflows.find(&task.workflow_sid)?.friendly_name);
        let queue = || Some(&workspace.task_queues.find(task.queue_sid.as_ref()?)?.friendly_name);
        admits(self.priority.as_ref(), &task.priority)
            && admits(self.workflow_sid.as_ref(), &task.workflow_sid)
            && self.workflow_name.as_ref().is_none_or(|name| workflow() == Some(name))
            && self.task_queue_sid.as_ref().is_none_or(|sid| task.queue_sid.as_ref() == Some(sid))
            && self.task_queue_name.as_ref().is_none_or(|name| queue() == Some(name))
            && self.routing_target.as_ref().is_none_or(|sid| task.routing_target.as_ref() == Some(sid))
            // Add-ons are not simulated.
            && self.has_addons.is_none_or(|Flag(has_addons)| !has_addons)
    }
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    Path(workspace): Path<String>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(query): Query<PageQuery>,
) -> Answer {
    let statuses = statuses(&uri)?;
    let ordering = ordering(filter.ordering.as_deref().unwrap_or_default())?;
    let text = filter.evaluate_task_attributes.as_deref();
    let expression = text
        .map(|text| expression(&twilio, "EvaluateTaskAttributes", text))
        .transpose()?;
    twilio.in_workspace(&workspace, |workspace| {
        let is_wanted = |task: &Task| {
            filter.admits(workspace, task)
                && (statuses.is_empty() || statuses.contains(&task.status))
                && expression.as_ref().is_none_or(|expression| holds_for(expression, task))
        };
        let mut wanted: Vec<(usize, &Task)> = workspace.tasks.numbered().filter(|(_, task)| is_wanted(task)).collect();
        if !ordering.is_empty() {
            wanted.sort_by(|(_, left), (_, right)| compare(&ordering, left, right));
            // Pages of an ordered list refer to positions. The positions shift as tasks come and go.
            for (place, (number, _)) in wanted.iter_mut().enumerate() {
                *number = place;
            }
        }
        let items = wanted
            .into_iter()
            .map(|(number, task)| (number, task.resource(workspace)))
            .collect();
        Ok(page("tasks", &uri, &query, items))
    })
}

/// The requested statuses, from repeated parameters or comma-separated lists.
fn statuses(uri: &Uri) -> Result<Vec<TaskStatus>, Refusal> {
    let parameters = filters(uri);
    let asked = parameters.iter().filter(|(name, _)| name == "AssignmentStatus");
    let names = asked.flat_map(|(_, value)| value.split(','));
    names.map(|name| status(name.trim())).collect()
}

fn status(name: &str) -> Result<TaskStatus, Refusal> {
    let name_of_one: StrDeserializer<'_, Error> = name.into_deserializer();
    TaskStatus::deserialize(name_of_one).map_err(|_| Refusal::invalid(format!("AssignmentStatus has no {name}")))
}

fn holds_for(expression: &Expression, task: &Task) -> bool {
    expression.evaluate(&Scope::Task(&object(&task.attributes))).holds
}

#[derive(Clone, Copy, PartialEq)]
enum Key {
    DateCreated,
    Priority,
    VirtualStartTime,
}

/// Reads an order such as `Priority:desc,DateCreated:asc`: the keys and whether they descend.
fn ordering(text: &str) -> Result<Vec<(Key, bool)>, Refusal> {
    let clauses = text.split(',').map(str::trim).filter(|clause| !clause.is_empty());
    let ordering: Vec<(Key, bool)> = clauses.map(clause).collect::<Result<_, _>>()?;
    let has = |wanted| ordering.iter().any(|(key, _)| *key == wanted);
    // "The only ordering pairing not allowed is DateCreated and VirtualStartTime."
    match has(Key::DateCreated) && has(Key::VirtualStartTime) {
        true => Err(Refusal::invalid(
            "Ordering is by DateCreated or VirtualStartTime, not both",
        )),
        false => Ok(ordering),
    }
}

fn clause(clause: &str) -> Result<(Key, bool), Refusal> {
    let (key, direction) = clause.split_once(':').unwrap_or((clause, "asc"));
    let key = match key {
        "Priority" => Key::Priority,
        "DateCreated" => Key::DateCreated,
        "VirtualStartTime" => Key::VirtualStartTime,
        _ => return Err(Refusal::invalid(format!("Ordering has no {key}"))),
    };
    match direction {
        "asc" => Ok((key, false)),
        "desc" => Ok((key, true)),
        _ => Err(Refusal::invalid(format!("Ordering is asc or desc, not {direction}"))),
    }
}

fn compare(ordering: &[(Key, bool)], left: &Task, right: &Task) -> Ordering {
    let orders = ordering.iter().map(|(key, descends)| {
        let order = match key {
            Key::Priority => left.priority.cmp(&right.priority),
            Key::DateCreated => left.date_created.cmp(&right.date_created),
            Key::VirtualStartTime => left.virtual_start_time.cmp(&right.virtual_start_time),
        };
        if *descends { order.reverse() } else { order }
    });
    orders.fold(Ordering::Equal, Ordering::then)
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path((workspace, sid)): Path<(String, String)>) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        let task = workspace.tasks.get(&sid)?;
        Ok(versioned(task.etag(), ok(task.resource(workspace))))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Update {
    attributes: Option<String>,
    assignment_status: Option<TaskStatus>,
    reason: Option<String>,
    priority: Option<i64>,
    task_channel: Option<String>,
    virtual_start_time: Option<Moment>,
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path((workspace, sid)): Path<(String, String)>,
    headers: HeaderMap,
    Form(form): Form<Update>,
) -> Answer {
    let change = TaskChange {
        attributes: form.attributes,
        status: form.assignment_status,
        reason: form.reason,
        priority: form.priority,
        task_channel: form.task_channel,
        virtual_start_time: form.virtual_start_time.map(|Moment(time)| time),
    };
    twilio.in_workspace(&workspace, |workspace| {
        let task = workspace.update_task(&sid, if_match(&headers), change)?;
        Ok(versioned(task.etag(), ok(task.resource(workspace))))
    })
}

pub(super) async fn delete(
    State(twilio): State<Twilio>,
    Path((workspace, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    twilio.in_workspace(&workspace, |workspace| {
        workspace.delete_task(&sid, if_match(&headers), "task.deleted")
    })?;
    Ok(deleted())
}
