//! One PostgreSQL server in a temporary folder: the blocking half of [`Cluster`](crate::Cluster).

use crate::binaries;
use crate::error::{Error, Result};
use crate::lent_copy::link_folder;
use crate::server_account::ServerAccount;
use crate::server_folder;
use crate::watchdog::Watchdog;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How the server is set up.
#[derive(Debug, Clone, Default)]
pub(crate) struct ServerOptions {
    pub(crate) tcp: bool,
    pub(crate) password: Option<String>,
    pub(crate) tls: bool,
    pub(crate) client_certificates: bool,
    pub(crate) settings: Vec<(String, String)>,
}

pub(crate) struct Server {
    binaries: PathBuf,
    account: ServerAccount,
    folder: PathBuf,
    port: Option<u16>,
    certificate: Option<String>,
    client_certificate: Option<(String, String)>,
    watchdog: Watchdog,
}

/// A throw-away server survives the crash of its process, not that of the machine.
const SETTINGS: &str = "\
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 200
autovacuum = off
jit = off
shared_buffers = 64MB
log_min_messages = warning
timezone = 'UTC'
lc_messages = 'C'
";

/// When we die without a word the server may be on its way up, hence the second try.
const STOP: &str = r#"
read -r word
stop() { "$1/pg_ctl" stop -m immediate -D "$2/data"; }
stop "$1" "$2" || [ "$word" = finish ] || { sleep 1; stop "$1" "$2"; }
rm -rf "$2"
"#;

impl Server {
    pub(crate) fn start(options: &ServerOptions) -> Result<Self> {
        let found = binaries::find()?;
        let (folder, account) = server_folder::make()?;
        let reached = account.can_run(&found.join("postgres"));
        let copy = folder.join("server");
        let binaries = if reached { found.clone() } else { copy.join("bin") };
        let watchdog = Watchdog::start(account, STOP, &[&binaries, &folder])?;
        let mut server = Self {
            binaries,
            account,
            folder,
            port: None,
            certificate: None,
            client_certificate: None,
            watchdog,
        };
        if !reached {
            copy_for(account, &found, &copy)?;
        }
        server.initialize(options)?;
        server.launch()?;
        Ok(server)
    }

    /// Where the socket is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The port on 127.0.0.1, if it was asked for.
    pub(crate) fn port(&self) -> Option<u16> {
        self.port
    }

    pub(crate) fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    pub(crate) fn client_certificate(&self) -> Option<(&str, &str)> {
        self.client_certificate.as_ref().map(|(certificate, key)| (&**certificate, &**key))
    }

    pub(crate) fn launch(&self) -> Result<()> {
        let log = self.folder.join("log");
        let mut command = self.program("pg_ctl");
        command.args(["start", "-w", "-s", "-t", "60", "-D"]).arg(self.data()).arg("-l").arg(&log);
        self.run(command).map_err(|error| {
            let log = std::fs::read_to_string(&log).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(20).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            Error::new(format!("{error}\nits log ends with:\n{}", tail.join("\n")))
        })
    }

    /// `mode` is one of pg_ctl's: smart, fast, immediate.
    pub(crate) fn stop(&self, mode: &str) -> Result<()> {
        let mut command = self.program("pg_ctl");
        command.args(["stop", "-w", "-s", "-m", mode, "-D"]).arg(self.data());
        self.run(command)
    }

