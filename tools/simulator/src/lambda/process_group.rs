//! The processes of a host. All end with the host's own process, even after a SIGKILL.

use std::io;
use std::process::Stdio;

use tokio::process::{Child, Command};

/// A process group whose leader waits on its standard input, a pipe that nobody writes to. The pipe closes when this
/// value is dropped or this process is killed. The leader then kills the group.
pub(super) struct ProcessGroup {
    leader: Child,
}

impl ProcessGroup {
    pub(super) fn start() -> io::Result<Self> {
        let leader = Command::new("/bin/sh")
            .args(["-c", "read _; kill -9 0"])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { leader })
    }

    /// Adds a process to the group. The process is not yet spawned.
    ///
    /// # Errors
    ///
    /// If the leader has ended.
    pub(super) fn adopt(&self, command: &mut Command) -> io::Result<()> {
        let leader = self.leader.id().and_then(|id| id.try_into().ok());
        command.process_group(leader.ok_or_else(|| io::Error::other("the process group has ended"))?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[tokio::test]
    async fn member_is_killed_when_the_group_is_dropped() {
        let group = ProcessGroup::start().expect("there is a shell");
        let mut command = Command::new("sleep");
        group.adopt(command.arg("60")).expect("the leader waits");
        let mut member = command.spawn().expect("the member starts");
        drop(group);
        let status = member.wait().await.expect("the member is a child of this process");
        assert_eq!(status.signal(), Some(9));
    }
}
