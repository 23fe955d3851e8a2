//! Puts back what `apply` changed.

use crate::apply::{ApplyError, callback, configuration, set_callback, set_configuration};
use crate::backup::Backup;
use crate::client::Client;

/// One part that was put back, or that somebody has changed since and that was therefore left alone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Undone {
    PutBack(String),
    LeftAlone(String),
}

/// Puts back each part that is as `apply` left it. Doing it twice is doing it once.
pub(crate) async fn undo(client: &Client, backup: &Backup) -> Result<Vec<Undone>, ApplyError> {
    let mut undone = Vec::new();
    let events = client.events();
    for sid in &backup.subscriptions {
        events.delete(&format!("/v1/Subscriptions/{sid}")).await?;
        undone.push(Undone::PutBack(format!("the subscription {sid} is deleted")));
    }
    for sid in &backup.sinks {
        events.delete(&format!("/v1/Sinks/{sid}")).await?;
        undone.push(Undone::PutBack(format!("the sink {sid} is deleted")));
    }
    for added in &backup.types {
        let (subscription, name) = (&added.subscription, &added.r#type);
        events
            .delete(&format!("/v1/Subscriptions/{subscription}/SubscribedEvents/{name}"))
            .await?;
        undone.push(Undone::PutBack(format!(
            "{name} is taken out of the subscription {subscription}"
        )));
    }
    if let Some(changed) = &backup.callback {
        let what = "the event callback and its filter".to_owned();
        let now = callback(client, &backup.workspace).await?;
        undone.push(if now == changed.before {
            Undone::PutBack(what)
        } else if now == changed.after {
            set_callback(client, &backup.workspace, &changed.after, &changed.before).await?;
            Undone::PutBack(what)
        } else {
            Undone::LeftAlone(what)
        });
    }
    for workflow in &backup.workflows {
        let what = format!("the workflow {}", workflow.sid);
        let now = configuration(client, &backup.workspace, &workflow.sid).await?;
        undone.push(if now == workflow.before {
            Undone::PutBack(what)
        } else if now == workflow.after {
            let (from, to) = (&workflow.after, &workflow.before);
            set_configuration(client, &backup.workspace, &workflow.sid, from, to).await?;
            Undone::PutBack(what)
        } else {
            Undone::LeftAlone(what)
        });
    }
    Ok(undone)
}
