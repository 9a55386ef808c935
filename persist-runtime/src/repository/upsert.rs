//! Upserts: a new row, or a change of the one that has its key.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use super::new_row::{OfTable, Picked, given, refuse_nested, write};
use crate::entity::traits::Entity;
use crate::error::{BoxError, Error};
use crate::load::read_back::read_back;
use crate::load::remember::Reading;
use crate::query::assignment::{Assignment, IntoAssignments};
use crate::query::predicate::Predicate;
use crate::query::sending::Sending;
use crate::session::link::Session;
use crate::sql::one_row;
use crate::sql::scope::Scope;
use crate::table::facts::Table;
use crate::table::model::InsertModel;
use crate::value::parameters::Parameters;
use crate::wire::call::Call;
use crate::wire::statement::Statement;
use crate::write::queued::{Queueable, Queued, QueuedChange, QueuedEffect};

/// A new row that is inserted, or changes the one with its key. Awaited, it is sent, and answers the row as stored; nothing
/// is sent before.
///
/// What changes is what was given of the new row, unless [`set`](Self::set) says something else.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
/// let new = || NewPipeline::new("nightly", BTreeMap::new());
/// let stored: Pipeline = pipelines.upsert_by_name(new()).await?;
/// let counted = pipelines.upsert_by_name(new()).set(|old, _| old.version.set(old.version + 10)).await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "an upsert is not sent before it is awaited"]
pub struct Upsert<'a, E: Entity, R = E> {
    sending: Sending<'a, Result<Waiting<'a, E>, Error>, R>,
}

/// What is sent. The new row is boxed, because it is as large as its columns.
struct Waiting<'a, E: Entity> {
    session: Session<'a>,
    model: Result<&'static InsertModel, Error>,
    new: Box<E::New>,
    set: Option<Vec<Assignment>>,
    only_if: Option<Predicate>,
}

/// What an upsert answers: the row, or with a condition an `Option` of it.
pub trait UpsertAnswer<E>: Sized {
    /// From the row that was written.
    #[doc(hidden)]
    fn of(row: Option<E>) -> Result<Self, Error>;
}

#[diagnostic::do_not_recommend]
impl<E: Entity> UpsertAnswer<E> for E {
    fn of(row: Option<E>) -> Result<E, Error> {
        row.ok_or_else(|| Error::kept_out(E::model().table.shown))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity> UpsertAnswer<E> for Option<E> {
    fn of(row: Option<E>) -> Result<Option<E>, Error> {
        Ok(row)
    }
}

impl<'a, E: Entity> Upsert<'a, E> {
    pub(crate) fn new(session: Session<'a>, model: Result<&'static InsertModel, Error>, new: E::New) -> Self {
        let waiting = Waiting { session, model, new: Box::new(new), set: None, only_if: None };
        Upsert { sending: Sending::new(Ok(waiting)) }
    }

    /// Changes the row that is there only if this holds, and answers `None` where it does not, or where a trigger keeps the
    /// row out. The first columns are
    /// those of the row that is there, the second those of the new one.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let new = NewPipeline::new("nightly", BTreeMap::new()).description("every night");
    /// let stored: Option<Pipeline> =
    ///     pipelines.upsert_by_name(new).only_if(|old, new| old.description.ne(new.description)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn only_if(
        self,
        condition: impl FnOnce(E::Columns, E::Columns) -> Predicate,
    ) -> Upsert<'a, E, Option<E>> {
        let condition = condition(E::columns(Scope::ROOT), E::columns(Scope::OFFERED));
        let waiting = self.sending.into_waiting().flatten();
        let waiting = waiting.map(|waiting| Waiting { only_if: Some(condition), ..waiting });
        Upsert { sending: Sending::new(waiting) }
    }
}

impl<E: Entity, R> Upsert<'_, E, R> {
    /// What is set where the row is there, in place of what was given of the new one. The first columns are those of the
    /// row that is there, the second those of the new one, with its defaults. The version and the time of the update
    /// change too.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(steps: StepRepository<'_>, pipeline: Uuid) -> Result {
    /// let new = NewStep::new(pipeline, "load").position(3);
    /// let stored = steps
    ///     .upsert_by_pipeline_id_and_position(new)
    ///     .set(|old, new| old.name.set(old.name.concat(", ").concat(new.name)))
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn set<A: IntoAssignments>(mut self, changes: impl FnOnce(E::Columns, E::Columns) -> A) -> Self {
        let changes = changes(E::columns(Scope::ROOT), E::columns(Scope::OFFERED)).into_assignments();
        if let Some(Ok(waiting)) = self.sending.waiting_mut() {
            waiting.set = Some(changes);
        }
        self
    }
}

