//! Where the programs of the PostgreSQL server are.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

const OLDEST_MAJOR: u32 = 15;

/// The folder that holds `initdb`, `pg_ctl` and `postgres`.
///
/// What the user put into `PATH` is taken first if it is new enough, else the newest that is installed.
pub(crate) fn find() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    choose(std::env::split_paths(&path), usual_folders())
}

fn choose(in_path: impl IntoIterator<Item = PathBuf>, installed: Vec<PathBuf>) -> Result<PathBuf> {
    let versioned = |folder: PathBuf| Some((major_version(&folder)?, folder));
    let mut too_old = Vec::new();
    for (major, folder) in in_path.into_iter().filter_map(versioned) {
        if major >= OLDEST_MAJOR {
            return Ok(folder);
        }
        too_old.push((major, folder));
    }
    match installed.into_iter().filter_map(versioned).max() {
        Some((major, folder)) if major >= OLDEST_MAJOR => Ok(folder),
        newest => Err(missing(too_old.into_iter().chain(newest).max())),
    }
}

/// `None` if the folder does not hold a whole server: clients alone bring `pg_config` and `psql` too.
fn major_version(folder: &Path) -> Option<u32> {
    if !["postgres", "initdb", "pg_ctl"].iter().all(|program| folder.join(program).is_file()) {
        return None;
    }
    let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", or "… 18beta1"
    let version = text.split_whitespace().nth(2)?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn usual_folders() -> Vec<PathBuf> {
    let mut folders = Vec::new();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    for (parent, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/usr", "pgsql-"),
        ("/opt/homebrew/opt", "postgresql"),
        ("/usr/local/opt", "postgresql"),
        ("/home/linuxbrew/.linuxbrew/opt", "postgresql"),
        ("/Applications/Postgres.app/Contents/Versions", ""),
    ] {
        let Ok(entries) = std::fs::read_dir(parent) else {
            continue;
        };
        for entry in entries.flatten() {
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                folders.push(entry.path().join("bin"));
            }
        }
    }
    folders
}

fn missing(newest: Option<(u32, PathBuf)>) -> Error {
    let found = match newest {
        Some((major, folder)) => format!("found only PostgreSQL {major} in {}", folder.display()),
        None => "found no `postgres` in PATH or where packages put it".to_owned(),
    };
    let command = if cfg!(target_os = "macos") {
        "brew install postgresql@17"
    } else {
        "sudo apt-get install postgresql"
    };
    Error::new(format!(
        "the tests need the server of PostgreSQL {OLDEST_MAJOR} or newer: {found}\n  \
         install it:        {command}\n  \
         or name a server:  export DATABASE_URL=postgresql://user:password@host/database"
    ))
}

#[cfg(test)]
mod tests {
    use super::choose;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    #[test]
    fn the_first_of_the_path_that_is_new_enough_is_taken_else_the_newest() {
        let root = tempfile::tempdir().unwrap();
        let [old, fifteen, nine, eighteen] = ["14.19 (Debian 14.19-1)", "15.2", "9.6.24", "18beta1"]
            .map(|version| install(root.path(), version));
        let nothing = root.path().to_owned();
        let path = [nothing.clone(), old.clone(), fifteen.clone(), eighteen.clone()];
        assert_eq!(choose(path, vec![]).unwrap(), fifteen);
        let usual = vec![fifteen, nine.clone(), eighteen.clone()];
        assert_eq!(choose([nothing, old], usual).unwrap(), eighteen);
        let error = choose([nine.clone()], vec![]).unwrap_err().to_string();
        assert!(error.contains(&format!("found only PostgreSQL 9 in {}\n", nine.display())), "{error}");
    }

    #[test]
    fn the_message_says_how_to_install_it() {
        let message = choose([], vec![]).unwrap_err().to_string();
        assert!(
            message.starts_with("the tests need the server of PostgreSQL 15 or newer: found no `postgres`")
        );
        assert!(
            message.contains("apt-get install postgresql") || message.contains("brew install postgresql@17")
        );
    }

    fn install(root: &Path, version: &str) -> PathBuf {
        let folder = root.join(version);
        std::fs::create_dir(&folder).unwrap();
        for program in ["postgres", "initdb", "pg_ctl"] {
            let file = folder.join(program);
            std::fs::write(&file, format!("#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n")).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        folder
    }
}
