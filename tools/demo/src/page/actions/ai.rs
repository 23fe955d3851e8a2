//! The actions of the AI besides the handoff: it resolves a task, and replies. Each invokes the deployed function.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use simulator::world::{REPLY, RESOLVE};

use crate::page::present::Page;
use crate::page::problem::Problem;
use crate::page::record::desk::{Desk, present_action};
use crate::page::record::doings::Doing;
use crate::page::view::people::AI_NAME;
use crate::page::view::timeline;

/// The AI has resolved the matter. `auto-close` then decides whether it ends the task.
pub(crate) async fn resolve(State(page): State<Page>, Path(task_sid): Path<String>) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    desk.task(&task_sid)?;
    let own = Arc::clone(&desk);
    let doing = Doing::new(AI_NAME, "AI platform", "The AI resolves the task").with(&task_sid);
    desk.act(doing, async move {
        let answer = invoke(&own, RESOLVE, &json!({ "taskSid": task_sid })).await?;
        Ok(Json(json!({ "answer": answer })))
    })
    .await
}

/// The AI writes to the customer.
pub(crate) async fn reply(desk: &Arc<Desk>, task_sid: &str, text: &str) -> Result<Json<Value>, Problem> {
    let own = Arc::clone(desk);
    let mut request = json!({ "taskSid": task_sid, "text": text });
    let doing = Doing::new(AI_NAME, "AI platform", "The AI replies").with(task_sid);
    desk.act(doing, async move {
        // No two actions have one number.
        request["messageId"] = json!(format!("message-{}", present_action().unwrap_or_default()));
        let answer = invoke(&own, REPLY, &request).await?;
        Ok(Json(json!({ "answer": answer })))
    })
    .await
}

/// Invokes a function as the AI platform does.
pub(crate) async fn invoke(desk: &Desk, function: &str, request: &Value) -> Result<Value, Problem> {
    let invocation = desk
        .world
        .lambda
        .invoke(function, request.to_string().into_bytes())
        .await;
    let answer = timeline::json(&invocation.payload);
    if invocation.function_error.is_none() {
        return Ok(answer);
    }
    let text = |name: &str| answer[name].as_str().unwrap_or_default().to_owned();
    Err(Problem::function_error(text("errorType"), text("errorMessage")))
}
