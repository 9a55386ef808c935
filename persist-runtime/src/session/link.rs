//! Where statements are run: the one type that repositories and queries hold.

use std::any::Any;

use futures_util::future::BoxFuture;

use crate::error::Error;
use crate::session::around::Around;
use crate::session::held::Held;
use crate::session::transaction::Transaction;
use crate::value::parameters::Parameters;
use crate::wire::bracket::Bracket;
use crate::wire::call::Call;
use crate::wire::compact::compact;
use crate::wire::pool::Pool;
use crate::wire::receiver::{Each, EachRow, Receiver};
use crate::wire::statement::Statement;

/// A place to run statements: a [`Database`](crate::Database) that is borrowed or owned, or a
/// [`UnitOfWork`](crate::UnitOfWork) that is borrowed.
///
/// Repositories are made of it, so code that takes `impl Into<Session<'a>>` works with all of them.
///
/// ```no_run
/// # use persist_runtime as persist;
/// use persist::{Database, Session};
///
/// struct Store<'a> {
///     session: Session<'a>,
/// }
///
/// impl<'a> Store<'a> {
///     fn new(session: impl Into<Session<'a>>) -> Store<'a> {
///         Store { session: session.into() }
///     }
///
///     async fn tables(&self) -> Result<i64, persist::Error> {
///         persist::Sql::unchecked("SELECT count(*) FROM pg_tables").one(&self.session).await
///     }
/// }
///
/// # async fn example() -> Result<(), persist::Error> {
/// let db = Database::connect("postgresql://localhost/shop").await?;
/// let borrowing = Store::new(&db);
/// let owning: Store<'static> = Store::new(db.clone());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session<'a> {
    link: Link<'a>,
}

#[derive(Clone)]
enum Link<'a> {
    Pool(&'a Pool),
    Shared(Pool),
    Transaction(&'a Transaction<'a>, Option<&'a dyn Around>),
}

impl<'a> From<&Session<'a>> for Session<'a> {
    fn from(session: &Session<'a>) -> Session<'a> {
        session.clone()
    }
}

/// What can be used as a session: `&Database`, `Database`, `&UnitOfWork`, a [`Session`] or `&Session`.
///
/// ```
/// # use persist_runtime as persist;
/// use persist::{Error, IntoSession, Sql};
///
/// async fn tables<'s>(session: impl IntoSession<'s>) -> Result<i64, Error> {
///     Sql::unchecked("SELECT count(*) FROM pg_tables").one(session).await
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no session",
    label = "expected `&Database`, `&UnitOfWork` or `&Session`"
)]
pub trait IntoSession<'s> {
    /// The session.
    fn into_session(self) -> Session<'s>;
}

#[diagnostic::do_not_recommend]
impl<'s, S: Into<Session<'s>>> IntoSession<'s> for S {
    fn into_session(self) -> Session<'s> {
        self.into()
    }
}

impl<'a> Session<'a> {
    pub(crate) fn borrowed(pool: &'a Pool) -> Session<'a> {
        Session { link: Link::Pool(pool) }
    }

    /// The session of a transaction, and of the unit of work around it.
    pub(crate) fn of_transaction(
        transaction: &'a Transaction<'a>,
        around: Option<&'a dyn Around>,
    ) -> Session<'a> {
        Session { link: Link::Transaction(transaction, around) }
    }

    pub(crate) fn shared(pool: Pool) -> Session<'static> {
        Session { link: Link::Shared(pool) }
    }

    /// Runs one statement and hands every row to `each` as it arrives; answers the number of rows affected.
    pub(crate) async fn run(
        &self,
        statement: &Statement,
        params: &dyn Parameters,
        each: Each<'_>,
    ) -> Result<u64, Error> {
        self.send(&[Call { statement, params }], &Bracket::NONE, &mut EachRow::new(each)).await
    }

    /// Runs calls in one write and hands their rows on; answers how many rows the first affected.
    pub(crate) async fn send(
        &self,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        if let Some(sending) = self.ahead() {
            sending.await?;
        }
        match self.transaction() {
            Some(transaction) => compact(transaction.send(calls, bracket, receiver)).await,
            None => {
                let sent =
                    async { self.pool()?.acquire().await?.connection().send(calls, bracket, receiver).await };
                compact(sent).await
            }
        }
    }

    /// A connection for several writes.
    pub(crate) async fn hold(&self) -> Result<Held<'a>, Error> {
        if let Some(sending) = self.ahead() {
            sending.await?;
        }
        Ok(match self.transaction() {
            Some(transaction) => Held::Transaction(transaction),
            None => Held::Lease(self.pool()?.acquire().await?),
        })
    }

    /// What signs the cursors of pages.
    pub(crate) fn cursor_secret(&self) -> &[u8] {
        match &self.link {
            Link::Pool(pool) => pool.cursor_secret(),
            Link::Shared(pool) => pool.cursor_secret(),
            Link::Transaction(transaction, _) => transaction.cursor_secret(),
        }
    }

    /// Does each statement of a load see rows that were committed since the one before?
    pub(crate) fn sees_changes(&self) -> bool {
        self.transaction().is_some()
    }

    /// What is kept beside the statements of a unit of work.
    pub(crate) fn kept(&self) -> Option<&'a (dyn Any + Send + Sync)> {
        self.around().map(Around::kept)
    }

    /// Sends what waits to be written in a unit of work, if anything does.
    pub(crate) fn ahead(&self) -> Option<BoxFuture<'a, Result<(), Error>>> {
        self.around().and_then(Around::ahead)
    }

    fn around(&self) -> Option<&'a dyn Around> {
        match self.link {
            Link::Pool(_) | Link::Shared(_) => None,
            Link::Transaction(_, around) => around,
        }
    }

    /// The transaction that it is in.
    pub(crate) fn transaction(&self) -> Option<&'a Transaction<'a>> {
        match self.link {
            Link::Pool(_) | Link::Shared(_) => None,
            Link::Transaction(transaction, _) => Some(transaction),
        }
    }

    /// The pool of a session that is in no transaction.
    pub(crate) fn pool(&self) -> Result<&Pool, Error> {
        match &self.link {
            Link::Pool(pool) => Ok(pool),
            Link::Shared(pool) => Ok(pool),
            Link::Transaction(..) => Err(Error::invalid("a transaction has a connection of its own")),
        }
    }
}

impl std::fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
