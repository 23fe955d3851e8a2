//! The backup that `apply` writes before it changes anything and that `undo` reads.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::plan::{Callback, Change};

/// The only version of the backup format.
const VERSION: u32 = 1;

/// The state before `apply` and the state that `apply` left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Backup {
    pub(crate) version: u32,
    pub(crate) workspace: String,
    pub(crate) made: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) callback: Option<Changed<Callback>>,
    #[serde(default)]
    pub(crate) workflows: Vec<ChangedWorkflow>,
    /// Whether `apply` is going to make sinks or subscriptions. They have the backup's mark in case an answer with a
    /// SID gets lost.
    #[serde(default)]
    pub(crate) makes_streams: bool,
    /// Sinks that `apply` made.
    #[serde(default)]
    pub(crate) sinks: Vec<String>,
    /// Subscriptions that `apply` made.
    #[serde(default)]
    pub(crate) subscriptions: Vec<String>,
    /// Types that `apply` adds to an existing subscription. They are noted before they are added.
    #[serde(default)]
    pub(crate) types: Vec<AddedType>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changed<T> {
    pub(crate) before: T,
    pub(crate) after: T,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangedWorkflow {
    pub(crate) sid: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AddedType {
    pub(crate) subscription: String,
    pub(crate) r#type: String,
}

/// The reason why a backup can't be written or read.
#[derive(Debug, Error)]
pub(crate) enum BackupError {
    #[error("the backup {0} can't be written or read: {1}")]
    File(PathBuf, io::Error),
    #[error("{0} is no backup that connect wrote: {1}")]
    Malformed(PathBuf, String),
}

/// A backup and its file.
pub(crate) struct BackupFile {
    pub(crate) path: PathBuf,
    pub(crate) backup: Backup,
}

impl BackupFile {
    /// Writes a new file in the current folder before the changes are made.
    pub(crate) fn create(workspace: &str, changes: &[Change]) -> Result<Self, BackupError> {
        let now = OffsetDateTime::now_utc();
        let mut backup = Backup {
            version: VERSION,
            workspace: workspace.to_owned(),
            made: now.format(&Rfc3339).unwrap_or_default(),
            callback: None,
            workflows: Vec::new(),
            makes_streams: false,
            sinks: Vec::new(),
            subscriptions: Vec::new(),
            types: Vec::new(),
        };
        for change in changes {
            match change {
                Change::Callback { before, after } => {
                    backup.callback = Some(Changed {
                        before: before.clone(),
                        after: after.clone(),
                    });
                }
                Change::Workflow { sid, before, after, .. } => backup.workflows.push(ChangedWorkflow {
                    sid: sid.clone(),
                    before: before.clone(),
                    after: after.clone(),
                }),
                // The SIDs are known only after the creation.
                Change::Sink { .. } | Change::Subscription { .. } => {
                    backup.makes_streams = true;
                }
                Change::Types { .. } => {}
            }
        }
        let stamp = now.unix_timestamp_nanos() / 1_000_000;
        let path = PathBuf::from(format!("connect-backup-{workspace}-{stamp}.json"));
        let file = Self { path, backup };
        file.write(OpenOptions::new().write(true).create_new(true))?;
        Ok(file)
    }

    /// Writes the file again with the changes made so far.
    pub(crate) fn save(&self) -> Result<(), BackupError> {
        self.write(OpenOptions::new().write(true).truncate(true))
    }

    fn write(&self, options: &mut OpenOptions) -> Result<(), BackupError> {
        // A callback's URL may hold a password.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
        let text = serde_json::to_string_pretty(&self.backup)
            .map_err(|error| BackupError::Malformed(self.path.clone(), error.to_string()))?;
        let write = || {
            let mut file = options.open(&self.path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| BackupError::File(self.path.clone(), error))
    }
}

impl Backup {
    /// The description of the sinks and subscriptions that `apply` makes.
    pub(crate) fn mark(&self) -> String {
        format!("flex-handoff task-events, by connect at {}", self.made)
    }

    pub(crate) fn read(path: &Path) -> Result<Self, BackupError> {
        let text = std::fs::read_to_string(path).map_err(|error| BackupError::File(path.to_owned(), error))?;
        let malformed = |why: String| BackupError::Malformed(path.to_owned(), why);
        let backup: Self = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        match backup.version {
            VERSION => Ok(backup),
            other => Err(malformed(format!("it is of version {other}"))),
        }
    }
}
