//! What a unit of work publishes, and the statement that writes it down.

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::error::BoxError;
#[cfg(feature = "json")]
use crate::error::Error;
use crate::value::parameters::{Columnwise, Parameters, no_such_parameter};
#[cfg(feature = "json")]
use crate::value::scalar::write_document;
use crate::wire::access::Access;
use crate::wire::mark::{guard, raise};
use crate::wire::statement::Statement;

/// Something that happened and that others are to know.
///
/// [`UnitOfWork::publish`](crate::UnitOfWork::publish) keeps it, the unit of work writes it into the table
/// `persist_outbox` with all else that it commits, and a [`Relay`](crate::outbox::relay::Relay) hands it on
/// afterwards.
///
/// ```
/// use persist::outbox::Event;
///
/// #[derive(serde::Serialize)]
/// struct OrderPaid {
///     order: u64,
///     cents: i64,
/// }
///
/// impl Event for OrderPaid {
///     const TOPIC: &'static str = "order paid";
///
///     fn key(&self) -> String {
///         format!("order {}", self.order)
///     }
/// }
/// ```
#[cfg(feature = "json")]
pub trait Event: serde::Serialize {
    /// What sort of event it is. The handler decides by the topic what it reads the payload into.
    const TOPIC: &'static str;

    /// What it happened to, such as the root of an aggregate. Events with the same key are handed on one
    /// after another, in the order in which their transactions changed that; those with different keys are
    /// not ordered.
    fn key(&self) -> String;
}

/// An event as it is written down.
#[derive(Debug)]
pub(crate) struct Published {
    key: String,
    topic: &'static str,
    /// A JSON document.
    payload: BytesMut,
}

#[cfg(feature = "json")]
impl Published {
    /// Encodes an event, so that what cannot be written is an error before anything is sent.
    pub(crate) fn of<E: Event>(event: &E) -> Result<Published, Error> {
        let key = event.key();
        if key.contains('\0') {
            return Err(Error::encode("persist_outbox.key", "it holds a NUL character".into()));
        }
        let mut payload = BytesMut::new();
        write_document(event, true, &mut payload).map_err(failed)?;
        Ok(Published { key, topic: E::TOPIC, payload })
    }
}

/// The table that they are written into.
pub(crate) const OUTBOX: &str = "persist_outbox";

/// The statement that writes events down, with its parameters. It comes after whatever locks the rows that
/// the events are about, so that the numbers of two events about the same row are in the order of their
/// transactions.
pub(crate) fn insertion(events: &[Published]) -> (&'static Statement, impl Parameters + '_) {
    (&INSERTION, Columnwise { rows: events, width: 3 })
}

/// Identity columns count in the order of ORDER BY.
static INSERTION: Statement = Statement::fixed(
    Access::writes(&[OUTBOX]),
    concat!(
        "WITH i AS (INSERT INTO persist_outbox (key, topic, payload) SELECT d.key, d.topic, d.payload \
         FROM unnest($1::text[], $2::text[], $3::jsonb[]) WITH ORDINALITY AS d (key, topic, payload, o) WHERE ",
        guard!(),
        " ORDER BY d.o RETURNING 1) \
         SELECT 1 WHERE CASE WHEN (SELECT count(*) FROM i) = cardinality($1) THEN false ELSE ",
        raise!("kept"),
        " END",
    ),
    &[TEXT_ARRAY, TEXT_ARRAY, JSONB_ARRAY],
    &[],
);

// From PostgreSQL's pg_type.dat.
const TEXT_ARRAY: Oid = 1009;
const JSONB_ARRAY: Oid = 3807;

/// The only version of the binary form of `jsonb` so far.
const JSONB_VERSION: u8 = 1;

impl Parameters for Published {
    fn count(&self) -> usize {
        3
    }

    fn write(&self, index: usize, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match index {
            0 => out.put_slice(self.key.as_bytes()),
            1 => out.put_slice(self.topic.as_bytes()),
            2 => {
                out.put_u8(JSONB_VERSION);
                out.put_slice(&self.payload);
            }
            _ => return Err(no_such_parameter(index)),
        }
        Ok(IsNull::No)
    }
}

#[cfg(feature = "json")]
fn failed(cause: BoxError) -> Error {
    Error::encode("persist_outbox.payload", cause)
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::{Event, Published};

    #[derive(serde::Serialize)]
    struct Said(&'static str);

    impl Event for Said {
        const TOPIC: &'static str = "said";

        fn key(&self) -> String {
            "one key".to_owned()
        }
    }

    #[test]
    fn a_nul_character_is_refused_before_anything_is_sent() {
        assert!(Published::of(&Said("a\0b")).is_err_and(|error| error.is_encode()));
        for fine in ["", "\\u0000", "a\\\\u0000b", "\u{1}\"\n"] {
            assert!(Published::of(&Said(fine)).is_ok(), "{fine:?}");
        }
    }
}