impl<'a, E: Entity, R: UpsertAnswer<E> + 'a> Future for Upsert<'a, E, R> {
    type Output = Result<R, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.sending.poll(context, |waiting| Box::pin(async { R::of(waiting?.send().await?) }))
    }
}

impl<E: Entity> Waiting<'_, E> {
    async fn send(self) -> Result<Option<E>, Error> {
        let Waiting { session, model, new, set, only_if } = self;
        let model = model?;
        refuse_nested(model, &*new)?;
        if set.is_none() && only_if.is_none() {
            return write::<E, E>(&session, model, &*new).await.map(Some);
        }
        refuse_nothing(set.as_deref())?;
        let kept = Kept::<E> { model, given: given(model, &*new)?, new, set, only_if };
        let (statement, params) = kept.written(false);
        read_back(
            &session,
            E::model(),
            Call { statement: &statement, params: &params },
            None,
            Reading::ReadBack,
        )
        .await
    }
}

/// What is sent, without where.
struct Kept<E: Entity> {
    model: &'static InsertModel,
    given: Vec<usize>,
    new: Box<E::New>,
    set: Option<Vec<Assignment>>,
    only_if: Option<Predicate>,
}

impl<E: Entity> Kept<E> {
    fn written(&self, is_guarded: bool) -> (Statement, impl Parameters + '_) {
        let set: Option<Vec<_>> =
            self.set.as_ref().map(|set| set.iter().map(|change| (change.column, &change.value)).collect());
        let only_if = self.only_if.as_ref().map(|Predicate(condition)| condition);
        let (statement, values) =
            one_row::upsert(self.model, &self.given, set.as_deref(), only_if, is_guarded);
        let row = Picked { row: OfTable::new(&*self.new, self.model), columns: self.given.clone() };
        (statement, Both { row, values })
    }
}

impl<E: Entity> QueuedChange for Kept<E> {
    fn table(&self) -> &'static Table {
        self.model.table
    }

    fn effect(&self) -> QueuedEffect {
        QueuedEffect::Upsert
    }

    fn statement(&self) -> Result<(Statement, Box<dyn Parameters + '_>), Error> {
        let (statement, params) = self.written(true);
        Ok((statement, Box::new(params)))
    }
}

#[diagnostic::do_not_recommend]
impl<E: Entity, R> Queueable for Upsert<'_, E, R> {
    fn queued(self) -> Result<Queued, Error> {
        let Waiting { session: _, model, new, set, only_if } = self.sending.into_waiting().flatten()?;
        let model = model?;
        refuse_nested(model, &*new)?;
        refuse_nothing(set.as_deref())?;
        let given = given(model, &*new)?;
        if given.is_empty() {
            return Err(Error::invalid(format!(
                "an upsert of `{}` that gives no column cannot wait for a flush: give one, or await it",
                model.table.shown
            )));
        }
        Ok(Queued(Box::new(Kept::<E> { model, given, new, set, only_if })))
    }
}

fn refuse_nothing(set: Option<&[Assignment]>) -> Result<(), Error> {
    match set {
        Some([]) => Err(Error::invalid("an upsert sets nothing: return at least one `column.set(value)`")),
        Some(_) | None => Ok(()),
    }
}

/// The parameters of a row, and others after them.
struct Both<R, V> {
    row: R,
    values: V,
}

impl<R: Parameters, V: Parameters> Parameters for Both<R, V> {
    fn count(&self) -> usize {
        self.row.count() + self.values.count()
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match index.checked_sub(self.row.count()) {
            None => self.row.write(index, ty, out),
            Some(index) => self.values.write(index, ty, out),
        }
    }
}

impl<E: Entity, R> std::fmt::Debug for Upsert<'_, E, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upsert").field("table", &E::model().table.shown).finish_non_exhaustive()
    }
}
