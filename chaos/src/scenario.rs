//! One scenario, from an empty server to the audit.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use persist::{Database, UnknownCommit};
use tokio_postgres::Client;

use crate::audit::Tables;
use crate::crowd;
use crate::crowd::{Book, Entry};
use crate::place::{Place, Standing};
use crate::relays::Relays;
use crate::trouble;
use crate::trouble::Trouble;
use crate::unit::Answer;

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) place: Place,
    pub(crate) trouble: Trouble,
    pub(crate) units: i64,
}

/// What it came to.
#[derive(Debug, Default)]
pub(crate) struct Result {
    pub(crate) units: usize,
    pub(crate) committed: usize,
    pub(crate) not_committed: usize,
    pub(crate) unknown: usize,
    pub(crate) resolved: usize,
    pub(crate) dropped: usize,
    /// Transactions that went on when nobody was there any more.
    pub(crate) stuck: usize,
    pub(crate) wrong: Vec<String>,
    /// Why units were not committed, and how many of them.
    pub(crate) reasons: HashMap<String, usize>,
    pub(crate) took: Duration,
}

/// Longer than any scenario takes.
const LIMIT: Duration = Duration::from_secs(300);

/// How long all is awaited that goes on after the trouble.
const PATIENCE: Duration = Duration::from_secs(60);

impl Scenario {
    /// An error says why it cannot be tried.
    pub(crate) async fn run(self) -> std::result::Result<Result, String> {
        let standing = Standing::build(self.place).await?;
        let started = Instant::now();
        let stop = AtomicBool::new(false);
        let relays = Relays::start(&standing.programs);
        let work = async {
            let drops = self.trouble.includes(Trouble::Drops);
            let book = crowd::work(&standing.programs, self.units, drops, LIMIT).await;
            stop.store(true, Ordering::Relaxed);
            book
        };
        let (Book { entries: book, wrong: at_once }, ()) =
            tokio::join!(work, trouble::make(self.trouble, &standing, &stop));
        let client = standing.cluster.client().await;
        let resolved = resolve(&standing.programs[0], &book).await;
        let (stuck, mut wrong) = settle(&client).await;
        wrong.extend(at_once);
        let tables = Tables::read(&client).await.map_err(|error| error.to_string())?;
        wrong.extend(relays.stop(&tables.committed()).await);
        wrong.extend(tables.compare(&book, &resolved));
        let mut result =
            Result { wrong, resolved: resolved.len(), took: started.elapsed(), ..Result::default() };
        book.iter().for_each(|entry| result.count(&entry.answer));
        result.stuck = stuck;
        // pgpool-II does not always notice that a client has gone.
        if stuck > 0 && self.place != Place::PgPool {
            result.wrong.push(format!("{stuck} transactions went on when nobody was there any more"));
        }
        if result.committed == 0 {
            result.wrong.push("nothing was committed, so nothing is shown".to_owned());
        }
        Ok(result)
    }
}

impl Result {
    fn count(&mut self, answer: &Answer) {
        self.units += 1;
        match answer {
            Answer::Committed => self.committed += 1,
            Answer::NotCommitted(error) => {
                self.not_committed += 1;
                let reason = match error.code() {
                    Some(code) => format!("{code}: {error}"),
                    None => error.to_string(),
                };
                *self.reasons.entry(reason).or_default() += 1;
            }
            Answer::Unknown(_) => self.unknown += 1,
            Answer::Dropped => self.dropped += 1,
        }
    }
}

/// Asks for the tokens of what is unknown.
async fn resolve(db: &Database, book: &[Entry]) -> HashMap<i64, bool> {
    let mut resolved = HashMap::new();
    for Entry { order, answer, .. } in book {
        if let Answer::Unknown(Some(unknown)) = answer
            && let Ok(committed) = tokio::time::timeout(PATIENCE, insist(unknown, db)).await
        {
            resolved.insert(order.unit, committed);
        }
    }
    resolved
}

/// A pooler may take a while to find its server again.
async fn insist(unknown: &UnknownCommit, db: &Database) -> bool {
    loop {
        if let Ok(committed) = unknown.resolve(db).await {
            return committed;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until nothing goes on any more: what was dropped has ended, and all events are handed on. Answers how many
/// transactions did not end by themselves, and what is wrong.
async fn settle(client: &Client) -> (usize, Vec<String>) {
    const UNDERWAY: &str = "SELECT (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' \
        AND state <> 'idle' AND pid <> pg_backend_pid()) + (SELECT count(*) FROM persist_outbox WHERE done IS NULL)";
    const STUCK: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' \
        AND state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '5 s'";
    let (started, mut stuck) = (Instant::now(), 0);
    loop {
        let asked = async { (client.query(STUCK, &[]).await, client.query_one(UNDERWAY, &[]).await) };
        match asked.await {
            (Ok(ended), Ok(row)) => {
                stuck += ended.len();
                let underway: i64 = row.get(0);
                if underway == 0 {
                    return (stuck, Vec::new());
                }
                if started.elapsed() > PATIENCE {
                    return (stuck, vec![format!("{underway} statements or events do not come to an end")]);
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            (Err(error), _) | (_, Err(error)) => {
                return (stuck, vec![format!("the server cannot be asked: {error}")]);
            }
        }
    }
}