    /// SIGKILL to the postmaster and all its children, as when the machine loses them.
    pub(crate) fn kill(&self) -> Result<()> {
        let pid_file = self.data().join("postmaster.pid");
        let text = std::fs::read_to_string(&pid_file).map_err(|_| Error::new("the server is not running"))?;
        let postmaster = text.lines().next().unwrap_or_default().trim();
        // Stopped first, so that it cannot start further children while we look for them.
        signal("STOP", &[postmaster.to_owned()])?;
        let mut victims = children_of(postmaster)?;
        victims.push(postmaster.to_owned());
        signal("KILL", &victims)?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while signal("0", &victims).is_ok() {
            if Instant::now() > deadline {
                return Err(Error::new("the killed server does not go away"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn initialize(&mut self, options: &ServerOptions) -> Result<()> {
        let method = if options.password.is_some() { "scram-sha-256" } else { "trust" };
        let mut command = self.program("initdb");
        command.args(["--no-sync", "--locale=C", "--encoding=UTF8", "--username=postgres"]);
        command.arg(format!("--auth={method}")).arg("-D").arg(self.data());
        if let Some(password) = &options.password {
            let file = self.folder.join("password");
            self.account.write(&file, password)?;
            command.arg("--pwfile").arg(file);
        }
        self.run(command)?;
        let mut settings = SETTINGS.to_owned();
        let mut set = |name: &str, value: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(settings, "{name} = '{}'", value.replace('\'', "''"));
        };
        set("unix_socket_directories", &self.folder.to_string_lossy());
        if options.tcp {
            let port = free_port()?;
            set("listen_addresses", "127.0.0.1");
            set("port", &port.to_string());
            self.port = Some(port);
        } else {
            set("listen_addresses", "");
        }
        if options.tls {
            self.certificate = Some(self.make_certificate()?);
            set("ssl", "on");
        }
        if options.client_certificates {
            self.client_certificate = Some(self.make_client_certificate()?);
            set("ssl_ca_file", "clients.crt");
            let rule = "local all all trust\nhostssl all all 127.0.0.1/32 cert\n";
            self.account.write(&self.data().join("pg_hba.conf"), rule)?;
        }
        for (name, value) in &options.settings {
            set(name, value);
        }
        self.account.write(&self.data().join("postgresql.auto.conf"), &settings)
    }

    /// Signed by itself, so it is also the root that clients have to trust.
    fn make_certificate(&self) -> Result<String> {
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let made = rcgen::generate_simple_self_signed(names)
            .map_err(|error| Error::new(format!("cannot make a certificate: {error}")))?;
        self.account.write(&self.data().join("server.crt"), &made.cert.pem())?;
        self.account.write(&self.data().join("server.key"), &made.signing_key.serialize_pem())?;
        Ok(made.cert.pem())
    }

    /// For the user `postgres`. Signed by itself, so it is also the root that the server has to trust.
    fn make_client_certificate(&self) -> Result<(String, String)> {
        let failed = |error: rcgen::Error| Error::new(format!("cannot make a certificate: {error}"));
        let mut parameters = rcgen::CertificateParams::default();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "postgres");
        let key = rcgen::KeyPair::generate().map_err(failed)?;
        let certificate = parameters.self_signed(&key).map_err(failed)?.pem();
        self.account.write(&self.data().join("clients.crt"), &certificate)?;
        Ok((certificate, key.serialize_pem()))
    }

    /// Ready to run, away from what the caller's environment says about other servers.
    fn program(&self, name: &str) -> Command {
        let mut command = self.account.command(self.binaries.join(name));
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("PG") {
                command.env_remove(variable);
            }
        }
        command.env("LC_ALL", "C").current_dir(&self.folder).stdin(Stdio::null());
        command
    }

    fn run(&self, mut command: Command) -> Result<()> {
        let name = command.get_program().to_string_lossy().into_owned();
        // pg_ctl hands its output on to the server, which would keep a pipe of ours open: hence a file.
        let file = self.folder.join("output");
        let failed = |error| Error::new(format!("cannot run {name}: {error}"));
        let output = std::fs::File::create(&file).map_err(failed)?;
        command.stdout(output.try_clone().map_err(failed)?).stderr(output);
        let status = command.status().map_err(failed)?;
        if status.success() {
            return Ok(());
        }
        let said = std::fs::read_to_string(&file).unwrap_or_default();
        Err(Error::new(format!("{name} failed ({status}):\n{}", said.trim_end())))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.watchdog.finish();
    }
}

/// Only of a server that was brought it is known which folder holds all of it.
fn copy_for(account: ServerAccount, binaries: &Path, copy: &Path) -> Result<()> {
    let Some(server) = binaries::brought_server(binaries) else {
        return Err(Error::new(format!(
            "the server's account cannot run the programs in {}: root lends it to the tests, and it may not enter one \
             of the folders",
            binaries.display()
        )));
    };
    link_folder(server, copy, account).map_err(|error| {
        Error::new(format!("cannot copy {} to {}: {error}", server.display(), copy.display()))
    })
}

fn free_port() -> Result<u16> {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| Error::new(format!("cannot find a free port on 127.0.0.1: {error}")))
}

/// Through the shell, whose `kill` is built in: the program of that name is not installed everywhere.
fn signal(name: &str, pids: &[String]) -> Result<()> {
    let output = shell(&format!("kill -{name} {}", pids.join(" ")))?;
    if output.status.success() { Ok(()) } else { Err(Error::new(String::from_utf8_lossy(&output.stderr))) }
}

fn children_of(parent: &str) -> Result<Vec<String>> {
    let mut children = Vec::new();
    if cfg!(target_os = "linux") {
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            // "pid (any name) state parent …"
            let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace());
            if fields.and_then(|mut fields| fields.nth(1)) == Some(parent) {
                children.push(entry.file_name().to_string_lossy().into_owned());
            }
        }
    } else {
        let output = shell("ps -A -o pid= -o ppid=")?;
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if let [pid, ppid] = line.split_whitespace().collect::<Vec<_>>()[..]
                && ppid == parent
            {
                children.push(pid.to_owned());
            }
        }
    }
    Ok(children)
}

fn shell(script: &str) -> Result<Output> {
    let output = Command::new("/bin/sh").args(["-c", script]).stdin(Stdio::null()).output();
    output.map_err(|error| Error::new(format!("cannot run /bin/sh: {error}")))
}
