//! Where the programs of the PostgreSQL server are.

use crate::error::{Error, Result};
use std::collections::HashSet;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Says which server to take.
const VARIABLE: &str = "PERSIST_POSTGRES";

const OLDEST_MAJOR: u32 = 15;

/// The folder that holds `initdb`, `pg_ctl` and `postgres`.
///
/// That which `PERSIST_POSTGRES` says, else the newest that is found. Of one major version the first is
/// taken: what the user put into `PATH`, what is installed, what was brought.
pub(crate) fn find() -> Result<PathBuf> {
    let wanted = Wanted::parse(std::env::var_os(VARIABLE))?;
    wanted.choose(places().into_iter().filter_map(Found::in_folder).collect())
}

/// If the folder is one of a server that was brought: that of the whole server.
pub(crate) fn brought_server(binaries: &Path) -> Option<&Path> {
    binaries.parent().filter(|server| server.starts_with(brought_servers()))
}

/// Where `./dev servers` puts those that it brings.
fn brought_servers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("target").join("servers")
}

#[derive(Debug, PartialEq)]
enum Wanted {
    Newest,
    Major(u32),
    Folder(PathBuf),
}

/// A folder with a whole server: clients alone bring `pg_config` and `psql` too.
#[derive(Debug, PartialEq)]
struct Found {
    major: u32,
    folder: PathBuf,
}

impl Wanted {
    fn parse(value: Option<OsString>) -> Result<Self> {
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return Ok(Self::Newest);
        };
        let folder = PathBuf::from(&value);
        if folder.is_absolute() {
            return Ok(Self::Folder(folder));
        }
        match value.to_str().and_then(|text| text.parse().ok()) {
            Some(major) if major >= OLDEST_MAJOR => Ok(Self::Major(major)),
            Some(major) => Err(Error::new(format!(
                "{VARIABLE} asks for PostgreSQL {major}, and the tests need {OLDEST_MAJOR} or newer"
            ))),
            None => Err(Error::new(format!(
                "{VARIABLE} is neither a major version of PostgreSQL, such as 18, nor an absolute path: `{}`",
                folder.display()
            ))),
        }
    }

    fn choose(self, found: Vec<Found>) -> Result<PathBuf> {
        match self {
            Self::Newest => match found.iter().rev().max_by_key(|server| server.major) {
                Some(newest) if newest.major >= OLDEST_MAJOR => Ok(newest.folder.clone()),
                newest => Err(nothing_new_enough(newest)),
            },
            Self::Major(major) => match found.iter().find(|server| server.major == major) {
                Some(server) => Ok(server.folder.clone()),
                None => Err(not_found(major, found)),
            },
            Self::Folder(folder) => match Found::in_folder(folder.clone()) {
                Some(server) if server.major >= OLDEST_MAJOR => Ok(folder),
                Some(Found { major, folder }) => Err(Error::new(format!(
                    "{VARIABLE} names PostgreSQL {major} in {}, and the tests need {OLDEST_MAJOR} or newer",
                    folder.display()
                ))),
                None => Err(Error::new(format!(
                    "{VARIABLE} names {}, which does not hold `postgres`, `initdb` and `pg_ctl`",
                    folder.display()
                ))),
            },
        }
    }
}

impl Found {
    fn in_folder(folder: PathBuf) -> Option<Self> {
        if !["postgres", "initdb", "pg_ctl"].iter().all(|program| folder.join(program).is_file()) {
            return None;
        }
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let text = String::from_utf8_lossy(&output.stdout);
        // "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)", or "… 18beta1"
        let version = text.split_whitespace().nth(2)?;
        let major = version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        Some(Self { major, folder })
    }
}

/// Where servers can be. `./dev` looks in the same places: dev.d/postgres.sh.
fn places() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
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
        folders.extend(bin_folders(Path::new(parent), prefix));
    }
    folders.extend(bin_folders(&brought_servers(), ""));
    let mut seen = HashSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    folders
}

fn bin_folders(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path().join("bin"))
        .collect()
}

fn nothing_new_enough(newest: Option<&Found>) -> Error {
    let found = match newest {
        Some(Found { major, folder }) => format!("found only PostgreSQL {major} in {}", folder.display()),
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
         or without root:   ./dev servers 18\n  \
         or name a server:  export DATABASE_URL=postgresql://user:password@host/database"
    ))
}

