//! What a change or deletion of many rows answers.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

use crate::entity::traits::{Entity, View};
use crate::error::Error;
use crate::load::from_row::{FromRow, fits};
use crate::load::loader::read_after;
use crate::load::planning::dynamic_plan;
use crate::load::remember::Reading;
use crate::query::selection::{Item, Selection};
use crate::query::sending::Sending;
use crate::query::waiting::{Waiting, What};
use crate::sql::joins::joined;
use crate::sql::roots::Roots;
use crate::sql::scope::Scope;
use crate::sql::values::ReadValue;
use crate::sql::writer::Writer;
use crate::sql::written::WrittenRows;

/// A change or deletion that answers its rows, as the entity or as another struct over the same table. Awaited, it is
/// sent.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let change = || pipelines.filter(|p| p.steps.is_empty()).update(|p| p.is_active.set(false));
/// let pipelines: Vec<Pipeline> = change().returning().await?;
/// let cards: Vec<PipelineCard> = change().returning().view::<PipelineCard>().await?;
/// let names: Vec<(Uuid, String)> = change().returning().select(|p| (p.id, p.name)).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a change is not sent before it is awaited"]
pub struct Returning<'a, E, V = E> {
    sending: Sending<'a, Result<Waiting<'a>, Error>, Vec<V>>,
    entity: PhantomData<fn() -> E>,
}

/// A change or deletion that answers single values of its rows. Awaited, it is sent.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(steps: StepRepository<'_>) -> Result {
/// let positions: Vec<i32> =
///     steps.query().update(|s| s.position.set(s.position + 1)).returning().select(|s| s.position).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a change is not sent before it is awaited"]
pub struct ReturnedValues<'a, T> {
    sent: BoxFuture<'a, Result<Vec<T>, Error>>,
}

impl<'a, E: Entity, V: View<Of = E> + 'a> Returning<'a, E, V> {
    pub(crate) fn new(waiting: Result<Waiting<'a>, Error>) -> Self {
        Returning { sending: Sending::new(waiting), entity: PhantomData }
    }

    /// Answers the rows as another struct over the same table.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let change = pipelines.query().update(|p| p.is_active.set(true)).returning();
    /// let cards: Vec<PipelineCard> = change.view::<PipelineCard>().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn view<W: View<Of = E> + 'a>(self) -> Returning<'a, E, W> {
        Returning::new(self.sending.into_waiting().flatten())
    }

    /// Answers single values of the rows: a column, or a tuple of up to twelve columns and computed values.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let gone = pipelines.filter(|p| p.is_active.eq(false)).delete().returning();
    /// let names: Vec<String> = gone.select(|p| p.name).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn select<S: Selection>(
        self,
        selection: impl FnOnce(E::Columns) -> S,
    ) -> ReturnedValues<'a, S::Output>
    where
        S::Output: Send + 'a,
    {
        let selection = selection(E::columns(Scope::ROOT));
        ReturnedValues {
            sent: Box::pin(values::<E, S::Output>(
                self.sending.into_waiting().flatten(),
                selection.items(),
                |written, read| written.select(read),
            )),
        }
    }

    /// Answers values of the rows as they were before and as they are after the change: the first columns are those of the row
    /// before, the second those of the row after; of a deletion only the first can be read. Needs PostgreSQL 18.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(steps: StepRepository<'_>) -> Result {
    /// let moved = steps.query().update(|s| s.position.set(s.position + 1)).returning();
    /// let places: Vec<(Uuid, i32, i32)> = moved.compare(|old, new| (new.id, old.position, new.position)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn compare<S: Selection>(
        self,
        selection: impl FnOnce(E::Columns, E::Columns) -> S,
    ) -> ReturnedValues<'a, S::Output>
    where
        S::Output: Send + 'a,
    {
        let items = selection(E::columns(Scope::OLD), E::columns(Scope::NEW)).items();
        let waiting = self.sending.into_waiting().flatten();
        let answered = async {
            // `old` is the name of no table there.
            let explained = |error: Error| {
                match error.code() {
                Some("42P01") => Error::invalid(
                    "`compare` reads rows as they were and as they are, for which PostgreSQL 18 is needed: nothing was written",
                )
                .because(error.into()),
                _ => error,
            }
            };
            values::<E, S::Output>(waiting, items, |written, read| written.compare(read))
                .await
                .map_err(explained)
        };
        ReturnedValues { sent: Box::pin(answered) }
    }

    /// The first of the rows; all of them are changed or deleted.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(executions: ExecutionRepository<'_>) -> Result {
    /// let waiting = executions.filter(|e| e.status.eq(Status::Pending)).limit(1).skip_locked();
    /// let claimed = waiting.update(|e| e.status.set(Status::Running)).returning().first().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or a cell holds what its field cannot.
    pub async fn first(self) -> Result<Option<V>, Error> {
        Ok(self.await?.into_iter().next())
    }
}

