//! The reasons why a verb has no result.

use std::io;

use thiserror::Error;

use crate::apply::ApplyError;
use crate::aws::AwsError;
use crate::backup::BackupError;
use crate::check::CheckError;
use crate::client::ReadError;
use crate::credentials::CredentialsError;
use crate::session_probe::ProbeError;

#[derive(Debug, Error)]
pub(crate) enum VerbError {
    #[error("{0}")]
    Usage(&'static str),
    #[error("{0}")]
    Http(String),
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    #[error(transparent)]
    Check(#[from] CheckError),
    #[error(transparent)]
    Twilio(#[from] ReadError),
    #[error(transparent)]
    Session(#[from] ProbeError),
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error("the answer can't be read or written: {0}")]
    Terminal(#[from] io::Error),
    #[error("the result can't be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

impl VerbError {
    /// Whether the reader of the output has left.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Terminal(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
