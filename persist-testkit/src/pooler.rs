//! What poolers have in common: where their programs are, that a missing one is said, how one is started, when it is
//! ready, and how it is reached.

use crate::cluster::{config, connect, percent_encoded};
use crate::error::{Error, Result};
use crate::server_account::ServerAccount;
use crate::server_folder;
use crate::watchdog::Watchdog;
use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config};

/// Each has a folder of its own, so all have the same port.
pub(crate) const PORT: u16 = 6432;

/// A program that may be missing.
pub(crate) struct Program {
    /// As people write it.
    pub(crate) title: &'static str,
    /// Of its file.
    pub(crate) name: &'static str,
    /// Of the package, for apt and for Homebrew.
    pub(crate) packages: (&'static str, &'static str),
    /// Names the file, if it is not the one in `PATH` or where packages put it.
    pub(crate) variable: &'static str,
    /// The file that says how it is set up.
    pub(crate) file: &'static str,
    /// A script for the shell: it starts the program $1 in the folder $2 with its output in the file `log` there, and
    /// removes both after a line has been read.
    pub(crate) script: &'static str,
}

impl Program {
    /// `None` if this machine has none, which is said on the standard error, also where the output of tests is
    /// captured.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        let found = self.place();
        if found.is_none() {
            let name = std::thread::current().name().unwrap_or("a test").to_owned();
            let Program { title, packages, variable, .. } = self;
            let install = if cfg!(target_os = "macos") {
                format!("install it: brew install {}", packages.1)
            } else {
                format!("install it: sudo apt-get install {}, or name the program by {variable}", packages.0)
            };
            // Not by the macro, whose output is shown for tests that fail only.
            let _ = writeln!(std::io::stderr(), "SKIPPED: {name}: there is no {title}; {install}");
        }
        found
    }

    /// `./dev` looks in the same places: dev.d/poolers.sh.
    fn place(&self) -> Option<PathBuf> {
        if let Some(named) = std::env::var_os(self.variable).filter(|named| !named.is_empty()) {
            return Some(named.into());
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let packages =
            ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
        let mut programs = std::env::split_paths(&path).chain(packages).map(|folder| folder.join(self.name));
        programs.find(|program| program.is_file())
    }

    /// Starts the program in a folder of its own, where its socket will be, in front of a server.
    pub(crate) fn start(
        &self,
        program: &Path,
        upstream: &Config,
        file: impl FnOnce(&Path, ServerAccount) -> Result<String>,
    ) -> Result<Running> {
        let (folder, account) = server_folder::make()?;
        account.write(&folder.join(self.file), &file(&folder, account)?)?;
        let host = percent_encoded(&folder.to_string_lossy());
        let user = percent_encoded(upstream.get_user().unwrap_or("postgres"));
        let server = format!("postgresql://{user}@{host}:{PORT}");
        let url = of(&server, upstream.get_dbname().unwrap_or("postgres"));
        let watchdog = Watchdog::start(account, self.script, &[program, &folder])?;
        let running = Running { server, url, watchdog };
        self.wait(&folder)?;
        Ok(running)
    }

    /// It says nowhere that it is ready: its socket answers.
    fn wait(&self, folder: &Path) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while UnixStream::connect(folder.join(format!(".s.PGSQL.{PORT}"))).is_err() {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            if log.contains("FATAL") || Instant::now() > deadline {
                return Err(Error::new(format!("{} does not start; its log:\n{log}", self.title)));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

/// A pooler that goes away with this value, or with the process.
pub(crate) struct Running {
    server: String,
    url: String,
    watchdog: Watchdog,
}

impl Running {
    /// The same database as that of the server behind it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn config(&self) -> Config {
        config(&self.url).unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) async fn client(&self) -> Client {
        connect(&self.config()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Another database.
    pub(crate) fn config_of(&self, database: &str) -> Result<Config> {
        config(&of(&self.server, database))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.watchdog.finish();
    }
}

/// The URL of a database.
fn of(server: &str, database: &str) -> String {
    format!("{server}/{}", percent_encoded(database))
}

/// The host and the port of the server behind it.
pub(crate) fn behind(upstream: &Config) -> Result<(String, u16)> {
    let host = match upstream.get_hosts().first() {
        Some(Host::Unix(folder)) => folder.to_string_lossy().into_owned(),
        Some(Host::Tcp(name)) => name.clone(),
        None => return Err(Error::new("the address of the server names no host")),
    };
    Ok((host, upstream.get_ports().first().copied().unwrap_or(5432)))
}
