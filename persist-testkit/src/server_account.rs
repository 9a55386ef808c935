//! PostgreSQL refuses to run as root, so root lends it another account.

use crate::error::{Error, Result};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// The account that owns a cluster's files and runs its programs.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ServerAccount {
    /// We are not root: our own.
    Ours,
    /// We are root: `postgres` if the package made it, else `nobody`.
    Lent { uid: u32, gid: u32 },
}

impl ServerAccount {
    /// Decides by the owner of a folder that this process has just made.
    pub(crate) fn for_owner_of(folder: &Path) -> Result<Self> {
        let metadata =
            folder.metadata().map_err(|error| Error::new(format!("{}: {error}", folder.display())))?;
        if metadata.uid() != 0 {
            return Ok(Self::Ours);
        }
        let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        find_account(&accounts, "postgres").or_else(|| find_account(&accounts, "nobody")).ok_or_else(|| {
            Error::new("PostgreSQL refuses to run as root, and this machine has neither an account `postgres` nor `nobody`")
        })
    }

    pub(crate) fn give(self, path: &Path) -> Result<()> {
        match self {
            Self::Ours => Ok(()),
            Self::Lent { uid, gid } => {
                std::os::unix::fs::chown(path, Some(uid), Some(gid)).map_err(|error| {
                    Error::new(format!("cannot give {} to the server's account: {error}", path.display()))
                })
            }
        }
    }

    /// Writes a file that only the account can read: PostgreSQL refuses a key that others can read.
    pub(crate) fn write(self, path: &Path, text: &str) -> Result<()> {
        use std::os::unix::fs::PermissionsExt;
        let failed = |error| Error::new(format!("cannot write {}: {error}", path.display()));
        std::fs::write(path, text).map_err(failed)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        self.give(path)
    }

    pub(crate) fn can_run(self, program: &Path) -> bool {
        match self {
            Self::Ours => true,
            Self::Lent { .. } => self.command(program).arg("--version").output().is_ok(),
        }
    }

    pub(crate) fn command(self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        if let Self::Lent { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
        command
    }
}

fn find_account(passwd: &str, name: &str) -> Option<ServerAccount> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(ServerAccount::Lent { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}
