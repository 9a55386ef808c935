//! The connection is cut at any byte of a unit of work, on its way to the server or back.

use std::time::Duration;

use persist::prelude::*;
use persist::{Error, Retry, Sql};
use persist_testkit::{Point, Proxy, Random, TestDatabase};
use tokio_postgres::Client;
use uuid::Uuid;

use super::ledger::{A_MINUTE, Answer, answer, book, count, enter, is_entered, judge};
use crate::shapes::Heading;
use crate::{Result, variable};

/// How an entry is made.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// All in one write, which ends in COMMIT.
    AtOnce,
    ReadFirst,
    FlushedFirst,
    InASavepoint,
    Transact,
}

const WAYS: [Way; 5] = [Way::AtOnce, Way::ReadFirst, Way::FlushedFirst, Way::InASavepoint, Way::Transact];

struct Cuts {
    server: TestDatabase,
    client: Client,
    proxy: Proxy,
    /// Through the proxy.
    db: Database,
    /// Past it.
    direct: Database,
    book: Uuid,
}

impl Cuts {
    async fn start() -> Result<Cuts> {
        let server = TestDatabase::new().await;
        let client = server.client().await;
        let proxy = Proxy::start(&server).await;
        let db = Database::builder().url(proxy.url()).pool_size(1).connect().await?;
        let direct = Database::builder().url(server.url()).pool_size(1).connect().await?;
        let book = book(&direct, "book").await?;
        Ok(Cuts { server, client, proxy, db, direct, book })
    }

    async fn make(&self, way: Way, has_token: bool, entry: &str) -> std::result::Result<(), Error> {
        let builder = self.db.unit_of_work_builder();
        let builder = if has_token { builder.with_token() } else { builder };
        if way == Way::Transact {
            let retry = Retry::default().base(Duration::from_millis(1));
            let work = async |uow: &UnitOfWork<'static>| {
                let book = uow.repository::<Heading>().get(self.book).await?;
                enter(uow, book, entry)
            };
            return builder.retry(retry).transact(work).await;
        }
        let uow = builder.build();
        let book = match way {
            Way::ReadFirst => uow.repository::<Heading>().get(self.book).await?,
            _ => self.direct.repository::<Heading>().get(self.book).await?,
        };
        if way == Way::InASavepoint {
            let savepoint = uow.savepoint().await?;
            enter(&uow, book, entry)?;
            savepoint.release().await?;
        } else {
            enter(&uow, book, entry)?;
        }
        if way == Way::FlushedFirst {
            uow.flush().await?;
        }
        uow.commit().await.map(drop)
    }

    /// How much passes when an entry is made by a connection that knows the statements. The names of all
    /// entries are of one length, so that it is the same for all.
    async fn measured(&self, way: Way, has_token: bool) -> Result<[usize; 2]> {
        let name = |part| format!("{way:?} {has_token} {part}");
        self.make(way, has_token, &padded(&name("warming up"))).await?;
        self.proxy.reset();
        self.make(way, has_token, &padded(&name("measured"))).await?;
        let traffic = self.proxy.traffic();
        Ok([traffic.client_bytes, traffic.server_bytes])
    }

    /// Waits until the server has seen that a connection is gone, and has come to an end with what it had
    /// received.
    async fn is_over(&self, pid: i32) -> Result {
        let alive = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)";
        let wait = async {
            while self.client.query_one(alive, &[&pid]).await?.get(0) {}
            Result::Ok(())
        };
        tokio::time::timeout(A_MINUTE, wait).await.map_err(|_| "a connection stays open")?
    }
}

fn padded(name: &str) -> String {
    format!("{name:40}")
}

