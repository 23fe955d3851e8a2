//! The processes of a host, all of which end when the host's own process does, however it ends.

use std::io;
use std::process::Stdio;

use tokio::process::{Child, Command};

/// A process group with a leader that does nothing but wait. Its standard input is a pipe that nobody writes to: it
/// ends when this value is dropped, and when this process is killed. Then the leader kills the group.
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

    /// Makes a process that is about to be spawned a member of the group.
    ///
    /// # Errors
    ///
    /// When the leader has ended.
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
    async fn a_member_is_killed_when_the_group_is_dropped() {
        let group = ProcessGroup::start().expect("there is a shell");
        let mut command = Command::new("sleep");
        group.adopt(command.arg("60")).expect("the leader waits");
        let mut member = command.spawn().expect("the group takes it");
        drop(group);
        let status = member.wait().await.expect("it is our child");
        assert_eq!(status.signal(), Some(9));
    }
}
