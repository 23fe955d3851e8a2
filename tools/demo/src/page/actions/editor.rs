//! Edits the workflow as JSON.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::twilio::sids::AI_QUEUE_SID;
use workflow::{ConfigurationError, Workflow};

use crate::page::input::Input;
use crate::page::present::Page;
use crate::page::problem::{Place, Problem};
use crate::page::record::desk::Desk;
use crate::page::record::doings::Doing;
use crate::page::view::attributes::members;
use crate::page::view::filters;
use crate::page::view::people::Kind;

#[derive(Deserialize)]
pub(crate) struct Text {
    text: String,
}

pub(crate) async fn save(State(page): State<Page>, Input(Text { text }): Input<Text>) -> Result<Json<Value>, Problem> {
    parsed(&text)?;
    set(&page.desk(), "You change the workflow", text).await
}

pub(crate) async fn swap(State(page): State<Page>) -> Result<Json<Value>, Problem> {
    let desk = page.desk();
    let text = filters::swapped(&desk.world.twilio.workflow_configuration());
    let missing = "The workflow has no filter `handedOff == true`, or none for the AI's queue.";
    let text = text.ok_or_else(|| Problem::conflict(missing))?;
    let is_first = filters::handoff_is_first(&parsed(&text)?);
    let what = match is_first {
        Some(true) => "You move handedOff == true above the AI’s filter",
        _ => "You move handedOff == true below the AI’s filter",
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

#[derive(Deserialize)]
pub(crate) struct Try {
    text: String,
    task: String,
}

/// Says where a task would go if it were new, or had just been released. A mistake in the text is a normal answer,
/// since a text that is being typed always has one.
pub(crate) async fn try_out(State(page): State<Page>, Input(input): Input<Try>) -> Result<Json<Value>, Problem> {
    let workflow = match parsed(&input.text) {
        Ok(workflow) => workflow,
        Err(mistake) => return Ok(Json(json!(mistake))),
    };
    let desk = page.desk();
    let twilio = &desk.world.twilio;
    let (queues, workers) = (twilio.queues(), twilio.workers());
    let mut named = workflow.queues();
    if let Some(unknown) = named.find(|sid| queues.iter().all(|queue| queue.sid != **sid)) {
        let mistake = Problem::conflict(format!(
            "There is no queue {unknown}: TaskRouter refuses this workflow."
        ));
        return Ok(Json(json!(mistake)));
    }
    let route = twilio.would_route(&workflow, &input.task)?;
    let queue = route.place.as_ref().and_then(|place| {
        let queue = queues.iter().find(|queue| queue.sid == place.queue);
        queue.map(|queue| &queue.friendly_name)
    });
    let offered = workers.iter().filter(|worker| route.offered.contains(&worker.sid));
    let offered: Vec<_> = offered
        .map(|worker| Kind::of_worker(&worker.sid).name(&worker.friendly_name))
        .collect();
    let attributes = members(&desk.task(&input.task)?.attributes)?;
    let is_ai_queue = route.place.as_ref().is_some_and(|place| place.queue == AI_QUEUE_SID);
    let is_back = is_ai_queue && attributes.get("handedOff") == Some("true");
    Ok(Json(json!({
        "route": route.to_string(),
        "queue": queue,
        "workers": offered,
        "backAtTheAi": is_back,
    })))
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
