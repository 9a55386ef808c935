//! What goes wrong meanwhile.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use persist_testkit::{Cluster, Point, Proxy, Random};
use tokio_postgres::{Client, NoTls};

use crate::place::Standing;

/// What goes wrong meanwhile. That futures are dropped is no trouble of the server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Nothing,
    Drops,
    /// `pg_terminate_backend`.
    Ends,
    /// `pg_cancel_backend`, in a loop.
    Cancels,
    /// Connections are cut after any byte.
    Cuts,
    /// SIGKILL to all processes of the server.
    Kills,
    /// All of these.
    All,
}

impl Trouble {
    pub(crate) const EACH: [Trouble; 6] =
        [Trouble::Nothing, Trouble::Drops, Trouble::Ends, Trouble::Cancels, Trouble::Cuts, Trouble::Kills];

    pub(crate) fn includes(self, one: Trouble) -> bool {
        self == one || self == Trouble::All
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Trouble::Nothing => "calm",
            Trouble::Drops => "drops",
            Trouble::Ends => "terminate",
            Trouble::Cancels => "cancel",
            Trouble::Cuts => "cuts",
            Trouble::Kills => "kill -9",
            Trouble::All => "all",
        })
    }
}

/// Makes trouble until it is told to stop.
pub(crate) async fn make(trouble: Trouble, standing: &Standing, stop: &AtomicBool) {
    let Standing { front, behind, cluster, .. } = standing;
    tokio::join!(
        async {
            if trouble.includes(Trouble::Ends) {
                signal(cluster, "pg_terminate_backend", 60, stop).await;
            }
        },
        async {
            if trouble.includes(Trouble::Cancels) {
                signal(cluster, "pg_cancel_backend", 4, stop).await;
            }
        },
        async {
            if trouble.includes(Trouble::Cuts) {
                tokio::join!(cut(front, 60, stop), cut(behind, 240, stop));
            }
        },
        async {
            if trouble.includes(Trouble::Kills) {
                kill(cluster, stop).await;
            }
        },
    );
    front.heal();
    behind.heal();
}

/// Sends a signal to one session after another, mostly to such as are at work.
async fn signal(cluster: &Cluster, function: &str, pause: usize, stop: &AtomicBool) {
    let mut random = Random::new(3);
    let victim = format!(
        "SELECT {function}(pid) FROM (SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' \
         AND application_name <> '{MAKER}' ORDER BY state = 'idle', random() LIMIT 1) AS victim"
    );
    let mut client = None;
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep(random.pause(pause)).await;
        match &client {
            None => client = connect(cluster).await,
            // The server was killed.
            Some(maker) if maker.batch_execute(&victim).await.is_err() => client = None,
            Some(_) => {}
        }
    }
}

/// What makes the trouble has no part in it.
const MAKER: &str = "trouble";

async fn connect(cluster: &Cluster) -> Option<Client> {
    let (client, connection) = cluster.config().application_name(MAKER).connect(NoTls).await.ok()?;
    tokio::spawn(connection);
    Some(client)
}

/// Cuts a connection after any byte, of either side.
async fn cut(proxy: &Proxy, pause: usize, stop: &AtomicBool) {
    let mut random = Random::new(pause as u64);
    while !stop.load(Ordering::Relaxed) {
        let after = random.below(6_000);
        // One at a time: where little passes, those that wait would strike all at once.
        proxy.heal();
        proxy.cut(if random.once_in(2) { Point::client_bytes(after) } else { Point::server_bytes(after) });
        tokio::time::sleep(random.pause(pause)).await;
    }
}

async fn kill(cluster: &Cluster, stop: &AtomicBool) {
    let mut random = Random::new(4);
    loop {
        // It is to be of use in between.
        tokio::time::sleep(Duration::from_millis(500) + random.pause(2_500)).await;
        if stop.load(Ordering::Relaxed) {
            return;
        }
        cluster.kill().await;
        cluster.start().await;
    }
}
