//! A query over the rows of an entity.

use std::marker::PhantomData;

use crate::entity::traits::{Entity, View};
use crate::error::Error;
use crate::load::loader::load;
use crate::load::planning::dynamic_plan;
use crate::load::row::cell;
use crate::query::assignment::IntoAssignments;
use crate::query::order::IntoOrder;
use crate::query::predicate::Predicate;
use crate::query::rows::{Lock, QueryRoots, Rows};
use crate::session::link::Session;
use crate::sql::scope::Scope;
use crate::value::parameters::Collected;
use crate::value::scalar::Cell;
use crate::value::sql_type::{SqlType, pg};
use crate::wire::access::Access;
use crate::wire::statement::Statement;
use crate::write::identity_map::IdentityMap;

/// The rows of an entity, narrowed by conditions, in an order, up to a limit.
///
/// Nothing is sent before one of `all`, `first`, `one`, `count`, `exists`, `update` and `delete` is awaited; each of them is
/// one round trip.
#[must_use = "a query does nothing until one of its methods such as `all` is awaited"]
pub struct Query<'a, E, V = E> {
    pub(crate) session: Session<'a>,
    pub(crate) rows: Rows,
    found: PhantomData<fn() -> (E, V)>,
}

impl<'a, E: Entity, V: View<Of = E>> Query<'a, E, V> {
    pub(crate) fn new(session: Session<'a>) -> Self {
        Query { session, rows: Rows::default(), found: PhantomData }
    }

    /// Where it reads, and what.
    pub(crate) fn into_parts(self) -> (Session<'a>, Rows) {
        (self.session, self.rows)
    }

    /// Reads the rows as another struct over the same table.
    pub fn view<W: View<Of = E>>(self) -> Query<'a, E, W> {
        Query { session: self.session, rows: self.rows, found: PhantomData }
    }

    /// Keeps the rows for which the condition holds. Several filters must all hold.
    pub fn filter(mut self, condition: impl FnOnce(E::Columns) -> Predicate) -> Self {
        let condition = condition(E::columns(Scope::ROOT));
        self.rows.filter = Some(match self.rows.filter.take() {
            Some(filter) => filter & condition,
            None => condition,
        });
        self
    }

    /// Filters by a value that may be missing; `None` keeps all rows.
    pub fn filter_some<T>(
        self,
        value: Option<T>,
        condition: impl FnOnce(E::Columns, T) -> Predicate,
    ) -> Self {
        match value {
            Some(value) => self.filter(|columns| condition(columns, value)),
            None => self,
        }
    }

    /// Sorts the rows; called again, it sorts those that were equal so far. The primary key decides the rest.
    pub fn order_by<O: IntoOrder>(mut self, order: impl FnOnce(E::Columns) -> O) -> Self {
        self.rows.order.extend(order(E::columns(Scope::ROOT)).into_order());
        self
    }

    /// At most this many rows. Without an order they are the first by primary key.
    pub fn limit(mut self, rows: u64) -> Self {
        self.rows.limit = Some(i64::try_from(rows).unwrap_or(i64::MAX));
        self
    }

    /// Leaves out the first rows. Without an order they are the first by primary key.
    pub fn offset(mut self, rows: u64) -> Self {
        self.rows.offset = Some(i64::try_from(rows).unwrap_or(i64::MAX));
        self
    }

    /// Locks the rows (`FOR UPDATE`), waiting for those that are locked by others. Outside of a transaction the locks are
    /// released when the rows were read. The rows of relations are not locked: those that are deleted meanwhile may be missing.
    pub fn for_update(mut self) -> Self {
        self.rows.lock = self.rows.lock.or(Some(Lock::Wait));
        self
    }

    /// Locks the rows (`FOR UPDATE`) and leaves out those that are locked by others.
    pub fn skip_locked(mut self) -> Self {
        self.rows.lock = Some(Lock::Skip);
        self
    }

    /// All rows.
    ///
    /// # Errors
    /// The statement failed, or a cell holds what its field cannot.
    pub async fn all(self) -> Result<Vec<V>, Error> {
        let (plan, params) =
            dynamic_plan(&self.session, V::shape(), &QueryRoots::new(&self.rows, E::model()));
        load(&self.session, &plan, |index| &params[index]).await
    }

    /// The first row, or `None`. Without an order it is the first by primary key.
    ///
    /// # Errors
    /// Those of [`all`](Self::all).
    pub async fn first(self) -> Result<Option<V>, Error> {
        Ok(self.at_most(1).all().await?.pop())
    }

    /// The only row.
    ///
    /// # Errors
    /// [`Error::is_not_found`] where there is none, [`Error::is_too_many_rows`] where there are several, and those of
    /// [`all`](Self::all).
    pub async fn one(self) -> Result<V, Error> {
        let mut found = self.at_most(2).all().await?.into_iter();
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Error::not_found(format_args!("`{}`", E::model().table))),
            (Some(_), Some(_)) => Err(Error::too_many_rows(format_args!("`{}`", E::model().table))),
        }
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// The statement failed.
    pub async fn count(self) -> Result<i64, Error> {
        let (statement, params) = self.rows.count(E::model()).finish(self.rows.access(), &[pg::Int8::OID]);
        self.value(&statement, &params).await
    }

    /// Is there any row?
    ///
    /// # Errors
    /// The statement failed.
    pub async fn exists(self) -> Result<bool, Error> {
        let (statement, params) = self.rows.exists(E::model()).finish(self.rows.access(), &[pg::Bool::OID]);
        self.value(&statement, &params).await
    }

    /// Changes all rows alike and answers how many they were. The version and the time of the update change too.
    ///
    /// # Errors
    /// Violations of constraints.
    pub async fn update<A: IntoAssignments>(
        self,
        changes: impl FnOnce(E::Columns) -> A,
    ) -> Result<u64, Error> {
        let changes = changes(E::columns(Scope::ROOT)).into_assignments();
        if changes.is_empty() {
            return Err(Error::invalid(
                "an update of many rows sets nothing: return at least one `column.set(value)`",
            ));
        }
        IdentityMap::wrote_unknown_rows(&self.session);
        let (statement, params) = self.rows.update(E::model(), &changes).finish(Access::writes(&[]), &[]);
        self.session.run(&statement, &params, &mut |_| Ok(())).await
    }

    /// Deletes all rows and answers how many they were.
    ///
    /// # Errors
    /// [`Error::is_foreign_key_violation`] where other rows still point to one of them.
    pub async fn delete(self) -> Result<u64, Error> {
        IdentityMap::wrote_unknown_rows(&self.session);
        let (statement, params) = self.rows.delete(E::model()).finish(Access::writes(&[]), &[]);
        self.session.run(&statement, &params, &mut |_| Ok(())).await
    }

    /// The only cell of the only row that a statement answers.
    async fn value<T: Cell + Default + Send>(
        &self,
        statement: &Statement,
        params: &Collected<'_>,
    ) -> Result<T, Error> {
        let mut value = T::default();
        let each = &mut |row: &tokio_postgres::Row| {
            value = cell(row, 0)?;
            Ok(())
        };
        self.session.run(statement, params, each).await?;
        Ok(value)
    }

    fn at_most(mut self, rows: i64) -> Self {
        self.rows.at_most(rows);
        self
    }
}
