//! The AI hands a task off: by the deployed function or by the naive program, for the first time or once more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Json;
use axum::extract::{Path, State};
use http::Method;
use serde::Deserialize;
use serde_json::value::to_raw_value;
use serde_json::{Value, json};
use simulator::exchange::Upstream;
use simulator::fault::{Effect, Fault};
use simulator::twilio::sids::AI_WORKER_SID;
use simulator::world::HANDOFF;
use time::OffsetDateTime;

use super::ai::invoke;
use super::customers::set_by_another_system;
use crate::page::input::Input;
use crate::page::naive;
use crate::page::present::Page;
use crate::page::problem::Problem;
use crate::page::record::desk::Desk;
use crate::page::record::doings::Doing;
use crate::page::record::handoffs::{Ended, Program, Reasons, Request};
use crate::page::view::attributes::{members, text};
use crate::page::view::entry;
use crate::page::view::people::AI_NAME;

/// The attribute that another system sets during a handoff.
const NAME: &str = "warranty";
const VALUE: &str = r#"{"covered":true,"until":"2028-10-31"}"#;

#[derive(Deserialize)]
pub(crate) struct NewHandoff {
    #[serde(flatten)]
    reasons: Reasons,
    #[serde(default = "bundle")]
    program: Program,
    /// Whether another system sets an attribute between the handoff's read and its write.
    #[serde(default)]
    meanwhile: bool,
}

fn bundle() -> Program {
    Program::Bundle
}

/// Hands off as the AI platform does.
pub(crate) async fn hand_over(
    State(page): State<Page>,
    Path(task_sid): Path<String>,
    Input(new): Input<NewHandoff>,
) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let task = desk.task(&task_sid)?;
    let attributes = members(&task.attributes)?;
    let mut of_ai = task.reservations.iter().rev();
    let of_ai = of_ai.find(|reservation| reservation.worker_sid == AI_WORKER_SID);
    let request = Request {
        program: new.program,
        reasons: new.reasons,
        // The AI platform knows the SIDs from the session. The function handles a reservation that the AI has lost.
        reservation_sid: of_ai.map(|reservation| reservation.sid.clone()),
        conversation_sid: text(&attributes, "conversationSid"),
    };
    desk.handoffs.began(&task_sid, request.clone(), &attributes);
    let what = match new.program {
        Program::Bundle => "The AI hands the task off to a human agent",
        Program::Naive => "The AI hands the task off with the naive program",
    };
    let writes = new.meanwhile.then(|| let_another_system_write(&desk, &task_sid));
    let done = hand_off(&desk, what, &task_sid, request).await;
    if let Some(writes) = writes {
        // A handoff that wrote nothing leaves the fault behind.
        writes.store(false, Ordering::Relaxed);
    }
    done
}

/// The answer to the last request was lost, so the AI platform sends the same request again.
pub(crate) async fn ask_again(State(page): State<Page>, Path(task_sid): Path<String>) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let asked = desk.handoffs.of(&task_sid);
    let asked = asked.ok_or_else(|| Problem::conflict("The AI has not handed this task off."))?;
    desk.handoffs.repeated(&task_sid);
    let what = "The answer was lost: the AI platform asks again";
    hand_off(&desk, what, &task_sid, asked.request).await
}

async fn hand_off(desk: &Arc<Desk>, what: &str, task_sid: &str, request: Request) -> Result<Json<Value>, Problem> {
    let (own, sid) = (Arc::clone(desk), task_sid.to_owned());
    let doing = Doing::new(AI_NAME, "AI platform", what).with(task_sid);
    desk.act(doing, async move {
        let done = match request.program {
            Program::Bundle => invoke(&own, HANDOFF, &payload(&sid, &request)).await,
            Program::Naive => naive::hand_off(&own, &sid, &request).await,
        };
        own.handoffs.ended(&sid, ended(own.now(), &done));
        Ok(Json(json!({ "answer": done? })))
    })
    .await
}

fn payload(task_sid: &str, request: &Request) -> Value {
    let mut payload = json!(request.reasons);
    payload["taskSid"] = task_sid.into();
    let sids = [
        ("reservationSid", &request.reservation_sid),
        ("conversationSid", &request.conversation_sid),
    ];
    for (name, sid) in sids {
        if let Some(sid) = sid {
            payload[name] = sid.clone().into();
        }
    }
    payload
}

fn ended(at: OffsetDateTime, done: &Result<Value, Problem>) -> Ended {
    let problem = done.as_ref().err();
    Ended {
        at: entry::text(at),
        answer: done.as_ref().ok().and_then(|answer| to_raw_value(answer).ok()),
        error: problem.map(|problem| problem.message().to_owned()),
        error_type: problem.and_then(|problem| problem.error_type().map(str::to_owned)),
    }
}

/// The next write of the task is preceded by another system's, if the flag is still set by then.
fn let_another_system_write(desk: &Arc<Desk>, task_sid: &str) -> Arc<AtomicBool> {
    let is_armed = Arc::new(AtomicBool::new(true));
    let (armed, weak, sid) = (Arc::clone(&is_armed), Arc::downgrade(desk), task_sid.to_owned());
    let write = move || {
        if let Some(desk) = weak.upgrade().filter(|_| armed.swap(false, Ordering::Relaxed)) {
            let what = format!("Another system sets {NAME}, between the handoff’s read and its write");
            let doing = Doing::new("another system", "TaskRouter", what).with(&sid);
            // The record shows a refusal.
            let _ = desk.act_at_once(doing, || set_by_another_system(&desk, &sid, NAME, VALUE));
        }
    };
    desk.world.faults.add(
        Fault::at(Upstream::TaskRouter)
            .method(Method::POST)
            .path_ends_with(format!("/Tasks/{task_sid}"))
            .before(Effect::run(write)),
    );
    is_armed
}
