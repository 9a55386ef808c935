//! A unit of work in a transaction that this library has not begun.

use crate::session::transaction::Transaction;
use crate::unit_of_work::unit::UnitOfWork;

impl<'t> UnitOfWork<'t> {
    /// Joins a transaction of the driver, which the caller has begun and will end: for a program that is
    /// moved to this library step by step.
    ///
    /// [`commit`](Self::commit) sends what waits and no more; the owner commits. An error of the server
    /// aborts the owner's transaction, too. What was sent cannot be taken back by this unit of work, neither
    /// by [`rollback`](Self::rollback) nor by dropping it, other than to a [`savepoint`](Self::savepoint).
    /// What was given to [`after_commit`](Self::after_commit) waits in [`Committed`](crate::Committed) for
    /// the owner's commit. Statements are not prepared on a connection that is not of the pool. The
    /// transaction is that of `tokio-postgres` 0.7, which the program depends on itself.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # async fn example(client: &mut tokio_postgres::Client, id: Uuid) -> Result<(), Box<dyn std::error::Error>> {
    /// use persist::UnitOfWork;
    ///
    /// let mut transaction = client.transaction().await?;
    /// let uow = UnitOfWork::within(&mut transaction);
    /// uow.insert(NewExecution::new(id, 1))?;
    /// let committed = uow.commit().await?;
    /// transaction.commit().await?;
    /// committed.run_hooks();
    /// # Ok(())
    /// # }
    /// ```
    pub fn within(transaction: &'t mut tokio_postgres::Transaction<'_>) -> UnitOfWork<'t> {
        UnitOfWork::new(Transaction::within(transaction.client()))
    }
}
