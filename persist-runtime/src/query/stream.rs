//! Rows one by one, in constant memory.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use futures_util::stream::{self, Stream, StreamExt as _};

use crate::entity::traits::{Entity, View};
use crate::error::Error;
use crate::load::cursor::Cursor;
use crate::query::builder::Query;

/// The rows of a query, one by one.
///
/// It holds a connection until it has ended or is dropped; dropped early, it closes that connection. Rows are
/// fetched in batches, the next only when they are asked for, and all of them see one snapshot of the
/// database.
///
/// In a [`UnitOfWork`](crate::UnitOfWork) it uses the connection of that, which stays open, and the rows of
/// relations are those that are there when their batch is fetched.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// use futures_util::TryStreamExt as _;
///
/// let names: Vec<String> = pipelines.query().stream().map_ok(|p| p.name).try_collect().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a stream does nothing until its rows are asked for"]
pub struct Rows<'a, V>(Pin<Box<dyn Stream<Item = Result<V, Error>> + Send + 'a>>);

impl<V> Rows<'_, V> {
    /// The next row, or `None` where there are no more.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let mut rows = pipelines.query().stream();
    /// if let Some(first) = rows.try_next().await? {
    ///     println!("{} comes first", first.name);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or a cell holds what its field cannot. Nothing comes after an error.
    pub async fn try_next(&mut self) -> Result<Option<V>, Error> {
        self.0.next().await.transpose()
    }
}

impl<V> Stream for Rows<'_, V> {
    type Item = Result<V, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl<V> std::fmt::Debug for Rows<'_, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

/// How far a stream is.
enum Progress<'a, E, V> {
    Unopened(Box<Query<'a, E, V>>),
    Open(Box<Cursor<'a, V>>, IntoIter<V>),
    Over,
}

impl<'a, E: Entity, V: View<Of = E>> Query<'a, E, V> {
    /// The rows one by one, with their relations, in constant memory: for more rows than should be held at
    /// once.
    ///
    /// Two round trips read the first batch of 500 rows, and each one more is one. Locks are refused: they
    /// would be held by a transaction that the caller does not see.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let mut rows = pipelines.order_by(|p| p.name.asc()).stream();
    /// while let Some(pipeline) = rows.try_next().await? {
    ///     println!("{} has {} steps", pipeline.name, pipeline.steps.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(self) -> Rows<'a, V> {
        Rows(Box::pin(stream::try_unfold(Progress::Unopened(Box::new(self)), advanced)))
    }

    async fn opened(self) -> Result<(Cursor<'a, V>, Vec<V>), Error> {
        if self.rows.lock.is_some() {
            return Err(Error::invalid(
                "rows that are streamed cannot be locked: leave out `for_update` or read them by `all`",
            ));
        }
        let Query { session, rows, .. } = &self;
        Cursor::open(session, E::model(), &rows.roots(E::model()), &rows.narrowed).await
    }
}

async fn advanced<E: Entity, V: View<Of = E>>(
    mut progress: Progress<'_, E, V>,
) -> Result<Option<(V, Progress<'_, E, V>)>, Error> {
    loop {
        progress = match progress {
            Progress::Unopened(query) => {
                let (cursor, rows) = query.opened().await?;
                next_or_end(Box::new(cursor), rows)
            }
            Progress::Open(mut cursor, mut rows) => match rows.next() {
                Some(row) => return Ok(Some((row, Progress::Open(cursor, rows)))),
                None => {
                    let rows = cursor.next().await?;
                    next_or_end(cursor, rows)
                }
            },
            Progress::Over => return Ok(None),
        }
    }
}

fn next_or_end<'a, E, V>(cursor: Box<Cursor<'a, V>>, rows: Vec<V>) -> Progress<'a, E, V> {
    if rows.is_empty() { Progress::Over } else { Progress::Open(cursor, rows.into_iter()) }
}
