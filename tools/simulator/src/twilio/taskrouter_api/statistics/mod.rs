//! Statistics of a moment (`RealTimeStatistics`), of a period (`CumulativeStatistics`) and of both (`Statistics`).

mod cumulative;
mod durations;
mod period;
mod real_time;

use std::collections::BTreeMap;

use axum::extract::{Path, State};
use axum::routing::{MethodRouter, get};
use serde_json::{Map, Value};

use super::answer::{Answer, ok};
use crate::twilio::account::Twilio;
use crate::twilio::parameters::Query;
use crate::twilio::refusal::Refusal;
use crate::twilio::sids::ACCOUNT_SID;
use crate::twilio::taskrouter::workspace::Workspace;
use crate::twilio::taskrouter::workspace::resources::TASKROUTER;
use period::Selection;

/// The members of statistics.
type Statistics = Map<String, Value>;

#[derive(Clone, Copy)]
enum Kind {
    RealTime,
    Cumulative,
    Both,
}

/// The owner of statistics. The SIDs are in the path.
#[derive(Clone, Copy)]
enum Owner {
    Workspace,
    Workers,
    TaskQueue,
    Workflow,
}

/// The SIDs in a path, by the names of the route's parameters.
type Sids = BTreeMap<String, String>;

pub(super) fn routes() -> [(&'static str, MethodRouter<Twilio>); 11] {
    let route = |path, owner, kind| {
        let handler = move |State(twilio): State<Twilio>, Path(sids): Path<Sids>, Query(selection)| async move {
            answer(&twilio, owner, kind, &sids, &selection)
        };
        (path, get(handler))
    };
    [
        route("CumulativeStatistics", Owner::Workspace, Kind::Cumulative),
        route("RealTimeStatistics", Owner::Workspace, Kind::RealTime),
        route("Statistics", Owner::Workspace, Kind::Both),
        route(
            "TaskQueues/{queue}/CumulativeStatistics",
            Owner::TaskQueue,
            Kind::Cumulative,
        ),
        route(
            "TaskQueues/{queue}/RealTimeStatistics",
            Owner::TaskQueue,
            Kind::RealTime,
        ),
        route("TaskQueues/{queue}/Statistics", Owner::TaskQueue, Kind::Both),
        route("Workers/CumulativeStatistics", Owner::Workers, Kind::Cumulative),
        route("Workers/RealTimeStatistics", Owner::Workers, Kind::RealTime),
        route(
            "Workflows/{workflow}/CumulativeStatistics",
            Owner::Workflow,
            Kind::Cumulative,
        ),
        route(
            "Workflows/{workflow}/RealTimeStatistics",
            Owner::Workflow,
            Kind::RealTime,
        ),
        route("Workflows/{workflow}/Statistics", Owner::Workflow, Kind::Both),
    ]
}

fn answer(twilio: &Twilio, owner: Owner, kind: Kind, sids: &Sids, selection: &Selection) -> Answer {
    let sid = |name: &str| sids.get(name).map(String::as_str).unwrap_or_default();
    let (mut resource, real_time, period) = twilio.in_workspace(sid("workspace"), |workspace| {
        let real_time = match owner {
            Owner::Workspace => real_time::of_workspace(workspace, selection),
            Owner::Workers => real_time::of_workers(workspace),
            Owner::TaskQueue => real_time::of_task_queue(workspace, sid("queue"), selection)?,
            Owner::Workflow => real_time::of_workflow(workspace, sid("workflow"), selection)?,
        };
        let period = selection.period(workspace.now())?;
        Ok::<_, Refusal>((resource(workspace, owner, kind, sids), real_time, period))
    })?;
    // Read after the timers that were due.
    let events = twilio.events();
    let workspace_sid = sid("workspace");
    let events = events.iter().filter(|event| event.workspace_sid == workspace_sid);
    let cumulative = || match owner {
        Owner::Workspace => cumulative::of_workspace(events, &period),
        Owner::Workers => cumulative::of_workers(events, &period),
        Owner::TaskQueue => cumulative::of_task_queue(events, &period, sid("queue")),
        Owner::Workflow => cumulative::of_workflow(events, &period, sid("workflow")),
    };
    match kind {
        Kind::RealTime => resource.extend(real_time),
        Kind::Cumulative => resource.extend(cumulative()),
        Kind::Both => resource.extend([
            ("cumulative".to_owned(), cumulative().into()),
            ("realtime".to_owned(), real_time.into()),
        ]),
    }
    Ok(ok(resource.into()))
}

/// The members beside the statistics.
fn resource(workspace: &Workspace, owner: Owner, kind: Kind, sids: &Sids) -> Statistics {
    let (path, own) = match owner {
        Owner::Workspace => (String::new(), None),
        Owner::Workers => ("/Workers".to_owned(), None),
        Owner::TaskQueue => (
            format!("/TaskQueues/{}", sids["queue"]),
            Some(("task_queue_sid", &sids["queue"])),
        ),
        Owner::Workflow => (
            format!("/Workflows/{}", sids["workflow"]),
            Some(("workflow_sid", &sids["workflow"])),
        ),
    };
    let name = match kind {
        Kind::RealTime => "RealTimeStatistics",
        Kind::Cumulative => "CumulativeStatistics",
        Kind::Both => "Statistics",
    };
    let mut resource = Statistics::from_iter([
        ("account_sid".to_owned(), ACCOUNT_SID.into()),
        (
            "url".to_owned(),
            format!("{TASKROUTER}{}{path}/{name}", workspace.path()).into(),
        ),
        ("workspace_sid".to_owned(), workspace.sid.as_str().into()),
    ]);
    resource.extend(own.map(|(name, sid)| (name.to_owned(), sid.as_str().into())));
    resource
}
