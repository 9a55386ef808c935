//! Where the programs of the PostgreSQL server are.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

const OLDEST_MAJOR: u32 = 15;

/// The folder that holds `initdb`, `pg_ctl` and `postgres`.
///
/// What the user put into `PATH` is taken first if it is new enough, else the newest that is installed.
pub(crate) fn find() -> Result<PathBuf> {
    let in_path = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
        .unwrap_or_default();
    let mut too_old = Vec::new();
    for folder in &in_path {
        match major_version(folder) {
            Some(major) if major >= OLDEST_MAJOR => return Ok(folder.clone()),
            Some(major) => too_old.push((major, folder.clone())),
            None => {}
        }
    }
    let mut installed: Vec<(u32, PathBuf)> = usual_folders()
        .into_iter()
        .filter_map(|folder| Some((major_version(&folder)?, folder)))
        .collect();
    installed.sort();
    match installed.pop() {
        Some((major, folder)) if major >= OLDEST_MAJOR => Ok(folder),
        Some(old) => {
            too_old.push(old);
            Err(missing(&too_old))
        }
        None => Err(missing(&too_old)),
    }
}

/// `None` if the folder does not hold a whole server: clients alone bring `pg_config` and `psql` too.
fn major_version(folder: &Path) -> Option<u32> {
    if !["postgres", "initdb", "pg_ctl"]
        .iter()
        .all(|program| folder.join(program).is_file())
    {
        return None;
    }
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .ok()?;
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

fn missing(too_old: &[(u32, PathBuf)]) -> Error {
    let found = match too_old.iter().max() {
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
         install it:            {command}\n  \
         or name a server:      export DATABASE_URL=postgresql://user:password@host/database"
    ))
}
