//! The stdout and stderr of a process.

use crate::identity;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::process::Stdio;

/// An unnamed file to which both streams are appended. Unlike a pipe, the file needs no reader. It has everything
/// written before an answer by the time of that answer, and disappears when the last process closes it.
pub(super) struct LogStream {
    file: File,
}

impl LogStream {
    pub(super) fn create() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("lambda-log-{}", identity::hex(32)));
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .open(&path)?;
        std::fs::remove_file(&path)?;
        Ok(Self { file })
    }

    pub(super) fn writer(&self) -> io::Result<Stdio> {
        self.file.try_clone().map(Stdio::from)
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.text()
            .map(|text| text.lines().map(str::to_owned).collect())
            .unwrap_or_else(|error| vec![format!("(this log cannot be read: {error})")])
    }

    fn text(&self) -> io::Result<String> {
        let length = usize::try_from(self.file.metadata()?.len()).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, 0)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
