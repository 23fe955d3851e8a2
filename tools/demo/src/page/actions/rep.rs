//! The actions of workers: they accept and decline tasks, end chats, and change their activity.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::twilio::{ReservationStatus, TaskStatus};

use crate::page::input::Input;
use crate::page::present::Page;
use crate::page::problem::Problem;
use crate::page::record::doings::Doing;
use crate::page::view::people::Kind;

pub(crate) async fn accept(page: State<Page>, sid: Path<String>) -> Result<Json<Value>, Problem> {
    answer(page, sid, ReservationStatus::Accepted, "accepts the task").await
}

pub(crate) async fn reject(page: State<Page>, sid: Path<String>) -> Result<Json<Value>, Problem> {
    answer(page, sid, ReservationStatus::Rejected, "declines the task").await
}

async fn answer(
    State(page): State<Page>,
    Path(sid): Path<String>,
    status: ReservationStatus,
    what: &str,
) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let reservation = desk.world.twilio.reservation(&sid).ok_or_else(no_such_reservation)?;
    let own = Arc::clone(&desk);
    let who = Kind::of_worker(&reservation.worker_sid).name(&reservation.worker_name);
    let doing = Doing::new(&*who, "TaskRouter", format!("{who} {what}")).with(&reservation.task_sid);
    desk.act(doing, async move {
        own.world.twilio.move_reservation(&sid, status)?;
        Ok(Json(json!({})))
    })
    .await
}

pub(crate) async fn wrap_up(page: State<Page>, task_sid: Path<String>) -> Result<Json<Value>, Problem> {
    end(page, task_sid, TaskStatus::Wrapping, "ends the chat").await
}

pub(crate) async fn complete(page: State<Page>, task_sid: Path<String>) -> Result<Json<Value>, Problem> {
    end(page, task_sid, TaskStatus::Completed, "completes the task").await
}

async fn end(
    State(page): State<Page>,
    Path(task_sid): Path<String>,
    status: TaskStatus,
    what: &str,
) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let task = desk.task(&task_sid)?;
    // Only this agent has the button.
    let open = [ReservationStatus::Accepted, ReservationStatus::Wrapping];
    let mut reservations = task.reservations.iter().rev();
    let own = reservations.find(|reservation| open.contains(&reservation.status));
    let who = own
        .map_or("somebody", |reservation| &*reservation.worker_name)
        .to_owned();
    let own = Arc::clone(&desk);
    let doing = Doing::new(&*who, "TaskRouter", format!("{who} {what}")).with(&task_sid);
    desk.act(doing, async move {
        own.world
            .twilio
            .end_task(&task_sid, status, "ended by the human agent")?;
        Ok(Json(json!({})))
    })
    .await
}

#[derive(Deserialize)]
pub(crate) struct NewActivity {
    activity: String,
}

pub(crate) async fn set_activity(
    State(page): State<Page>,
    Path(sid): Path<String>,
    Input(NewActivity { activity }): Input<NewActivity>,
) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let workers = desk.world.twilio.workers();
    let worker = workers.into_iter().find(|worker| worker.sid == sid);
    let worker = worker.ok_or_else(|| Problem::field("activity", "There is no such worker."))?;
    let mut activities = desk.world.twilio.activities().into_iter();
    let found = activities.find(|one| one.friendly_name == activity);
    let found = found.ok_or_else(|| Problem::field("activity", "There is no such activity."))?;
    let own = Arc::clone(&desk);
    let what = format!("{}’s activity is now {activity}", worker.friendly_name);
    let doing = Doing::new(worker.friendly_name, "TaskRouter", what);
    desk.act(doing, async move {
        own.world.twilio.set_activity(&sid, &found.sid)?;
        Ok(Json(json!({})))
    })
    .await
}

fn no_such_reservation() -> Problem {
    Problem::new(http::StatusCode::NOT_FOUND, "There is no such reservation (any more).")
}
