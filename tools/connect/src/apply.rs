//! Makes the changes at Twilio. A change is made only if nobody else changed the resource first.

use serde::Deserialize;
use serde_json::{Value, json};
use thiserror::Error;

use crate::account::{Workflow, Workspace};
use crate::backup::{AddedType, BackupError, BackupFile};
use crate::client::{Client, ReadError};
use crate::events::same_place;
use crate::plan::{Callback, Change};

/// The reason why a change wasn't made.
#[derive(Debug, Error)]
pub(crate) enum ApplyError {
    /// The resource has changed since it was read, so somebody else is at work.
    #[error("{0} was changed by somebody else in the meantime, so it was left alone. Run the command again")]
    ChangedMeanwhile(String),
    #[error(transparent)]
    Twilio(#[from] ReadError),
    #[error(transparent)]
    Backup(#[from] BackupError),
}

#[derive(Deserialize)]
struct Created {
    sid: String,
}

#[derive(Deserialize)]
struct SinkDestination {
    sink_configuration: Value,
}

/// Makes a change and notes the result in the backup. A run that is cut off can then be undone.
pub(crate) async fn apply(client: &Client, file: &mut BackupFile, change: &Change) -> Result<(), ApplyError> {
    match change {
        Change::Callback { before, after } => set_callback(client, &file.backup.workspace, before, after).await,
        Change::Workflow { sid, before, after, .. } => {
            set_configuration(client, &file.backup.workspace, sid, before, after).await
        }
        Change::Sink { destination, types } => {
            let sinks: Vec<SinkDestination> = client.events().list("/v1/Sinks", "sinks", &[]).await?;
            let is_there = |sink: &SinkDestination| {
                let own = sink.sink_configuration["destination"].as_str();
                own.is_some_and(|own| same_place(own, destination))
            };
            if sinks.iter().any(is_there) {
                return Err(ApplyError::ChangedMeanwhile("the list of sinks".to_owned()));
            }
            let configuration =
                json!({"destination": destination, "method": "POST", "batch_events": false}).to_string();
            let description = file.backup.mark();
            let form = [
                ("Description", &*description),
                ("SinkType", "webhook"),
                ("SinkConfiguration", &configuration),
            ];
            let sink: Created = client.events().post("/v1/Sinks", &form).await?;
            file.backup.sinks.push(sink.sid.clone());
            file.save()?;
            subscribe(client, file, &sink.sid, types).await
        }
        Change::Subscription { sink, types } => subscribe(client, file, sink, types).await,
        Change::Types { subscription, types } => {
            for name in types {
                file.backup.types.push(AddedType {
                    subscription: subscription.clone(),
                    r#type: name.clone(),
                });
                file.save()?;
                let path = format!("/v1/Subscriptions/{subscription}/SubscribedEvents");
                let _: Value = client.events().post(&path, &[("Type", name)]).await?;
            }
            Ok(())
        }
    }
}

async fn subscribe(client: &Client, file: &mut BackupFile, sink: &str, types: &[String]) -> Result<(), ApplyError> {
    // Each parameter has one object, since Twilio takes no list.
    let types: Vec<String> = types.iter().map(|name| json!({ "type": name }).to_string()).collect();
    let description = file.backup.mark();
    let mut form = vec![("Description", &*description), ("SinkSid", sink)];
    form.extend(types.iter().map(|name| ("Types", name.as_str())));
    let subscription: Created = client.events().post("/v1/Subscriptions", &form).await?;
    file.backup.subscriptions.push(subscription.sid);
    Ok(file.save()?)
}

/// Replaces the callback and filter if they still have their earlier values.
pub(crate) async fn set_callback(
    client: &Client,
    workspace: &str,
    before: &Callback,
    after: &Callback,
) -> Result<(), ApplyError> {
    let path = format!("/v1/Workspaces/{workspace}");
    if callback(client, workspace).await? != *before {
        return Err(ApplyError::ChangedMeanwhile("the event callback".to_owned()));
    }
    let mut form = Vec::new();
    if before.event_callback_url != after.event_callback_url {
        form.push(("EventCallbackUrl", after.event_callback_url.as_str()));
    }
    if before.events_filter != after.events_filter {
        form.push(("EventsFilter", after.events_filter.as_str()));
    }
    let _: Value = client.taskrouter().post(&path, &form).await?;
    Ok(())
}

/// Replaces a workflow's configuration if the earlier value is still there. Twilio has no version of a workflow to
/// compare.
pub(crate) async fn set_configuration(
    client: &Client,
    workspace: &str,
    sid: &str,
    before: &str,
    after: &str,
) -> Result<(), ApplyError> {
    if configuration(client, workspace, sid).await? != before {
        return Err(ApplyError::ChangedMeanwhile(format!("the workflow {sid}")));
    }
    let path = format!("/v1/Workspaces/{workspace}/Workflows/{sid}");
    let _: Value = client.taskrouter().post(&path, &[("Configuration", after)]).await?;
    Ok(())
}

/// The current callback and filter.
pub(crate) async fn callback(client: &Client, workspace: &str) -> Result<Callback, ReadError> {
    let workspace: Workspace = client.taskrouter().get(&format!("/v1/Workspaces/{workspace}")).await?;
    Ok(Callback {
        event_callback_url: workspace.event_callback_url.unwrap_or_default(),
        events_filter: workspace.events_filter.unwrap_or_default(),
    })
}

/// The current configuration of a workflow.
pub(crate) async fn configuration(client: &Client, workspace: &str, sid: &str) -> Result<String, ReadError> {
    let path = format!("/v1/Workspaces/{workspace}/Workflows/{sid}");
    let workflow: Workflow = client.taskrouter().get(&path).await?;
    Ok(workflow.configuration)
}
