//! Many tasks that do units of work, and write down what is said of each.

use persist_testkit::Random;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use persist::Database;
use tokio::task::JoinSet;

use crate::aside;
use crate::bank::{ACCOUNTS, Order};
use crate::unit::{Answer, Manner, carry_out};

const TASKS: u64 = 32;

/// A unit of work, and what was said of it.
pub(crate) struct Entry {
    pub(crate) order: Order,
    pub(crate) manner: Manner,
    pub(crate) answer: Answer,
}

/// What was written down.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) entries: Vec<Entry>,
    /// What was wrong at once.
    pub(crate) wrong: Vec<String>,
}

/// Does so many units of work, as far as the time allows.
pub(crate) async fn work(programs: &[Database], units: i64, drops: bool, limit: Duration) -> Book {
    let next = Arc::new(AtomicI64::new(1));
    let deadline = Instant::now() + limit;
    let mut tasks = JoinSet::new();
    for (task, (program, db)) in (0..TASKS).zip(programs.iter().enumerate().cycle()) {
        let (db, next) = (db.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            let (mut random, mut book) = (Random::new(100 + task), Book::default());
            loop {
                let unit = next.fetch_add(1, Ordering::Relaxed);
                if unit > units || Instant::now() > deadline {
                    return book;
                }
                let (order, manner) = draw(unit, drops, &mut random);
                let answer = insist(&db, order, manner, deadline).await;
                book.entries.push(Entry { order, manner, answer });
                book.wrong.extend(aside::call(&db, program, order.target).await);
            }
        });
    }
    tasks.join_all().await.into_iter().fold(Book::default(), |mut all, one| {
        all.entries.extend(one.entries);
        all.wrong.extend(one.wrong);
        all
    })
}

fn draw(unit: i64, drops: bool, random: &mut Random) -> (Order, Manner) {
    let source = random.below(ACCOUNTS as usize) as i64;
    let target = (source + 1 + random.below(ACCOUNTS as usize - 1) as i64) % ACCOUNTS;
    let amount = 1 + random.below(50) as i64;
    let order = Order { unit, source: source + 1, target: target + 1, amount, flushes: random.once_in(3) };
    let polls = (drops && random.once_in(6)).then(|| 1 + random.below(12));
    (order, Manner { transacts: random.once_in(2), has_token: random.once_in(2), polls })
}

/// Where there is no connection to be had, nothing was begun: then it is tried again.
async fn insist(db: &Database, order: Order, manner: Manner, deadline: Instant) -> Answer {
    loop {
        match carry_out(db, order, manner).await {
            Answer::NotCommitted(error)
                if (error.is_connect() || error.is_pool_timeout()) && Instant::now() < deadline =>
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            answer => return answer,
        }
    }
}
