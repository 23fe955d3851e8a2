//! Reads an account with few requests, all at the same time.

use futures_util::future::{join_all, try_join_all};
use serde::Deserialize;
use serde_json::Value;

use super::{Account, Sink, Subscription, Worker};
use crate::client::{Client, ReadError};
use crate::events::same_place;
use crate::options::Target;

/// The reason why nothing of an account can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Twilio refuses the credentials.
    Credentials,
    /// The account has no such workspace.
    Workspace,
}

/// Permissions by Twilio's names for API keys. The permissions of Event Streams are only in the Console.
const READ_WORKSPACE: &str = "/twilio/taskrouter/workspaces/read";
const LIST_ACTIVITIES: &str = "/twilio/taskrouter/workspaces.activities/list";
const LIST_WORKERS: &str = "/twilio/taskrouter/workspaces.workers/list";
const LIST_CHANNELS: &str = "/twilio/taskrouter/workspaces.workers.channels/list";
const LIST_QUEUES: &str = "/twilio/taskrouter/workspaces.task-queues/list";
const LIST_WORKFLOWS: &str = "/twilio/taskrouter/workspaces.workflows/list";
const LIST_SINKS: &str = "Event Streams: list sinks";
const LIST_SUBSCRIPTIONS: &str = "Event Streams: list subscriptions and subscribed events";

/// Every permission that a read may lack.
#[cfg(test)]
pub(crate) const READ_PERMISSIONS: [&str; 8] = [
    READ_WORKSPACE,
    LIST_ACTIVITIES,
    LIST_WORKERS,
    LIST_CHANNELS,
    LIST_QUEUES,
    LIST_WORKFLOWS,
    LIST_SINKS,
    LIST_SUBSCRIPTIONS,
];

/// Reads the workspace with all resources.
///
/// # Errors
/// If Twilio can't be reached or gives an unreadable answer.
pub(crate) async fn read(client: &Client, target: &Target) -> Result<Result<Account, Refusal>, ReadError> {
    let workspace = format!("/v1/Workspaces/{}", target.workspace);
    let path = |list: &str| format!("{workspace}/{list}");
    let (activities, workers, queues, workflows) = (
        path("Activities"),
        path("Workers"),
        path("TaskQueues"),
        path("Workflows"),
    );
    let taskrouter = client.taskrouter();
    let read = tokio::join!(
        taskrouter.get(&workspace),
        taskrouter.list(&activities, "activities", &[]),
        taskrouter.list(&workers, "workers", &[]),
        taskrouter.list(&queues, "task_queues", &[]),
        taskrouter.list(&workflows, "workflows", &[]),
        sinks(client, target.url.as_deref()),
        channels(client, target),
    );
    // A single granted read shows that the credentials are good. A refusal is then about a permission.
    let reads_refused = [
        refused(&read.0),
        refused(&read.1),
        refused(&read.2),
        refused(&read.3),
        refused(&read.4),
    ];
    if reads_refused.iter().all(|refused| *refused) && matches!(read.0, Err(ReadError::Unauthenticated)) {
        return Ok(Err(Refusal::Credentials));
    }
    if matches!(read.0, Err(ReadError::NotFound)) {
        return Ok(Err(Refusal::Workspace));
    }
    let mut account = Account::default();
    let denied = &mut account.denied;
    account.workspace = granted(read.0, READ_WORKSPACE, denied)?;
    account.activities = granted(read.1, LIST_ACTIVITIES, denied)?;
    account.workers = granted(read.2, LIST_WORKERS, denied)?;
    account.queues = granted(read.3, LIST_QUEUES, denied)?;
    account.workflows = granted(read.4, LIST_WORKFLOWS, denied)?;
    match read.5 {
        Ok(Ok(sinks)) => account.sinks = Some(sinks),
        Ok(Err(permission)) => denied.push(permission),
        // The error may not matter, since most accounts have a callback.
        Err(error) => account.sinks_unavailable = Some(error),
    }
    for (worker, channels) in read.6 {
        // A finding reports missing workers.
        if matches!(channels, Err(ReadError::NotFound)) {
            continue;
        }
        if let Some(channels) = granted(channels, LIST_CHANNELS, denied)? {
            account.channels.insert(worker, channels);
        }
    }
    denied.dedup();
    Ok(Ok(account))
}

