//! The workflow, in its own JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use workflow::{ConfigurationError, Workflow};

use super::desk::Desk;
use super::doings::Doing;
use super::filters;
use super::input::Input;
use super::present::Page;
use super::problem::{Place, Problem};

#[derive(Deserialize)]
pub(crate) struct Text {
    text: String,
}

pub(crate) async fn save(State(page): State<Page>, Input(Text { text }): Input<Text>) -> Result<Json<Value>, Problem> {
    parsed(&text)?;
    set(&page.desk(), "saves the workflow", text).await
}

pub(crate) async fn swap(State(page): State<Page>) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let text = filters::swapped(&desk.world.twilio.workflow_configuration());
    let missing = "The workflow has no filter `handedOff == true`, or none for the AI's queue.";
    let text = text.ok_or_else(|| Problem::conflict(missing))?;
    let is_first = filters::handoff_is_first(&parsed(&text)?);
    let what = match is_first {
        Some(true) => "moves handedOff == true above the AI's filter",
        _ => "moves handedOff == true below the AI's filter",
    };
    set(&desk, what, text).await
}

async fn set(desk: &Arc<Desk>, what: &str, text: String) -> Result<Json<Value>, Problem> {
    let own = Arc::clone(desk);
    desk.act(Doing::new("you", "TaskRouter", what), async move {
        own.world.twilio.set_workflow_configuration(&text, true)?;
        Ok(Json(json!({})))
    })
    .await
}

fn parsed(text: &str) -> Result<Workflow, Problem> {
    text.parse().map_err(|error: ConfigurationError| {
        let place = Place {
            line: error.position.line,
            column: error.position.column,
            pointer: error.pointer,
        };
        Problem::at(place, error.message)
    })
}
