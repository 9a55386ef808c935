//! Servers that are stopped, killed, protected, and left over.

use persist_testkit::Cluster;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio_postgres::config::Host;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

#[tokio::test]
async fn what_was_committed_survives_a_kill() {
    let cluster = Cluster::new().await;
    let client = cluster.client().await;
    client.batch_execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)").await.unwrap();
    let url = cluster.url();
    cluster.kill().await;
    let error = client.batch_execute("SELECT 1").await.unwrap_err();
    assert!(error.is_closed(), "{error}");
    assert!(cluster.config().connect(NoTls).await.is_err());
    cluster.start().await;
    assert_eq!(cluster.url(), url);
    let row = cluster.client().await.query_one("SELECT a FROM t", &[]).await.unwrap();
    assert_eq!(row.get::<_, i32>(0), 1);
}

#[tokio::test]
async fn a_stop_tells_the_clients() {
    let cluster = Cluster::new().await;
    let client = cluster.client().await;
    let query = client.batch_execute("SELECT pg_sleep(600)");
    let (answer, ()) = tokio::join!(query, cluster.stop());
    assert_eq!(answer.unwrap_err().code(), Some(&SqlState::ADMIN_SHUTDOWN));
    cluster.start().await;
    cluster.client().await.batch_execute("SELECT 1").await.unwrap();
}

#[tokio::test]
async fn passwords_are_asked_for() {
    let cluster = Cluster::builder().password("pass:word/ü").start().await;
    cluster.client().await.batch_execute("SELECT 1").await.unwrap();
    let mut config = cluster.config();
    config.password("wrong");
    let Err(refused) = config.connect(NoTls).await else { panic!("a wrong password was accepted") };
    assert_eq!(refused.code(), Some(&SqlState::INVALID_PASSWORD));
}

#[tokio::test]
async fn tls_is_offered_on_tcp() {
    let cluster = Cluster::builder().tls().setting("application_name", "from the file").start().await;
    assert!(cluster.certificate().unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    let client = cluster.client().await;
    let row =
        client.query_one("SELECT current_setting('ssl'), current_setting('application_name')", &[]).await;
    let row = row.unwrap();
    assert_eq!((row.get(0), row.get(1)), ("on", "from the file"));
    let config = cluster.config();
    assert_eq!(config.get_hosts(), [Host::Tcp("127.0.0.1".to_owned())]);
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", config.get_ports()[0])).unwrap();
    stream.write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]).unwrap();
    let mut answer = [0];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"S");
}

#[tokio::test]
async fn the_sample_domain_can_be_applied() {
    let cluster = Cluster::new().await;
    cluster.migrate_sample_domain().await;
    cluster.client().await.batch_execute("SELECT FROM pipelines").await.unwrap();
}

#[tokio::test]
async fn nothing_is_left_of_a_dropped_cluster() {
    let cluster = Cluster::new().await;
    let folder = folder_of(&cluster.config());
    assert!(folder.join("data").is_dir());
    drop(cluster);
    assert!(!folder.exists());
}

/// Set for the process that is killed.
const VICTIM: &str = "PERSIST_TESTKIT_VICTIM";

/// Runs itself in a second process, which is ended while its server is up: as the kernel does when memory is
/// short, and as a terminal does for Ctrl-C, which goes to the whole process group.
#[tokio::test]
async fn nothing_is_left_of_a_killed_process() {
    if std::env::var_os(VICTIM).is_some() {
        let database = persist_testkit::TestDatabase::empty().await;
        println!("{VICTIM} {}", folder_of(&database.config()).display());
        std::future::pending::<()>().await;
    }
    for signal in ["KILL", interruption()] {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "nothing_is_left_of_a_killed_process", "--nocapture"])
            .env(VICTIM, "1")
            .env_remove("DATABASE_URL")
            .process_group(0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
        let folder = lines.find_map(|line| Some(PathBuf::from(line.split_once(VICTIM)?.1.trim()))).unwrap();
        let mut config = Config::new();
        config.host_path(&folder).user("postgres").dbname("postgres");
        let (client, connection) = config.connect(NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute("SELECT 1").await.unwrap();

        let kill = format!("kill -{signal} -{}", victim.id());
        assert!(Command::new("/bin/sh").args(["-c", &kill]).status().unwrap().success());
        victim.wait().unwrap();
        // Our own connection ends with the server, not with that process.
        tokio::time::timeout(Duration::from_secs(20), connection).await.unwrap().unwrap().unwrap_err();
        assert!(disappears(&folder), "{} is left after SIG{signal}", folder.display());
    }
}

/// What Ctrl-C sends. Whatever a script runs in the background ignores it, and so do its children: then another one.
fn interruption() -> &'static str {
    let shell = Command::new("/bin/sh").args(["-c", "kill -INT $$"]).status().expect("a shell");
    if shell.success() { "TERM" } else { "INT" }
}

fn folder_of(config: &Config) -> PathBuf {
    let [Host::Unix(folder)] = config.get_hosts() else { panic!("{config:?} is not on a Unix socket") };
    folder.clone()
}

fn disappears(folder: &Path) -> bool {
    let started = Instant::now();
    while folder.exists() && started.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(5));
    }
    !folder.exists()
}