/// `UOW_CUTS=10000 UOW_SEED=7 cargo test --test unit_of_work cuts` tries others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_random_byte() -> Result {
    let cuts = Cuts::start().await?;
    let mut random = Random::new(variable("UOW_SEED", 1) as u64);
    let mut sizes = Vec::new();
    for way in WAYS {
        sizes.push([cuts.measured(way, false).await?, cuts.measured(way, true).await?]);
    }
    let mut entries = 4 * WAYS.len() as i64;
    let mut counts = [[0_usize; 3]; WAYS.len()];
    for run in 0..variable("UOW_CUTS", 400) {
        let (kind, has_token) = (random.below(WAYS.len()), random.once_in(2));
        let (way, [sent, received]) = (WAYS[kind], sizes[kind][usize::from(has_token)]);
        let what = format!("run {run}, {way:?}{}", if has_token { " with a token" } else { "" });
        // A connection that was not cut before is warm; a new one is not, unless something was done by it.
        if random.once_in(2) {
            cuts.make(way, has_token, &padded(&format!("before {run}"))).await?;
            entries += 1;
        }
        let pid: i32 = Sql::unchecked("SELECT pg_backend_pid()").one(&cuts.db).await?;
        let (point, total): (fn(usize) -> Point, usize) =
            if random.once_in(2) { (Point::client_bytes, sent) } else { (Point::server_bytes, received) };
        // COMMIT and its answer are the last of it.
        let after = if random.once_in(2) { random.below(total) } else { total - random.below(40) };
        let place = format!("{what} after {after} of {total} bytes");
        cuts.proxy.cut(point(after));
        let name = padded(&what);
        let made = tokio::time::timeout(A_MINUTE, cuts.make(way, has_token, &name)).await;
        let outcome = made.map_err(|_| format!("{place} hangs"))?;
        cuts.proxy.heal();
        let was_cut = outcome.is_err();
        if let Err(error) = &outcome {
            let is_expected =
                error.is_connection_lost() || error.is_commit_unknown() || error.is_rolled_back();
            assert!(is_expected, "{place}: {error:?}");
        }
        let answer = answer(&cuts.direct, outcome).await?;
        assert!(!has_token || answer != Answer::Unknown, "{place}: the token answers");
        if was_cut {
            cuts.is_over(pid).await?;
        }
        let is_there = is_entered(&cuts.client, &name).await?;
        judge(&place, answer, is_there);
        entries += i64::from(is_there);
        assert_eq!(count(&cuts.client, cuts.book).await?, entries, "{place}");
        counts[kind][answer as usize] += 1;
    }
    for (way, [committed, not_committed, unknown]) in WAYS.iter().zip(counts) {
        println!("{way:?}: {committed} committed, {not_committed} not, {unknown} without an answer");
    }
    println!("{} connections cut", cuts.proxy.faults_happened());
    drop(cuts.server);
    Ok(())
}

/// The server cannot be reached for longer than `commit` asks for the token by itself: whoever gets the error
/// asks later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn and_the_server_does_not_answer_for_a_while() -> Result {
    let cuts = Cuts::start().await?;
    let [sent, received] = cuts.measured(Way::AtOnce, true).await?;
    // Before COMMIT arrives, and when its answer is on its way.
    for is_sent in [false, true] {
        let name = padded(&format!("is sent: {is_sent}"));
        cuts.make(Way::AtOnce, true, &padded(&format!("before {is_sent}"))).await?;
        let pid: i32 = Sql::unchecked("SELECT pg_backend_pid()").one(&cuts.db).await?;
        cuts.proxy.cut(if is_sent {
            Point::server_bytes(received - 1)
        } else {
            Point::client_bytes(sent - 1)
        });
        cuts.proxy.refuse();
        let made = tokio::time::timeout(A_MINUTE, cuts.make(Way::AtOnce, true, &name)).await?;
        let error = made.err().ok_or("the server cannot be reached")?;
        assert!(error.is_commit_unknown(), "{error:?}");
        let unknown = error.unknown_commit().ok_or("it has a token")?;
        let again = unknown.resolve(&cuts.db).await.err().ok_or("the server cannot be reached")?;
        assert!(again.is_commit_unknown(), "{again:?}");
        cuts.proxy.heal();
        cuts.is_over(pid).await?;
        let is_there = is_entered(&cuts.client, &name).await?;
        assert_eq!((is_there, unknown.resolve(&cuts.db).await?), (is_sent, is_sent));
    }
    Ok(())
}
