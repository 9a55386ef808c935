//! How a query begins: the repository's methods that make one.

use crate::entity::traits::{Entity, Repository, View};
use crate::error::Error;
use crate::query::builder::Query;
use crate::query::order::IntoOrder;
use crate::query::predicate::Predicate;

impl<'a, E: Entity, V: View<Of = E>> Repository<'a, E, V> {
    /// All rows, as a query to be narrowed.
    pub fn query(&self) -> Query<'a, E, V> {
        Query::new(self.session().clone())
    }

    /// The rows for which a condition holds.
    pub fn filter(&self, condition: impl FnOnce(E::Columns) -> Predicate) -> Query<'a, E, V> {
        self.query().filter(condition)
    }

    /// The rows for which a condition on `value` holds; all rows where it is `None`.
    pub fn filter_some<T>(
        &self,
        value: Option<T>,
        condition: impl FnOnce(E::Columns, T) -> Predicate,
    ) -> Query<'a, E, V> {
        self.query().filter_some(value, condition)
    }

    /// All rows in an order.
    pub fn order_by<O: IntoOrder>(&self, order: impl FnOnce(E::Columns) -> O) -> Query<'a, E, V> {
        self.query().order_by(order)
    }

    /// At most this many rows, the first by primary key.
    pub fn limit(&self, rows: u64) -> Query<'a, E, V> {
        self.query().limit(rows)
    }

    /// All rows of the table. One round trip.
    ///
    /// # Errors
    /// Those of [`find`](Self::find).
    pub async fn all(&self) -> Result<Vec<V>, Error> {
        self.query().all().await
    }

    /// How many rows the table has. One round trip.
    ///
    /// # Errors
    /// The statement failed.
    pub async fn count(&self) -> Result<i64, Error> {
        self.query().count().await
    }
}
