//! The server is killed in the middle of everything, and started again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use persist::Error;
use persist::prelude::*;
use persist_testkit::Cluster;
use uuid::Uuid;

use super::ledger::{A_MINUTE, Answer, answer, book, count, enter, is_entered, judge};
use crate::shapes::Heading;
use crate::{Result, variable};

const TASKS: usize = 4;

/// Commits between two kills.
const BETWEEN: usize = 150;

/// The answers that a task got for its entries.
async fn work(
    db: Database,
    book: Uuid,
    task: usize,
    committed: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
) -> Result<Vec<(String, Answer)>> {
    let mut said = Vec::new();
    for number in 0.. {
        if is_over.load(Ordering::Relaxed) {
            break;
        }
        let entry = format!("{task}-{number}");
        let made = async {
            let builder = db.unit_of_work_builder();
            // Those without a token may stay unknown, but must not be half there.
            let builder = if number % 4 == 0 { builder } else { builder.with_token() };
            let uow = builder.build();
            let book = uow.repository::<Heading>().get(book).await?;
            enter(&uow, book, &entry)?;
            uow.commit().await.map(drop)
        };
        let made: std::result::Result<(), Error> = tokio::time::timeout(A_MINUTE, made).await?;
        let is_away = made.as_ref().is_err_and(|error| error.is_connect());
        let answer = answer(&db, made).await?;
        assert!(number % 4 == 0 || answer != Answer::Unknown, "{entry}: the token answers");
        if answer == Answer::Committed {
            committed.fetch_add(1, Ordering::Relaxed);
        }
        if is_away {
            tokio::task::yield_now().await;
        } else {
            said.push((entry, answer));
        }
    }
    Ok(said)
}

/// `UOW_CRASHES=30 cargo test --test unit_of_work crashes` kills it more often.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_true_after_the_restart() -> Result {
    let cluster = Cluster::new().await;
    cluster.migrate_sample_domain().await;
    let db = Database::builder().url(&cluster.url()).pool_size(TASKS).connect().await?;
    let (committed, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let mut tasks = tokio::task::JoinSet::new();
    let mut books = Vec::new();
    for task in 0..TASKS {
        let book = book(&db, &format!("book {task}")).await?;
        books.push(book);
        tasks.spawn(work(db.clone(), book, task, committed.clone(), is_over.clone()));
    }
    let crashes = variable("UOW_CRASHES", 3);
    for crash in 1..=crashes {
        while committed.load(Ordering::Relaxed) < crash * BETWEEN {
            tokio::task::yield_now().await;
        }
        cluster.kill().await;
        cluster.start().await;
    }
    is_over.store(true, Ordering::Relaxed);
    let mut said = Vec::new();
    while let Some(task) = tasks.join_next().await {
        said.extend(task??);
    }
    let client = cluster.client().await;
    let (mut found, mut unknown) = (0, 0);
    for (entry, answer) in &said {
        let is_there = is_entered(&client, entry).await?;
        judge(entry, *answer, is_there);
        found += i64::from(is_there);
        unknown += usize::from(*answer == Answer::Unknown);
    }
    let mut counted = 0;
    for book in books {
        counted += count(&client, book).await?;
    }
    assert_eq!(counted, found, "each entry is counted once");
    println!("{found} of {} entries are there after {crashes} crashes, {unknown} were unknown", said.len());
    Ok(())
}
