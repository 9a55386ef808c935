//! A brought server where the account that runs it can get at it: the workspace may be in root's own home.

use crate::server_account::ServerAccount;
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Makes the folder `to`, which belongs to the account, so that the watchdog can remove it. The files stay
/// the same ones where they can: a server has 60 MB.
pub(crate) fn link_folder(from: &Path, to: &Path, account: ServerAccount) -> io::Result<()> {
    std::fs::create_dir(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            link_folder(&source, &target, account)?;
        } else if kind.is_symlink() {
            symlink(std::fs::read_link(&source)?, &target)?;
        } else if std::fs::hard_link(&source, &target).is_err() {
            // Folders for temporary files are often on another device.
            std::fs::copy(&source, &target)?;
        }
    }
    account.give(to).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::link_folder;
    use crate::server_account::ServerAccount;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn files_folders_and_links_are_the_same_in_the_copy() {
        let root = tempfile::tempdir().unwrap();
        let (from, to) = (root.path().join("from"), root.path().join("to"));
        fs::create_dir_all(from.join("lib")).unwrap();
        fs::write(from.join("lib/libpq.so.5"), "pq").unwrap();
        symlink("libpq.so.5", from.join("lib/libpq.so")).unwrap();
        link_folder(&from, &to, ServerAccount::Ours).unwrap();
        assert_eq!(fs::read_to_string(to.join("lib/libpq.so")).unwrap(), "pq");
        assert_eq!(fs::read_link(to.join("lib/libpq.so")).unwrap().to_str(), Some("libpq.so.5"));
    }
}
