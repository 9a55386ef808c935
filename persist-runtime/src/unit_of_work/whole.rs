//! A new row that is written at once with all that is nested in it, and answered as stored.

use tokio_postgres::Row as Arrived;

use crate::entity::traits::{Entity, View};
use crate::error::Error;
use crate::load::loader::Loader;
use crate::load::remember::{Reading, remember};
use crate::session::link::Session;
use crate::session::terms::Terms;
use crate::session::transaction::Transaction;
use crate::unit_of_work::diff::diff;
use crate::unit_of_work::flush::{Answers, key_made, read_key};
use crate::unit_of_work::order::order;
use crate::unit_of_work::pending::Pending;
use crate::wire::call::Call;
use crate::wire::receiver::Receiver;
use crate::write::identity_map::IdentityMap;
use crate::write::new_row::{Insertable as _, SlotKey};

/// Writes a new row with those that are nested in it, in a transaction of its own unless there is one, and
/// reads it. One round trip, or two where the database makes the key.
pub(crate) async fn insert_whole<E: Entity, V: View<Of = E>>(
    session: &Session<'_>,
    new: &E::New,
) -> Result<V, Error> {
    let mut pending = Pending::default();
    let slot = pending.inserted.add(|new_rows| new.new_row(new_rows))?;
    let key = pending.inserted.keys[slot.row as usize].clone();
    match session.transaction() {
        Some(transaction) => {
            if let Some(sending) = session.ahead() {
                sending.await?;
            }
            let mut found = written::<E, V>(transaction, &pending, key, false).await?;
            remember(session, std::slice::from_mut(&mut found), Reading::ReadBack)?;
            Ok(found)
        }
        None => {
            let transaction = Transaction::new(session.pool()?.clone(), Terms::default());
            written::<E, V>(&transaction, &pending, key, true).await
        }
    }
}

async fn written<E: Entity, V: View<Of = E>>(
    transaction: &Transaction<'_>,
    pending: &Pending,
    key: SlotKey,
    commits: bool,
) -> Result<V, Error> {
    let identity_map = IdentityMap::default();
    let mut changes = diff(pending, &[], &identity_map, false)?;
    let steps = order(&mut changes, Vec::new(), &identity_map)?;
    let mut calls: Vec<Call<'_>> =
        steps.iter().map(|step| Call { statement: &step.statement, params: &step.params }).collect();
    let session = Session::of_transaction(transaction, None);
    let plan = E::model().find.one(&session, V::shape());
    let mut answers = Answers::new(&steps, &[]);
    let key = match key.encoded() {
        Some(key) => key,
        None => {
            transaction.flush(&calls, false, &mut answers).await?;
            calls.clear();
            let made = key_made(&answers, pending.inserted.new_rows[0].number);
            noted(transaction, false, made).await?
        }
    };
    let key = read_key::<E>(&key).ok_or_else(|| Error::invalid("the key cannot be read"));
    let key = noted(transaction, false, key).await?;
    let writes = calls.len();
    calls.extend(plan.statements.iter().map(|planned| Call { statement: &planned.statement, params: &key }));
    let mut reading = Both { answers, writes, loader: Loader::<V>::new(plan) };
    transaction.flush(&calls, commits, &mut reading).await?;
    let gone = || {
        Error::not_found(format_args!("`{}`: it was written, but deleted at once", E::model().table.shown))
    };
    let found = reading.loader.finish().and_then(|mut found| found.pop().ok_or_else(gone));
    noted(transaction, commits, found).await
}

/// What went wrong on this side after it was sent: nothing of it may be committed, unless it is already.
async fn noted<T>(
    transaction: &Transaction<'_>,
    is_committed: bool,
    outcome: Result<T, Error>,
) -> Result<T, Error> {
    match outcome {
        Err(error) if is_committed => Err(Error::committed(error)),
        Err(error) => {
            transaction.fail(&error).await;
            Err(error)
        }
        found => found,
    }
}

/// Takes the answers of what is written, and then of what is read.
struct Both<'s, 'p, 'l, V> {
    answers: Answers<'s, 'p>,
    /// How many calls write.
    writes: usize,
    loader: Loader<'l, V>,
}

impl<V: View> Receiver for Both<'_, '_, '_, V> {
    fn accept(&mut self, call: usize, row: Arrived) -> Result<(), Error> {
        match call.checked_sub(self.writes) {
            Some(call) => self.loader.accept(call, row),
            None => self.answers.accept(call, row),
        }
    }

    fn restart(&mut self) {
        self.answers.restart();
        self.loader.restart();
    }

    fn failed(&mut self, call: usize) {
        self.answers.failed(call);
    }

    fn explained(&self, error: Error) -> Error {
        self.answers.explained(error)
    }
}
