//! Stops a server and removes its files when the process that started it is gone, also after SIGKILL.

use crate::error::{Error, Result};
use crate::server_account::ServerAccount;
use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, Stdio};

/// A shell that sleeps on a pipe of which this process holds the other end. The kernel closes that end
/// whatever ends this process; the shell then goes on: it stops the server and deletes its folder.
///
/// It has a process group of its own, so that neither Ctrl-C nor the kill of our group reaches it.
pub(crate) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// The script reads a line, which is `finish` or the end of the pipe, and then removes what the arguments name.
    pub(crate) fn start(
        account: ServerAccount,
        script: &str,
        arguments: &[impl AsRef<OsStr>],
    ) -> Result<Self> {
        let script = format!("trap '' INT TERM HUP\n{script}");
        let shell = account
            .command("/bin/sh")
            .args(["-c", &script, "persist-testkit-watchdog"])
            .args(arguments)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Error::new(format!("cannot start /bin/sh: {error}")))?;
        Ok(Self { shell })
    }

    /// Waits until the server is stopped and the folder is gone.
    pub(crate) fn finish(&mut self) {
        if let Some(mut pipe) = self.shell.stdin.take() {
            // If the shell is gone already there is no process that could read this.
            let _ = pipe.write_all(b"finish\n");
        }
        let _ = self.shell.wait();
    }
}