fn refused<T>(read: &Result<T, ReadError>) -> bool {
    matches!(read, Err(ReadError::Unauthenticated | ReadError::Forbidden))
}

/// The result of a read, or `None` if the key lacks the permission.
fn granted<T>(
    read: Result<T, ReadError>,
    permission: &'static str,
    denied: &mut Vec<&'static str>,
) -> Result<Option<T>, ReadError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(ReadError::Unauthenticated | ReadError::Forbidden) => {
            denied.push(permission);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

type Channels = Vec<(String, Result<Vec<super::WorkerChannel>, ReadError>)>;

async fn channels(client: &Client, target: &Target) -> Channels {
    let workers = target.ai_workers.iter().map(async |worker| {
        let path = format!("/v1/Workspaces/{}/Workers/{worker}/Channels", target.workspace);
        let channels = client.taskrouter().list(&path, "channels", &[]).await;
        (worker.clone(), channels)
    });
    join_all(workers).await
}

#[derive(Deserialize)]
struct RawSink {
    sid: String,
    status: String,
    sink_type: String,
    sink_configuration: Value,
}

#[derive(Deserialize)]
struct RawSubscription {
    sid: String,
    sink_sid: String,
}

#[derive(Deserialize)]
struct SubscribedEvent {
    r#type: String,
}

/// The sinks and the subscriptions of those that lead to `url`. The inner error is the lacking permission.
async fn sinks(client: &Client, url: Option<&str>) -> Result<Result<Vec<Sink>, &'static str>, ReadError> {
    let events = client.events();
    let (sinks, subscriptions) = tokio::join!(
        events.list::<RawSink>("/v1/Sinks", "sinks", &[]),
        events.list::<RawSubscription>("/v1/Subscriptions", "subscriptions", &[]),
    );
    let mut denied = Vec::new();
    let Some(sinks) = granted(sinks, LIST_SINKS, &mut denied)? else {
        return Ok(Err(LIST_SINKS));
    };
    let mut sinks: Vec<Sink> = sinks.into_iter().map(Sink::from).collect();
    let is_ours = |sink: &Sink| {
        let destination = sink.destination.as_deref();
        destination
            .zip(url)
            .is_some_and(|(destination, url)| same_place(destination, url))
    };
    if !sinks.iter().any(is_ours) {
        return Ok(Ok(sinks));
    }
    let Some(subscriptions) = granted(subscriptions, LIST_SUBSCRIPTIONS, &mut denied)? else {
        return Ok(Err(LIST_SUBSCRIPTIONS));
    };
    for sink in sinks.iter_mut().filter(|sink| is_ours(sink)) {
        let own = subscriptions
            .iter()
            .filter(|subscription| subscription.sink_sid == sink.sid);
        let own = try_join_all(own.map(async |subscription| {
            let path = format!("/v1/Subscriptions/{}/SubscribedEvents", subscription.sid);
            let types: Vec<SubscribedEvent> = events.list(&path, "types", &[]).await?;
            Ok::<_, ReadError>(Subscription {
                sid: subscription.sid.clone(),
                types: types.into_iter().map(|event| event.r#type).collect(),
            })
        }));
        let Some(own) = granted(own.await, LIST_SUBSCRIPTIONS, &mut denied)? else {
            return Ok(Err(LIST_SUBSCRIPTIONS));
        };
        sink.subscriptions = own;
    }
    Ok(Ok(sinks))
}

impl From<RawSink> for Sink {
    fn from(sink: RawSink) -> Self {
        let destination = sink.sink_configuration["destination"].as_str();
        Self {
            sid: sink.sid,
            status: sink.status,
            destination: destination.filter(|_| sink.sink_type == "webhook").map(str::to_owned),
            subscriptions: Vec::new(),
        }
    }
}

impl Account {
    /// The named AI workers that exist.
    pub(crate) fn ai_workers<'a>(&'a self, sids: &'a [String]) -> impl Iterator<Item = &'a Worker> {
        sids.iter().filter_map(|sid| self.worker(sid))
    }
}