fn not_found(major: u32, mut found: Vec<Found>) -> Error {
    found.sort_by_key(|server| server.major);
    let mut message = format!("{VARIABLE} asks for PostgreSQL {major}, which is not found");
    for Found { major, folder } in found {
        // Writing to a String cannot fail.
        let _ = write!(message, "\n  there is {major}:       {}", folder.display());
    }
    Error::new(format!("{message}\n  to bring it, run:  ./dev servers {major}"))
}

#[cfg(test)]
mod tests {
    use super::{Found, Wanted, brought_server, brought_servers};
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};

    fn message<T: std::fmt::Debug>(result: crate::error::Result<T>) -> String {
        result.unwrap_err().to_string()
    }

    fn found<const N: usize>(servers: [(u32, &str); N]) -> Vec<Found> {
        servers.map(|(major, folder)| Found { major, folder: folder.into() }).into()
    }

    #[test]
    fn the_newest_is_taken_and_of_one_major_the_first() {
        let servers = [(14, "/old"), (17, "/path"), (16, "/installed"), (17, "/brought")];
        assert_eq!(Wanted::Newest.choose(found(servers)).unwrap(), Path::new("/path"));
        assert_eq!(Wanted::Major(16).choose(found(servers)).unwrap(), Path::new("/installed"));
        assert_eq!(Wanted::Major(17).choose(found(servers)).unwrap(), Path::new("/path"));
    }

    #[test]
    fn the_variable_is_a_major_version_or_an_absolute_path() {
        let parse = |text: &str| Wanted::parse(Some(text.into()));
        assert_eq!(Wanted::parse(None).unwrap(), Wanted::Newest);
        assert_eq!(parse("").unwrap(), Wanted::Newest);
        assert_eq!(parse("18").unwrap(), Wanted::Major(18));
        assert_eq!(parse("/opt/pg/bin").unwrap(), Wanted::Folder("/opt/pg/bin".into()));
        assert_eq!(
            message(parse("14")),
            "PERSIST_POSTGRES asks for PostgreSQL 14, and the tests need 15 or newer"
        );
        for wrong in ["18.1", "newest", "pg/bin", "-18"] {
            assert_eq!(
                message(parse(wrong)),
                format!(
                    "PERSIST_POSTGRES is neither a major version of PostgreSQL, such as 18, nor an absolute path: `{wrong}`"
                )
            );
        }
    }

    #[test]
    fn a_missing_major_version_is_named_with_those_that_are_there() {
        let message = message(Wanted::Major(18).choose(found([(16, "/brought/16/bin"), (15, "/path")])));
        let expected = "PERSIST_POSTGRES asks for PostgreSQL 18, which is not found
  there is 15:       /path
  there is 16:       /brought/16/bin
  to bring it, run:  ./dev servers 18";
        assert_eq!(message, expected);
    }

    #[test]
    fn a_folder_is_looked_into() {
        let root = tempfile::tempdir().unwrap();
        let [old, new] = ["14.19 (Debian 14.19-1)", "18beta1"].map(|version| install(root.path(), version));
        let choose = |folder: &Path| Wanted::Folder(folder.to_owned()).choose(Vec::new());
        assert_eq!(choose(&new).unwrap(), new);
        assert_eq!(Found::in_folder(new.clone()), Some(Found { major: 18, folder: new }));
        let place = old.display();
        assert_eq!(
            message(choose(&old)),
            format!("PERSIST_POSTGRES names PostgreSQL 14 in {place}, and the tests need 15 or newer")
        );
        let place = root.path().display();
        assert_eq!(
            message(choose(root.path())),
            format!("PERSIST_POSTGRES names {place}, which does not hold `postgres`, `initdb` and `pg_ctl`")
        );
    }

    #[test]
    fn the_message_says_how_to_install_it() {
        let nothing = message(Wanted::Newest.choose(Vec::new()));
        assert!(
            nothing.starts_with("the tests need the server of PostgreSQL 15 or newer: found no `postgres`")
        );
        assert!(
            nothing.contains("apt-get install postgresql") || nothing.contains("brew install postgresql@17")
        );
        let old = message(Wanted::Newest.choose(found([(9, "/nine")])));
        assert!(old.contains(": found only PostgreSQL 9 in /nine\n"), "{old}");
    }

    #[test]
    fn only_what_was_brought_is_known_as_such() {
        let brought = brought_servers().join("18");
        assert_eq!(brought_server(&brought.join("bin")), Some(&*brought));
        assert_eq!(brought_server(Path::new("/usr/lib/postgresql/15/bin")), None);
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
