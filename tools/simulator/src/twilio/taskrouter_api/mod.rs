//! TaskRouter's REST API.

mod activities;
mod answer;
mod eligibility;
mod events;
mod reservations;
mod statistics;
mod task_channels;
mod task_queues;
mod tasks;
mod worker_channels;
mod worker_reservations;
mod workers;
mod workflows;
mod workspaces;

use axum::routing::{MethodRouter, get};
use axum::{Router, middleware};

use super::account::Twilio;
use super::api::{authenticate, no_such_method, no_such_resource};

pub(crate) fn router(twilio: Twilio) -> Router {
    let mut router = Router::new()
        .route("/v1/Workspaces", get(workspaces::list).post(workspaces::create))
        .route(
            "/v1/Workspaces/{workspace}",
            get(workspaces::fetch)
                .post(workspaces::update)
                .delete(workspaces::delete),
        );
    for (path, methods) in in_workspace().into_iter().chain(statistics::routes()) {
        router = router.route(&format!("/v1/Workspaces/{{workspace}}/{path}"), methods);
    }
    router
        .fallback(no_such_resource)
        .method_not_allowed_fallback(no_such_method)
        .layer(middleware::from_fn_with_state(twilio.clone(), authenticate))
        .with_state(twilio)
}

/// The routes below a workspace, except for statistics.
fn in_workspace() -> [(&'static str, MethodRouter<Twilio>); 20] {
    [
        ("Activities", get(activities::list).post(activities::create)),
        (
            "Activities/{activity}",
            get(activities::fetch)
                .post(activities::update)
                .delete(activities::delete),
        ),
        ("Events", get(events::list)),
        ("Events/{event}", get(events::fetch)),
        ("TaskChannels", get(task_channels::list).post(task_channels::create)),
        (
            "TaskChannels/{channel}",
            get(task_channels::fetch)
                .post(task_channels::update)
                .delete(task_channels::delete),
        ),
        ("TaskQueues", get(task_queues::list).post(task_queues::create)),
        (
            "TaskQueues/{queue}",
            get(task_queues::fetch)
                .post(task_queues::update)
                .delete(task_queues::delete),
        ),
        ("Tasks", get(tasks::list).post(tasks::create)),
        (
            "Tasks/{task}",
            get(tasks::fetch).post(tasks::update).delete(tasks::delete),
        ),
        ("Tasks/{task}/Reservations", get(reservations::list)),
        (
            "Tasks/{task}/Reservations/{reservation}",
            get(reservations::fetch).post(reservations::update),
        ),
        ("Workers", get(workers::list).post(workers::create)),
        (
            "Workers/{worker}",
            get(workers::fetch).post(workers::update).delete(workers::delete),
        ),
        ("Workers/{worker}/Channels", get(worker_channels::list)),
        (
            "Workers/{worker}/Channels/{channel}",
            get(worker_channels::fetch).post(worker_channels::update),
        ),
        ("Workers/{worker}/Reservations", get(worker_reservations::list)),
        (
            "Workers/{worker}/Reservations/{reservation}",
            get(worker_reservations::fetch).post(worker_reservations::update),
        ),
        ("Workflows", get(workflows::list).post(workflows::create)),
        (
            "Workflows/{workflow}",
            get(workflows::fetch).post(workflows::update).delete(workflows::delete),
        ),
    ]
}
