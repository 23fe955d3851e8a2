//! Reads the parts of an export.

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::de::DeserializeOwned;
use thiserror::Error;

use super::{Export, ExportedWorker};
use crate::account::{WorkerChannel, Workflow};
use crate::client::{Client, Product, ReadError};

/// The number of workers whose channels are read at the same time.
const AT_ONCE: usize = 8;

/// The reason why there is no export.
#[derive(Debug, Error)]
pub(crate) enum ExportError {
    /// The credentials are wrong or a restricted key may not read this part.
    #[error("the credentials may not read {0}")]
    Denied(&'static str),
    /// The account has no such workspace.
    #[error("the account has no workspace {0}")]
    NoWorkspace(String),
    /// The workspace has no such workflow.
    #[error("the workspace has no workflow {0}")]
    NoWorkflow(String),
    #[error(transparent)]
    Twilio(ReadError),
}

/// Reads a workspace with all its workflows or the named workflow.
pub(crate) async fn read(client: &Client, sid: &str, workflow: Option<&str>) -> Result<Export, ExportError> {
    let reader = Reader {
        taskrouter: client.taskrouter(),
        workspace: format!("/v1/Workspaces/{sid}"),
    };
    let workspace = reader
        .taskrouter
        .get(&reader.workspace)
        .await
        .map_err(|error| match error {
            ReadError::NotFound => ExportError::NoWorkspace(sid.to_owned()),
            error => refused("the workspace")(error),
        })?;
    let (activities, task_channels, task_queues, workers, workflows) = tokio::try_join!(
        reader.list("Activities", "activities", "the activities"),
        reader.list("TaskChannels", "channels", "the task channels"),
        reader.list("TaskQueues", "task_queues", "the queues"),
        reader.list("Workers", "workers", "the workers"),
        reader.list::<Workflow>("Workflows", "workflows", "the workflows"),
    )?;
    let mut workflows = workflows;
    if let Some(named) = workflow {
        workflows.retain(|workflow| workflow.sid == named);
        if workflows.is_empty() {
            return Err(ExportError::NoWorkflow(named.to_owned()));
        }
    }
    Ok(Export {
        workspace,
        activities,
        task_channels,
        task_queues,
        workers: reader.with_channels(workers).await?,
        workflows,
    })
}

struct Reader<'c> {
    taskrouter: Product<'c>,
    workspace: String,
}

impl Reader<'_> {
    async fn list<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        name: &'static str,
    ) -> Result<Vec<T>, ExportError> {
        let path = format!("{}/{path}", self.workspace);
        let list = self.taskrouter.list(&path, key, &[]).await;
        list.map_err(refused(name))
    }

    /// Adds the channels to the workers without a change of order.
    async fn with_channels(&self, workers: Vec<ExportedWorker>) -> Result<Vec<ExportedWorker>, ExportError> {
        let workers = stream::iter(workers).map(async |worker| {
            let path = format!("Workers/{}/Channels", worker.sid);
            let channels: Vec<WorkerChannel> = self.list(&path, "channels", "the workers' channels").await?;
            Ok(ExportedWorker { channels, ..worker })
        });
        workers.buffered(AT_ONCE).try_collect().await
    }
}

/// The error about a part of the workspace.
fn refused(part: &'static str) -> impl FnOnce(ReadError) -> ExportError {
    move |error| match error {
        ReadError::Unauthenticated | ReadError::Forbidden => ExportError::Denied(part),
        error => ExportError::Twilio(error),
    }
}
