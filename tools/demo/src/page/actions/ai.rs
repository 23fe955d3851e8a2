//! The actions of the AI: it hands a task off, or resolves it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::twilio::sids::AI_WORKER_SID;
use simulator::twilio::{ReservationStatus, Task, TaskStatus};
use simulator::world::HANDOFF;

use crate::page::input::Input;
use crate::page::present::Page;
use crate::page::problem::Problem;
use crate::page::record::desk::Desk;
use crate::page::record::doings::Doing;
use crate::page::view::attributes::{members, text};
use crate::page::view::people::AI_NAME;
use crate::page::view::timeline;

#[derive(Deserialize)]
pub(crate) struct Reasons {
    reason: String,
    summary: String,
    sentiment: String,
    language: String,
}

/// Invokes the function as the AI platform does.
pub(crate) async fn hand_over(
    State(page): State<Page>,
    Path(task_sid): Path<String>,
    Input(reasons): Input<Reasons>,
) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let request = request(&desk.task(&task_sid)?, reasons)?;
    let own = Arc::clone(&desk);
    let doing = Doing::new(AI_NAME, "AI platform", "The AI hands the task over to a person").with(&task_sid);
    desk.act(doing, async move {
        let invocation = own.world.lambda.invoke(HANDOFF, request.to_string().into_bytes()).await;
        let answer = timeline::json(&invocation.payload);
        if invocation.function_error.is_none() {
            return Ok(Json(json!({ "answer": answer })));
        }
        let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
        Err(Problem::function_error(text("errorType"), text("errorMessage")))
    })
    .await
}

/// The AI platform knows the SIDs from the session's custom data. The function handles a reservation that the AI no
/// longer has.
fn request(task: &Task, reasons: Reasons) -> Result<Value, Problem> {
    let mut request = json!({
        "taskSid": task.sid,
        "reason": reasons.reason,
        "summary": reasons.summary,
        "sentiment": reasons.sentiment,
        "language": reasons.language,
    });
    let reservations = &task.reservations;
    let of_ai = reservations
        .iter()
        .rev()
        .find(|reservation| reservation.worker_sid == AI_WORKER_SID);
    if let Some(reservation) = of_ai {
        request["reservationSid"] = reservation.sid.clone().into();
    }
    if let Some(conversation_sid) = text(&members(&task.attributes)?, "conversationSid") {
        request["conversationSid"] = conversation_sid.into();
    }
    Ok(request)
}

/// The AI accepts the task and wraps it up. `auto-close` then decides whether it ends the task.
pub(crate) async fn resolve(State(page): State<Page>, Path(task_sid): Path<String>) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    desk.task(&task_sid)?;
    let own = Arc::clone(&desk);
    let doing = Doing::new(AI_NAME, "TaskRouter", "The AI resolves the task").with(&task_sid);
    desk.act(doing, async move {
        accept(&own, &task_sid)?;
        own.world
            .twilio
            .end_task(&task_sid, TaskStatus::Wrapping, "resolved by the AI")?;
        Ok(Json(json!({})))
    })
    .await
}

fn accept(desk: &Desk, task_sid: &str) -> Result<(), Problem> {
    let task = desk.task(task_sid)?;
    let of_ai = |status| {
        let mut reservations = task.reservations.iter();
        reservations.find(|reservation| reservation.worker_sid == AI_WORKER_SID && reservation.status == status)
    };
    match (of_ai(ReservationStatus::Accepted), of_ai(ReservationStatus::Pending)) {
        (Some(_), _) => Ok(()),
        (None, Some(pending)) => {
            let accepted = desk
                .world
                .twilio
                .move_reservation(&pending.sid, ReservationStatus::Accepted);
            accepted.map(drop).map_err(Problem::from)
        }
        (None, None) => Err(Problem::conflict("The AI doesn't have this task.")),
    }
}
