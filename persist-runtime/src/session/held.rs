//! A connection for several writes.

use crate::error::Error;
use crate::session::transaction::Transaction;
use crate::wire::bracket::Bracket;
use crate::wire::call::Call;
use crate::wire::pool::Lease;
use crate::wire::receiver::Receiver;

/// A connection for several writes.
pub(crate) enum Held<'a> {
    /// One that no other session uses meanwhile.
    Lease(Lease),
    /// That of a transaction, which goes on.
    Transaction(&'a Transaction<'a>),
}

impl Held<'_> {
    /// Runs calls in one write, and hands their rows on; answers how many rows the first affected. What
    /// begins and ends a transaction is left out where there is one already.
    pub(crate) async fn send(
        &mut self,
        calls: &[Call<'_>],
        bracket: &Bracket<'_>,
        receiver: &mut dyn Receiver,
    ) -> Result<u64, Error> {
        match self {
            Held::Lease(lease) => lease.connection().send(calls, bracket, receiver).await,
            Held::Transaction(transaction) => transaction.send(calls, bracket, receiver).await,
        }
    }
}
