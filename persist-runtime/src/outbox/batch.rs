//! The events that one transaction of a relay hands on: which they are, and what became of them.

use std::time::Duration;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::error::BoxError;
use crate::error::Error;
use crate::outbox::event::OUTBOX;
use crate::outbox::message::Message;
use crate::session::link::Session;
use crate::session::transaction::Transaction;
use crate::value::cell::cell;
use crate::value::parameters::{Columnwise, Parameters, no_such_parameter};
use crate::value::scalar::Parameter;
use crate::wire::access::{Access, Effect, Tables};
use crate::wire::call::Call;
use crate::wire::mark::guard;
use crate::wire::receiver::Discard;
use crate::wire::statement::Statement;

/// Which keys are taken.
pub(crate) struct Share<'r> {
    /// Only keys after this one.
    pub(crate) after: Option<&'r str>,
    pub(crate) keys: i64,
}

/// What became of an event.
pub(crate) struct Outcome {
    pub(crate) id: i64,
    /// How long to wait before it is tried again; `None`: it was handed on.
    pub(crate) delay: Option<Duration>,
}

/// Walks from key to key by the index, so that a long queue costs no more than a short one, and takes those that no
/// other relay has and whose oldest event does not wait. A key is held by a lock on its name, not on one of its
/// events: an event that a transaction with a lower number has written may still appear before those in hand.
const HOLDING: &str = "WITH RECURSIVE k AS (\
     (SELECT o.key, o.retry_at FROM persist_outbox AS o \
     WHERE o.done IS NULL AND (o.key > $1 OR $1 IS NULL) ORDER BY o.key, o.id LIMIT 1) \
     UNION ALL SELECT n.key, n.retry_at FROM k CROSS JOIN LATERAL (SELECT o.key, o.retry_at FROM persist_outbox AS o \
     WHERE o.done IS NULL AND o.key > k.key ORDER BY o.key, o.id LIMIT 1) AS n) \
     SELECT k.key FROM k WHERE CASE WHEN k.retry_at > clock_timestamp() THEN false \
     ELSE pg_try_advisory_xact_lock(hashtextextended(k.key, 'persist_outbox'::regclass::oid::bigint)) END LIMIT $2";

/// The queues of keys that are held: read afterwards, by a statement that sees all that the relay which held them before
/// has committed.
const READING: &str = "SELECT e.id, e.key, e.topic, e.payload::text, e.created_at, e.attempts, \
     coalesce(e.retry_at > clock_timestamp(), false) \
     FROM unnest($1::text[]) WITH ORDINALITY AS h (key, place) CROSS JOIN LATERAL (SELECT o.* FROM persist_outbox AS o \
     WHERE o.key = h.key AND o.done IS NULL ORDER BY o.id LIMIT $2) AS e \
     ORDER BY h.place, e.id";

static ENDING: Statement = Statement::fixed(
    Access::writes(&[OUTBOX]),
    concat!(
        "UPDATE persist_outbox AS t SET done = CASE WHEN d.delay IS NULL THEN clock_timestamp() END, \
         attempts = t.attempts + (d.delay IS NOT NULL)::int, \
         retry_at = clock_timestamp() + d.delay * interval '1 second' \
         FROM unnest($1::bigint[], $2::double precision[]) AS d (id, delay) WHERE t.id = d.id AND ",
        guard!(),
    ),
    &[INT8_ARRAY, FLOAT8_ARRAY],
    &[],
);

static PURGING: Statement = Statement::fixed(
    Access::writes(&[OUTBOX]),
    "DELETE FROM persist_outbox WHERE id = ANY (ARRAY(SELECT id FROM persist_outbox \
     WHERE done < clock_timestamp() - $1 * interval '1 second' ORDER BY id LIMIT 10000))",
    &[FLOAT8],
    &[],
);

/// Asks the server for a sign of life.
static PULSE: Statement = Statement::fixed(Access::reads(&[]), "SELECT", &[], &[]);

/// Holds several keys until the transaction of the session ends: no other relay gets them.
pub(crate) async fn hold(session: &Session<'_>, share: &Share<'_>) -> Result<Vec<String>, Error> {
    let params = (share.after.map(str::to_owned), share.keys);
    let mut keys = Vec::new();
    let each = &mut |row: &tokio_postgres::Row| {
        keys.push(cell(row, 0)?);
        Ok(())
    };
    session.run(&passing(Effect::Locks, HOLDING, &[Type::TEXT, Type::INT8]), &params, each).await?;
    Ok(keys)
}

/// Reads the queues of keys that are held, each in its order, up to the first event that is to wait.
pub(crate) async fn read(
    session: &Session<'_>,
    keys: &[String],
    events_per_key: i64,
) -> Result<Vec<Vec<Message>>, Error> {
    let params = (keys.to_vec(), events_per_key);
    let mut queues: Vec<Vec<Message>> = Vec::new();
    let mut waiting = None;
    let each = &mut |row: &tokio_postgres::Row| {
        let message = Message::of(row)?;
        if waiting.as_ref() == Some(&message.key) {
            return Ok(());
        }
        if cell(row, 6)? {
            waiting = Some(message.key);
            return Ok(());
        }
        match queues.last_mut().filter(|queue| queue.last().is_some_and(|last| last.key == message.key)) {
            Some(queue) => queue.push(message),
            None => queues.push(vec![message]),
        }
        Ok(())
    };
    session.run(&passing(Effect::Reads, READING, &[Type::TEXT_ARRAY, Type::INT8]), &params, each).await?;
    Ok(queues)
}

/// Asks whether the transaction, and so the hold, is still there.
pub(crate) async fn pulse(session: &Session<'_>) -> Result<(), Error> {
    session.run(&PULSE, &(), &mut |_| Ok(())).await.map(drop)
}

/// Notes down what became of events, and lets the keys go.
pub(crate) async fn end(transaction: &Transaction<'_>, outcomes: &[Outcome]) -> Result<(), Error> {
    let params = Columnwise { rows: outcomes, width: 2 };
    transaction.flush(&[Call { statement: &ENDING, params: &params }], true, &mut Discard).await
}

/// A statement that is planned each time: a plan that was made while the table was empty would read all of a full
/// one, key by key.
fn passing(effect: Effect, sql: &'static str, params: &[Type]) -> Statement {
    let access = Access::of(effect, Tables::Fixed(&[OUTBOX]));
    Statement::passing(access, sql.to_owned(), params.iter().map(Type::oid).collect(), Vec::new())
}

/// Deletes some of the events that were handed on longer ago; answers how many.
pub(crate) async fn purge(session: &Session<'_>, age: Duration) -> Result<u64, Error> {
    session.run(&PURGING, &seconds(age), &mut |_| Ok(())).await
}

/// A century at most, which an interval can be.
fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64().min(3.2e9)
}

// From PostgreSQL's pg_type.dat.
const FLOAT8: Oid = 701;
const INT8_ARRAY: Oid = 1016;
const FLOAT8_ARRAY: Oid = 1022;

impl Parameters for Outcome {
    fn count(&self) -> usize {
        2
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match index {
            0 => Parameter::write(&self.id, ty, out),
            1 => Parameter::write(&self.delay.map(seconds), ty, out),
            _ => Err(no_such_parameter(index)),
        }
    }
}
