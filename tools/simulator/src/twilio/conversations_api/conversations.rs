//! The resource `Conversations`.

use axum::Json;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use http::{StatusCode, Uri};
use serde::Deserialize;

use super::answer::{self, Answer};
use crate::twilio::account::Twilio;
use crate::twilio::conversations::{Conversation, ConversationChange, ConversationState, Origin};
use crate::twilio::page::PageQuery;
use crate::twilio::parameters::{Form, Moment, Query};

pub(super) async fn create(
    State(twilio): State<Twilio>,
    origin: Origin,
    Form(change): Form<ConversationChange>,
) -> Answer {
    let conversation = twilio.change_conversations(origin, |conversations| conversations.create(change))?;
    Ok((StatusCode::CREATED, Json(conversation.resource())).into_response())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    state: Option<ConversationState>,
    start_date: Option<Moment>,
    end_date: Option<Moment>,
}

impl Filter {
    /// According to the documentation, the dates are those of the creation. Both ends belong to the range.
    fn admits(&self, conversation: &Conversation) -> bool {
        self.state.is_none_or(|state| conversation.state == state)
            && self
                .start_date
                .is_none_or(|Moment(start)| start <= conversation.date_created)
            && self.end_date.is_none_or(|Moment(end)| conversation.date_created <= end)
    }
}

pub(super) async fn list(
    State(twilio): State<Twilio>,
    uri: Uri,
    Query(filter): Query<Filter>,
    Query(page): Query<PageQuery>,
) -> Answer {
    let items = twilio.look_into_conversations(|conversations| {
        let wanted = conversations
            .all()
            .iter()
            .filter(|conversation| filter.admits(conversation));
        wanted
            .map(|conversation| (conversation.number, conversation.resource()))
            .collect()
    });
    Ok(Json(answer::list("conversations", &uri, items).page(&page)).into_response())
}

pub(super) async fn fetch(State(twilio): State<Twilio>, Path(name): Path<String>) -> Answer {
    let conversation = twilio.look_into_conversations(|conversations| conversations.get(&name).cloned())?;
    Ok(Json(conversation.resource()).into_response())
}

pub(super) async fn update(
    State(twilio): State<Twilio>,
    Path(name): Path<String>,
    origin: Origin,
    Form(change): Form<ConversationChange>,
) -> Answer {
    let conversation = twilio.change_conversations(origin, |conversations| conversations.update(&name, change))?;
    Ok(Json(conversation.resource()).into_response())
}

pub(super) async fn delete(State(twilio): State<Twilio>, Path(name): Path<String>, origin: Origin) -> Answer {
    twilio.change_conversations(origin, |conversations| conversations.delete(&name))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
