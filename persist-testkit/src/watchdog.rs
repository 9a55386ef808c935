//! Removes a cluster when the process that started it is gone, also after SIGKILL.

use crate::error::{Error, Result};
use crate::server_account::ServerAccount;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};

/// A shell that sleeps on a pipe of which this process holds the other end. The kernel closes that end
/// whatever ends this process; the shell then stops the server and deletes the folder.
///
/// It has a process group of its own, so that neither Ctrl-C nor the kill of our group reaches it.
pub(crate) struct Watchdog {
    shell: Child,
}

/// When we die without a word the server may be on its way up, hence the second try.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
read -r word
stop() { "$1/pg_ctl" stop -m immediate -D "$2/data"; }
stop "$1" "$2" || [ "$word" = finish ] || { sleep 1; stop "$1" "$2"; }
rm -rf "$2"
"#;

impl Watchdog {
    pub(crate) fn start(account: ServerAccount, binaries: &Path, folder: &Path) -> Result<Self> {
        let shell = account
            .command("/bin/sh")
            .args(["-c", SCRIPT, "persist-testkit-watchdog"])
            .args([binaries, folder])
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
