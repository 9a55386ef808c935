//! A transaction as a closure, which is run again when it lost a race.

use std::future::Future;

use futures_util::future::BoxFuture;

use crate::error::Error;
use crate::unit_of_work::builder::UnitOfWorkBuilder;
use crate::unit_of_work::unit::UnitOfWork;
use crate::wire::compact::compact;

/// A closure that takes a unit of work; written `async |uow| …`. Not for users to implement.
///
/// ```
/// use persist::{Database, Error, Isolation, Repeatable, UnitOfWork, Work};
///
/// async fn serializable<T: Send, F>(db: &Database, work: F) -> Result<T, Error>
/// where
///     F: for<'u> Work<&'u UnitOfWork<'static>, Result<T, Error>, Fut: Send> + Repeatable + Send,
/// {
///     db.unit_of_work_builder().isolation(Isolation::Serializable).transact(work).await
/// }
/// ```
pub trait Work<A, R>: AsyncFnOnce(A) -> R + FnOnce(A) -> <Self as Work<A, R>>::Fut {
    /// What it becomes.
    type Fut: Future<Output = R>;
}

impl<F, A, Fut, R> Work<A, R> for F
where
    F: AsyncFnOnce(A) -> R + FnOnce(A) -> Fut,
    Fut: Future<Output = R>,
{
    type Fut = Fut;
}

/// A closure that can be run again: all closures that can be cloned.
///
/// ```
/// # use persist_sample::*;
/// # async fn example(db: &persist::Database) -> Result {
/// let name = String::from("hourly"); // borrowed by each attempt
/// db.transact(async |uow| uow.insert(NewPipeline::new(&name, BTreeMap::new()))).await?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "this transaction could not be retried: its closure takes away or changes what it captures",
    label = "capture by reference, or something that is `Clone`"
)]
pub trait Repeatable {
    /// The same once more.
    fn again(&self) -> Self;
}

#[diagnostic::do_not_recommend]
impl<F: Clone> Repeatable for F {
    fn again(&self) -> F {
        self.clone()
    }
}

impl UnitOfWorkBuilder {
    /// Runs a closure in a unit of work, and commits it: [`Database::transact`](crate::Database::transact)
    /// with these settings.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # use std::time::Duration;
    /// # async fn example(db: &persist::Database, id: Uuid) -> Result {
    /// let short = db.unit_of_work_builder().lock_timeout(Duration::from_millis(500));
    /// short
    ///     .transact(async |uow| {
    ///         let mut pipeline = uow.repository::<Pipeline>().get(id).await?;
    ///         pipeline.is_active = false;
    ///         uow.save(&pipeline)
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the closure, and those of [`commit`](UnitOfWork::commit).
    pub fn transact<T, F>(&self, work: F) -> impl Future<Output = Result<T, Error>> + Send
    where
        F: for<'u> Work<&'u UnitOfWork<'static>, Result<T, Error>, Fut: Send> + Repeatable + Send,
        T: Send,
    {
        self.try_transact(work)
    }

    /// The same for a closure with an error of its own:
    /// [`Database::try_transact`](crate::Database::try_transact) with these settings.
    ///
    /// ```
    /// # use persist_sample::*;
    /// # use std::error::Error;
    /// # async fn example(db: &persist::Database, id: Uuid) -> Result {
    /// let builder = db.unit_of_work_builder().read_only();
    /// let shown: Result<String, Box<dyn Error + Send + Sync>> = builder
    ///     .try_transact(async |uow| {
    ///         let pipeline = uow.repository::<Pipeline>().get(id).await?;
    ///         Ok(serde_json::to_string(&*pipeline.environment_variables)?)
    ///     })
    ///     .await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of the closure, and those of [`commit`](UnitOfWork::commit).
    pub fn try_transact<T, E, F>(&self, work: F) -> impl Future<Output = Result<T, E>> + Send
    where
        F: for<'u> Work<&'u UnitOfWork<'static>, Result<T, E>, Fut: Send> + Repeatable + Send,
        E: From<Error> + Send,
        T: Send,
    {
        transacted(self.clone(), work)
    }
}

/// Runs a closure until it is committed, or fails of something that would come again.
pub(crate) async fn transacted<T, E, F>(builder: UnitOfWorkBuilder, work: F) -> Result<T, E>
where
    F: for<'u> Work<&'u UnitOfWork<'static>, Result<T, E>, Fut: Send> + Repeatable + Send,
    E: From<Error> + Send,
    T: Send,
{
    let mut attempts = builder.attempts();
    loop {
        let uow = builder.build();
        match once(work.again(), &uow).await {
            Ok(value) => match compact(uow.commit()).await {
                Ok(_) => return Ok(value),
                Err(error) if attempts.go_on_after(&error).await => {}
                Err(error) => return Err(error.into()),
            },
            // What happened the unit of work knows itself: the error may be of any type, and of any cause.
            Err(error) => match compact(uow.abort()).await {
                Some(cause) if attempts.go_on_after(&cause).await => {}
                _ => return Err(error),
            },
        }
    }
}

/// Boxed, so that the compiler needs not know the future of every lifetime to see that it can be sent.
fn once<'u, F, R>(work: F, uow: &'u UnitOfWork<'static>) -> BoxFuture<'u, R>
where
    F: for<'w> Work<&'w UnitOfWork<'static>, R, Fut: Send> + 'u,
    R: 'u,
{
    Box::pin(work(uow))
}

impl UnitOfWork<'_> {
    /// Rolls back; answers the first error of its calls.
    async fn abort(self) -> Option<Error> {
        let failure = self.transaction.failure().await;
        // If the connection is lost, the server rolls back by itself.
        let _ = self.transaction.roll_back().await;
        failure
    }
}
