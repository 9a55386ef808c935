//! The temporary folder of a server, which the account that runs it can reach.

use crate::error::{Error, Result};
use crate::server_account::ServerAccount;
use std::path::{Path, PathBuf};

/// Socket paths have at most 103 bytes on macOS, whose temporary folders have long names.
const LONGEST: usize = 80;

/// In the usual place for temporary folders, unless its name is too long or another account cannot get there.
pub(crate) fn make() -> Result<(PathBuf, ServerAccount)> {
    let usual = std::env::temp_dir();
    if usual.as_os_str().len() <= LONGEST
        && let Some(found) = make_in(&usual)?
    {
        return Ok(found);
    }
    make_in(Path::new("/tmp"))?.ok_or_else(|| Error::new("the account of the server has no access to /tmp"))
}

/// `None` if the server's account cannot reach it.
fn make_in(parent: &Path) -> Result<Option<(PathBuf, ServerAccount)>> {
    let failed = |error| Error::new(format!("cannot make a folder in {}: {error}", parent.display()));
    let folder = tempfile::Builder::new().prefix("persist-").tempdir_in(parent).map_err(failed)?;
    let account = ServerAccount::for_owner_of(folder.path())?;
    account.give(folder.path())?;
    let reached = account.command("/bin/sh").args(["-c", ": > output"]).current_dir(folder.path()).status();
    Ok(reached.is_ok_and(|status| status.success()).then(|| (folder.keep(), account)))
}
