//! A storm of cancellations, which hits BEGIN alone now and then: what follows it must not stand for
//! itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use persist::Error;
use persist::prelude::*;
use persist_testkit::TestDatabase;
use tokio_postgres::Client;
use uuid::Uuid;

use super::ledger::{Answer, answer, book, enter, is_entered, judge};
use crate::shapes::{Heading, NewExecution, NewPipeline, NewStep};
use crate::{Result, variable};

/// Cancels whatever the other connections to the database do, without end.
async fn cancel(client: Client, is_over: Arc<AtomicBool>) -> Result<u64> {
    let cancel = client
        .prepare(
            "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
             AND application_name <> 'storm'",
        )
        .await?;
    client.batch_execute("SET application_name = 'storm'").await?;
    let mut cancelled = 0;
    while !is_over.load(Ordering::Relaxed) {
        cancelled += client.execute(&cancel, &[]).await?;
    }
    Ok(cancelled)
}

#[derive(Debug, Default)]
struct Counts {
    cancelled: usize,
    refused: usize,
    lost: usize,
}

impl Counts {
    fn add(&mut self, error: &Error) {
        // The error of `commit` may carry the one that it is about.
        let text = format!("{error:?}");
        match error.code() {
            Some("57014") => self.cancelled += 1,
            Some("23503") => self.refused += 1,
            _ if text.contains("57014") => self.cancelled += 1,
            _ if text.contains("23503") => self.refused += 1,
            _ if error.is_connection_lost() || error.is_commit_unknown() => self.lost += 1,
            _ => panic!("{error:?}"),
        }
    }
}

/// Rows of three tables, the last of which refers to nothing.
async fn must_fail(db: &Database) -> std::result::Result<(), Error> {
    let uow = db.unit_of_work();
    let steps = [NewStep::new(Parent, "step")];
    let new = NewPipeline::new(Uuid::now_v7().to_string(), BTreeMap::new()).steps(steps);
    let pipeline = uow.insert(new.description("must fail"))?;
    uow.insert(NewExecution::new(pipeline, 1))?;
    uow.insert(NewStep::new(Uuid::now_v7(), "of no pipeline"))?;
    uow.commit().await.map(drop)
}

const TASKS: usize = 4;

/// `UOW_CANCELS=50000 cargo test --test unit_of_work cancels` is the whole of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_that_must_fail_leave_nothing() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::builder().url(server.url()).pool_size(TASKS).connect().await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let storm = tokio::spawn(cancel(server.client().await, is_over.clone()));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..TASKS {
        let db = db.clone();
        tasks.spawn(async move {
            let mut counts = Counts::default();
            for _ in 0..variable("UOW_CANCELS", 4_000) / TASKS {
                match must_fail(&db).await {
                    Ok(()) => panic!("a row that refers to nothing was committed"),
                    Err(error) => counts.add(&error),
                }
            }
            counts
        });
    }
    let mut total = Counts::default();
    while let Some(Counts { cancelled, refused, lost }) = tasks.join_next().await.transpose()? {
        total.cancelled += cancelled;
        total.refused += refused;
        total.lost += lost;
    }
    is_over.store(true, Ordering::Relaxed);
    println!("{total:?} of {} cancellations", storm.await??);
    let rows = "SELECT (SELECT count(*) FROM pipelines) + (SELECT count(*) FROM pipeline_steps)
        + (SELECT count(*) FROM pipeline_executions)";
    let rows: i64 = server.client().await.query_one(rows, &[]).await?.get(0);
    assert_eq!(rows, 0, "rows of units that failed");
    assert!(total.cancelled > 0, "the storm has hit nothing");
    Ok(())
}

/// Those that may be committed are there if that was said, and only then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_that_may_succeed_are_what_was_said() -> Result {
    let server = TestDatabase::new().await;
    let db = Database::builder().url(server.url()).pool_size(TASKS).connect().await?;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut tasks = tokio::task::JoinSet::new();
    let mut books = Vec::new();
    for task in 0..TASKS {
        books.push(book(&db, &format!("book {task}")).await?);
    }
    let storm = tokio::spawn(cancel(server.client().await, is_over.clone()));
    for (task, book) in books.into_iter().enumerate() {
        let db = db.clone();
        tasks.spawn(async move {
            let mut said: Vec<(String, Answer)> = Vec::new();
            for number in 0..variable("UOW_CANCELS", 1_200) / TASKS {
                let entry = format!("{task}-{number}");
                let made = async {
                    let uow = db.unit_of_work();
                    let book = uow.repository::<Heading>().get(book).await?;
                    enter(&uow, book, &entry)?;
                    uow.commit().await.map(drop)
                };
                said.push((entry.clone(), answer(&db, made.await).await?));
            }
            Result::Ok(said)
        });
    }
    let mut said = Vec::new();
    while let Some(task) = tasks.join_next().await {
        said.extend(task??);
    }
    is_over.store(true, Ordering::Relaxed);
    storm.await??;
    let client = server.client().await;
    let mut committed = 0;
    for (entry, answer) in &said {
        judge(entry, *answer, is_entered(&client, entry).await?);
        committed += usize::from(*answer == Answer::Committed);
    }
    println!("{committed} of {} committed in the storm", said.len());
    assert!(committed > 0 && committed < said.len());
    Ok(())
}
