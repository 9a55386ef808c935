//! The ends of a query that read its rows at once, or ask about them.

use crate::entity::traits::{Entity, View};
use crate::error::Error;
use crate::load::loader::load;
use crate::load::planning::dynamic_plan;
use crate::query::builder::Query;
use crate::value::cell::cell;
use crate::value::parameters::Collected;
use crate::value::scalar::Cell;
use crate::value::sql_type::{SqlType, pg};
use crate::wire::statement::Statement;

impl<E: Entity, V: View<Of = E>> Query<'_, E, V> {
    /// All rows.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let active = pipelines.filter(|p| p.is_active.eq(true)).all().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed, or a cell holds what its field cannot.
    pub async fn all(self) -> Result<Vec<V>, Error> {
        let (plan, params) = dynamic_plan(&self.session, V::shape(), &self.rows.roots(E::model()));
        load(&self.session, &plan, |index| &params[index]).await
    }

    /// The first row, or `None`. Without an order it is the first by primary key.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let newest = pipelines.order_by(|p| p.created_at.desc()).first().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`all`](Self::all).
    pub async fn first(self) -> Result<Option<V>, Error> {
        Ok(self.at_most(1).all().await?.pop())
    }

    /// The only row.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let nightly = pipelines.filter(|p| p.name.eq("nightly")).one().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] where there is none, [`Error::is_too_many_rows`] where there are several, and
    /// those of [`all`](Self::all).
    pub async fn one(self) -> Result<V, Error> {
        let mut found = self.at_most(2).all().await?.into_iter();
        match (found.next(), found.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Error::not_found(format_args!("`{}`", E::model().table.shown))),
            (Some(_), Some(_)) => Err(Error::too_many_rows(format_args!("`{}`", E::model().table.shown))),
        }
    }

    /// How many rows there are.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let active: i64 = pipelines.filter(|p| p.is_active.eq(true)).count().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed.
    pub async fn count(self) -> Result<i64, Error> {
        let (statement, params) =
            self.rows.of(E::model()).count().finish(self.rows.effect(), &[pg::Int8::OID]);
        self.value(&statement, &params).await
    }

    /// Is there any row?
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// if pipelines.filter(|p| p.steps.is_empty()).exists().await? {
    ///     println!("there are pipelines without a step");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The statement failed.
    pub async fn exists(self) -> Result<bool, Error> {
        let (statement, params) =
            self.rows.of(E::model()).exists().finish(self.rows.effect(), &[pg::Bool::OID]);
        self.value(&statement, &params).await
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
