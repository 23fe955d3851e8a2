//! The resource `Configuration/Webhooks` of the account and of the service.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::answer::Answer;
use super::hook_form::HookForm;
use crate::twilio::account::Twilio;
use crate::twilio::conversations::{Origin, WebhookScope};
use crate::twilio::parameters::Form;
use crate::twilio::refusal::Refusal;

pub(super) async fn fetch_of_account(State(twilio): State<Twilio>) -> Answer {
    Ok(fetch(&twilio, WebhookScope::Account))
}

pub(super) async fn fetch_of_service(State(twilio): State<Twilio>) -> Answer {
    Ok(fetch(&twilio, WebhookScope::Service))
}

pub(super) async fn update_of_account(
    State(twilio): State<Twilio>,
    origin: Origin,
    Form(form): Form<HookForm>,
) -> Answer {
    match form.one("Target").as_deref() {
        None | Some("webhook") => update(&twilio, origin, WebhookScope::Account, &form),
        Some("flex") => Err(Refusal::unsupported("webhooks with target flex")),
        Some(_) => Err(Refusal::invalid("Target is neither webhook nor flex")),
    }
}

pub(super) async fn update_of_service(
    State(twilio): State<Twilio>,
    origin: Origin,
    Form(form): Form<HookForm>,
) -> Answer {
    update(&twilio, origin, WebhookScope::Service, &form)
}

fn fetch(twilio: &Twilio, scope: WebhookScope) -> axum::response::Response {
    let configuration =
        twilio.look_into_conversations(|conversations| conversations.webhook_configuration(scope).clone());
    Json(configuration.resource(scope)).into_response()
}

fn update(twilio: &Twilio, origin: Origin, scope: WebhookScope, form: &HookForm) -> Answer {
    if form.one("PreWebhookUrl").is_some_and(|url| !url.is_empty()) {
        return Err(Refusal::unsupported("PreWebhookUrl"));
    }
    let change = form.change("PostWebhookUrl", "");
    let configuration =
        twilio.change_conversations(origin, |conversations| conversations.configure_webhook(scope, change))?;
    Ok(Json(configuration.resource(scope)).into_response())
}
