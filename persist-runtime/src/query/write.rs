//! The ends of a query that change or delete its rows.

use crate::entity::traits::{Entity, View};
use crate::error::Error;
use crate::query::assignment::IntoAssignments;
use crate::query::builder::Query;
use crate::sql::scope::Scope;
use crate::wire::access::Effect;
use crate::write::identity_map::IdentityMap;

impl<E: Entity, V: View<Of = E>> Query<'_, E, V> {
    /// Changes all rows alike and answers how many they were. The version and the time of the update change
    /// too.
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
        IdentityMap::wrote_unknown_rows(&self.session, Some(E::model().table));
        let values = changes.iter().map(|change| (change.column, &change.value));
        let (statement, params) =
            self.rows.of(E::model()).update(values, E::model().touches()).finish(Effect::Writes, &[]);
        let answer = self.session.run(&statement, &params, &mut |_| Ok(())).await;
        // What waited was flushed ahead of it, and may have read structs.
        IdentityMap::wrote_unknown_rows(&self.session, Some(E::model().table));
        answer
    }

    /// Deletes all rows and answers how many they were.
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
    /// [`Error::is_foreign_key_violation`] where other rows still point to one of them.
    pub async fn delete(self) -> Result<u64, Error> {
        IdentityMap::wrote_unknown_rows(&self.session, Some(E::model().table));
        let (statement, params) = self.rows.of(E::model()).delete().finish(Effect::Writes, &[]);
        let answer = self.session.run(&statement, &params, &mut |_| Ok(())).await;
        // What waited was flushed ahead of it, and may have read structs.
        IdentityMap::wrote_unknown_rows(&self.session, Some(E::model().table));
        answer
    }
}
