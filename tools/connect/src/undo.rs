//! Restores the state from before `apply`.

use serde::Deserialize;

use crate::apply::{ApplyError, callback, configuration, set_callback, set_configuration};
use crate::backup::Backup;
use crate::client::Client;

/// The lists at Event Streams: the path and the key in the answer.
const SINKS: (&str, &str) = ("/v1/Sinks", "sinks");
const SUBSCRIPTIONS: (&str, &str) = ("/v1/Subscriptions", "subscriptions");

/// A part that was put back, or left alone since somebody has changed the part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Undone {
    PutBack(String),
    LeftAlone(String),
}

#[derive(Deserialize)]
struct Described {
    sid: String,
    description: Option<String>,
}

/// Puts back each part that is as `apply` left it. You can run this twice without harm.
pub(crate) async fn undo(client: &Client, backup: &Backup) -> Result<Vec<Undone>, ApplyError> {
    let mut undone = undo_streams(client, backup).await?;
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

/// Deletes the sinks, subscriptions and types that `apply` made.
async fn undo_streams(client: &Client, backup: &Backup) -> Result<Vec<Undone>, ApplyError> {
    let mut undone = Vec::new();
    let events = client.events();
    for sid in made(client, backup, SUBSCRIPTIONS, &backup.subscriptions).await? {
        events.delete(&format!("/v1/Subscriptions/{sid}")).await?;
        undone.push(Undone::PutBack(format!("the subscription {sid} is deleted")));
    }
    for sid in made(client, backup, SINKS, &backup.sinks).await? {
        events.delete(&format!("/v1/Sinks/{sid}")).await?;
        undone.push(Undone::PutBack(format!("the sink {sid} is deleted")));
    }
    for added in &backup.types {
        let (subscription, name) = (&added.subscription, &added.r#type);
        let path = format!("/v1/Subscriptions/{subscription}/SubscribedEvents/{name}");
        events.delete(&path).await?;
        undone.push(Undone::PutBack(format!(
            "{name} is not in the subscription {subscription}"
        )));
    }
    Ok(undone)
}

/// The SIDs in the backup and the SIDs of resources with its mark, since Twilio's answer to their creation may have got
/// lost.
async fn made(
    client: &Client,
    backup: &Backup,
    (path, key): (&str, &str),
    noted: &[String],
) -> Result<Vec<String>, ApplyError> {
    let mut sids = noted.to_vec();
    if !backup.makes_streams {
        return Ok(sids);
    }
    let mark = backup.mark();
    let described: Vec<Described> = client.events().list(path, key, &[]).await?;
    let marked = described
        .into_iter()
        .filter(|it| it.description.as_deref() == Some(&mark));
    for Described { sid, .. } in marked {
        if !sids.contains(&sid) {
            sids.push(sid);
        }
    }
    Ok(sids)
}
