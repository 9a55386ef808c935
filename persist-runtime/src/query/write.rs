//! The ends of a query that change or delete its rows.

use crate::entity::traits::{Entity, View};
use crate::query::assignment::IntoAssignments;
use crate::query::builder::Query;
use crate::query::change::Change;
use crate::query::waiting::What;
use crate::sql::scope::Scope;

impl<'a, E: Entity, V: View<Of = E>> Query<'a, E, V> {
    /// Changes all rows alike and answers how many they were, or with [`returning`](Change::returning) what they are
    /// now. The version and the time of the update change too.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let retired = pipelines
    ///     .filter(|p| p.steps.is_empty())
    ///     .update(|p| (p.is_active.set(false), p.description.set("has no steps")))
    ///     .await?;
    /// println!("{retired} pipelines were retired");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Violations of constraints.
    pub fn update<A: IntoAssignments>(self, changes: impl FnOnce(E::Columns) -> A) -> Change<'a, E> {
        let changes = changes(E::columns(Scope::ROOT)).into_assignments();
        let (session, rows) = self.into_parts();
        Change::new(session, rows, What::Update(changes))
    }

    /// Deletes all rows and answers how many they were, or with [`returning`](Change::returning) what they were.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(pipelines: PipelineRepository<'_>) -> Result {
    /// let deleted = pipelines.filter(|p| p.is_active.eq(false)).delete().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_foreign_key_violation`](crate::Error::is_foreign_key_violation) where other rows still point to one
    /// of them.
    pub fn delete(self) -> Change<'a, E> {
        let (session, rows) = self.into_parts();
        Change::new(session, rows, What::Delete)
    }
}