impl<T> ReturnedValues<'_, T> {
    /// Those of the first of the rows; all of them are changed or deleted.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>, id: Uuid) -> Result {
    /// let change = pipelines.filter(|p| p.id.eq(id)).update(|p| p.version.set(p.version + 1));
    /// let version: Option<i64> = change.returning().select(|p| p.version).first().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or a cell holds what its field cannot.
    pub async fn first(self) -> Result<Option<T>, Error> {
        Ok(self.await?.into_iter().next())
    }
}

async fn structs<E: Entity, V: View<Of = E>>(waiting: Result<Waiting<'_>, Error>) -> Result<Vec<V>, Error> {
    let waiting = waiting?;
    let is_deletion = matches!(waiting.what, What::Delete);
    if is_deletion && !joined(V::shape()).many.is_empty() {
        return Err(Error::invalid(format!(
            "rows of `{}` that are deleted are answered without the rows that belong to them: read them as a view without relations to many, or \
             select columns",
            E::model().table.shown
        )));
    }
    let roots = Roots::Written(waiting.written::<E>()?);
    waiting.stir::<E>();
    let (plan, params) = dynamic_plan(&waiting.session, V::shape(), &roots);
    let reading = if is_deletion { Reading::Gone } else { Reading::Returned };
    let answer = read_after(&waiting.session, None, &plan, |index| &params[index], |_| reading).await;
    if answer.is_err() {
        waiting.stir::<E>();
    }
    answer.map(|(found, _)| found)
}

async fn values<E: Entity, T: FromRow + Send>(
    waiting: Result<Waiting<'_>, Error>,
    items: Vec<Item>,
    write: for<'w, 'v> fn(&'w WrittenRows<'v>, &'w [ReadValue<'v>]) -> Writer<'v>,
) -> Result<Vec<T>, Error> {
    let waiting = waiting?;
    let written = waiting.written::<E>()?;
    waiting.stir::<E>();
    let read: Vec<_> = items.iter().map(Item::read).collect();
    let (statement, params) = write(&written, &read).finish(written.effect(), &[]);
    let mut found: Vec<T> = Vec::new();
    let each = &mut |row: &tokio_postgres::Row| {
        if found.is_empty() {
            fits::<T>(row)?;
        }
        found.push(T::from_row(row, 0)?);
        Ok(())
    };
    let answer = waiting.session.run(&statement, &params, each).await;
    waiting.stir::<E>();
    answer.map(|_| found)
}

impl<'a, E: Entity, V: View<Of = E> + 'a> Future for Returning<'a, E, V> {
    type Output = Result<Vec<V>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.sending.poll(context, |waiting| Box::pin(structs::<E, V>(waiting)))
    }
}

impl<T> Future for ReturnedValues<'_, T> {
    type Output = Result<Vec<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.sent.as_mut().poll(context)
    }
}

impl<E, V> std::fmt::Debug for Returning<'_, E, V> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Returning").finish_non_exhaustive()
    }
}

impl<T> std::fmt::Debug for ReturnedValues<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReturnedValues").finish_non_exhaustive()
    }
}
