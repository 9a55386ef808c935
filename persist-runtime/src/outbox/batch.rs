//! The events that one transaction of a relay hands on: which they are, and what became of them.

use std::time::Duration;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::error::BoxError;
use crate::error::Error;
use crate::outbox::message::Message;
use crate::session::link::Session;
use crate::value::parameters::{Columnwise, Parameters, no_such_parameter};
use crate::value::scalar::Parameter;
use crate::wire::access::{Access, Effect, Tables};
use crate::wire::statement::Statement;

/// Which events are taken.
pub(crate) struct Share<'r> {
    /// Only keys after this one.
    pub(crate) after: Option<&'r str>,
    pub(crate) keys: i64,
    pub(crate) events_per_key: i64,
}

/// What became of an event.
pub(crate) struct Outcome {
    pub(crate) id: i64,
    /// How long to wait before it is tried again; `None`: it was handed on.
    pub(crate) delay: Option<Duration>,
}

/// Walks from key to key by the index, so that a long queue costs no more than a short one. Of each key the
/// oldest event is locked, unless another relay has it or it is to wait: the relay that has the oldest one
/// has the whole queue, because the later ones are never the oldest. A row that another relay was done with
/// meanwhile is looked at again when it is locked, and left out.
const TAKING: &str = "WITH RECURSIVE k AS (\
     (SELECT o.key, o.id FROM persist_outbox AS o \
     WHERE o.done IS NULL AND (o.key > $1 OR $1 IS NULL) ORDER BY o.key, o.id LIMIT 1) \
     UNION ALL SELECT n.key, n.id FROM k CROSS JOIN LATERAL (SELECT o.key, o.id FROM persist_outbox AS o \
     WHERE o.done IS NULL AND o.key > k.key ORDER BY o.key, o.id LIMIT 1) AS n), \
     h AS MATERIALIZED (SELECT l.key FROM k CROSS JOIN LATERAL (SELECT o.key FROM persist_outbox AS o \
     WHERE o.id = k.id AND o.done IS NULL AND (o.retry_at IS NULL OR o.retry_at <= clock_timestamp()) \
     FOR UPDATE SKIP LOCKED) AS l LIMIT $2) \
     SELECT e.id, e.key, e.topic, e.payload::text, e.created_at, e.attempts FROM h CROSS JOIN LATERAL \
     (SELECT o.* FROM persist_outbox AS o \
     WHERE o.key = h.key AND o.done IS NULL ORDER BY o.id LIMIT $3) AS e \
     ORDER BY e.key, e.id";

static ENDING: Statement = Statement::fixed(
    Access::writes(&["persist_outbox"]),
    "UPDATE persist_outbox AS t SET done = CASE WHEN d.delay IS NULL THEN clock_timestamp() END, \
     attempts = t.attempts + (d.delay IS NOT NULL)::int, \
     retry_at = clock_timestamp() + d.delay * interval '1 second' \
     FROM unnest($1::bigint[], $2::double precision[]) AS d (id, delay) WHERE t.id = d.id",
    &[INT8_ARRAY, FLOAT8_ARRAY],
    &[],
);

static PURGING: Statement = Statement::fixed(
    Access::writes(&["persist_outbox"]),
    "DELETE FROM persist_outbox WHERE id = ANY (ARRAY(SELECT id FROM persist_outbox \
     WHERE done < clock_timestamp() - $1 * interval '1 second' ORDER BY id LIMIT 10000))",
    &[FLOAT8],
    &[],
);

/// Takes the queues of several keys, each in its order. No other relay gets them before the transaction of
/// the session ends.
pub(crate) async fn take(session: &Session<'_>, share: &Share<'_>) -> Result<Vec<Vec<Message>>, Error> {
    // It is planned each time: a plan that was made while the table was empty would read all of a full one,
    // key by key.
    let types = vec![Type::TEXT.oid(), Type::INT8.oid(), Type::INT8.oid()];
    let statement = Statement::passing(
        Access::of(Effect::Locks, Tables::Fixed(&["persist_outbox"])),
        TAKING.to_owned(),
        types,
        Vec::new(),
    );
    let params = (share.after.map(str::to_owned), share.keys, share.events_per_key);
    let mut queues: Vec<Vec<Message>> = Vec::new();
    let each = &mut |row: &tokio_postgres::Row| {
        let message = Message::of(row)?;
        match queues.last_mut().filter(|queue| queue.last().is_some_and(|last| last.key == message.key)) {
            Some(queue) => queue.push(message),
            None => queues.push(vec![message]),
        }
        Ok(())
    };
    session.run(&statement, &params, each).await?;
    Ok(queues)
}

/// Notes down what became of events.
pub(crate) async fn end(session: &Session<'_>, outcomes: &[Outcome]) -> Result<(), Error> {
    session.run(&ENDING, &Columnwise { rows: outcomes, width: 2 }, &mut |_| Ok(())).await?;
    Ok(())
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
            1 => Parameter::write(&self.delay.map(|delay| seconds(delay)), ty, out),
            _ => Err(no_such_parameter(index)),
        }
    }
}
