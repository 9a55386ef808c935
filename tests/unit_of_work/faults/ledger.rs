//! Entries of a book: rows of six tables that a unit of work writes together, so that half an entry shows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use persist::Error;
use persist::prelude::*;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::Result;
use crate::shapes::{Heading, NewComment, NewExecution, NewHeading, NewLog, NewPipeline, NewStep};

/// Longer than anything here takes; what takes longer hangs.
pub(super) const A_MINUTE: Duration = Duration::from_secs(60);

const STEPS: i32 = 3;

/// Makes a book, which counts its entries.
pub(super) async fn book(db: &Database, name: &str) -> Result<Uuid> {
    let new = NewHeading::new(name, BTreeMap::new()).description("0");
    Ok(db.repository::<Heading>().insert(new).await?.id)
}

/// Makes an entry in a book as it was read.
pub(super) fn enter(uow: &UnitOfWork<'_>, mut book: Heading, entry: &str) -> std::result::Result<(), Error> {
    let steps = (1..=STEPS).map(|n| NewStep::new(Parent, entry).position(n));
    let new = NewPipeline::new(Uuid::now_v7().to_string(), BTreeMap::new()).description(entry);
    let pipeline = uow.insert(new.steps(steps))?;
    uow.insert(NewExecution::new(pipeline, 1).error_message(entry).logs([NewLog::new(Parent, entry)]))?;
    uow.insert(NewComment::new(book.id, entry))?;
    let count: i64 = book.description.as_deref().unwrap_or("0").parse().map_err(Error::other)?;
    book.description = Some((count + 1).to_string());
    uow.save(&book)
}

/// Was the entry made? All of it, and once.
pub(super) async fn is_entered(client: &Client, entry: &str) -> Result<bool> {
    let counts = "SELECT ARRAY[
        (SELECT count(*) FROM pipelines WHERE description = $1),
        (SELECT count(*) FROM pipeline_steps WHERE name = $1),
        (SELECT count(*) FROM pipeline_executions WHERE error_message = $1),
        (SELECT count(*) FROM execution_logs WHERE message = $1),
        (SELECT count(*) FROM comments WHERE body = $1)]";
    let counts: Vec<i64> = client.query_one(counts, &[&entry]).await?.get(0);
    if counts == [0; 5] {
        return Ok(false);
    }
    assert_eq!(counts, [1, i64::from(STEPS), 1, 1, 1], "{entry} is half there, or twice");
    Ok(true)
}

/// How many entries a book says that it has.
pub(super) async fn count(client: &Client, book: Uuid) -> Result<i64> {
    let count = "SELECT description::bigint FROM pipelines WHERE id = $1::text::uuid";
    Ok(client.query_one(count, &[&book.to_string()]).await?.get(0))
}

/// What a commit was said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Committed,
    NotCommitted,
    /// There was no token by which to find out.
    Unknown,
}

/// What became of a unit of work, as far as its answer and, if need be, its token say.
pub(super) async fn answer(db: &Database, outcome: std::result::Result<(), Error>) -> Result<Answer> {
    let error = match outcome {
        Ok(()) => return Ok(Answer::Committed),
        Err(error) if error.is_committed() => return Ok(Answer::Committed),
        Err(error) if !error.is_commit_unknown() => return Ok(Answer::NotCommitted),
        Err(error) => error,
    };
    let Some(unknown) = error.unknown_commit() else { return Ok(Answer::Unknown) };
    let started = Instant::now();
    loop {
        match unknown.resolve(db).await {
            Ok(committed) => {
                assert_eq!(unknown.resolve(db).await?, committed, "asked again");
                return Ok(if committed { Answer::Committed } else { Answer::NotCommitted });
            }
            Err(error) if error.is_commit_unknown() && started.elapsed() < A_MINUTE => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Is the answer true?
#[track_caller]
pub(super) fn judge(what: &str, answer: Answer, is_entered: bool) {
    match answer {
        Answer::Committed => assert!(is_entered, "{what}: acknowledged, and lost"),
        Answer::NotCommitted => assert!(!is_entered, "{what}: refused, and there"),
        Answer::Unknown => {}
    }
}
