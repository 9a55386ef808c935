//! An event as it is handed on.

use std::fmt;
use std::time::SystemTime;

use crate::error::Error;
use crate::value::cell::cell;

/// An event as a [`Relay`](crate::outbox::relay::Relay) hands it on.
///
/// ```
/// # use persist_runtime as persist;
/// use persist::outbox::Message;
///
/// fn log(message: &Message) {
///     println!("{} of {}, attempt {}", message.topic, message.key, message.attempts + 1);
/// }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Message {
    /// Its number. An event that is handed on once more has the same, so that the receiver can recognise it.
    pub id: i64,
    /// What it happened to.
    pub key: String,
    /// What sort of event it is.
    pub topic: String,
    /// What happened: a JSON document.
    pub payload: String,
    /// When its transaction began.
    pub created_at: SystemTime,
    /// How many times a handler has failed on it.
    pub attempts: u32,
}

impl Message {
    /// Reads the payload.
    ///
    /// ```
    /// # use persist_runtime as persist;
    /// use persist::outbox::Message;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct OrderPaid {
    ///     order: u64,
    ///     cents: i64,
    /// }
    ///
    /// fn amount(message: &Message) -> Result<i64, persist::Error> {
    ///     let paid: OrderPaid = message.read()?;
    ///     Ok(paid.cents)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_decode`]: the payload does not fit the type.
    #[cfg(feature = "json")]
    pub fn read<T: serde::de::DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(&self.payload).map_err(|error| {
            Error::decode("persist_outbox.payload".to_owned(), crate::value::scalar::not_read(error))
        })
    }

    /// Of a row of [`batch::TAKING`](crate::outbox::batch).
    pub(crate) fn of(row: &tokio_postgres::Row) -> Result<Message, Error> {
        let created_at = row.try_get(4);
        Ok(Message {
            id: cell(row, 0)?,
            key: cell(row, 1)?,
            topic: cell(row, 2)?,
            payload: cell(row, 3)?,
            created_at: created_at.map_err(|cause| Error::decode("created_at".to_owned(), cause.into()))?,
            attempts: u32::try_from(cell::<i32>(row, 5)?).unwrap_or(0),
        })
    }
}

impl fmt::Debug for Message {
    /// Without the payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Message { id, key, topic, payload: _, created_at: _, attempts } = self;
        f.debug_struct("Message")
            .field("id", id)
            .field("key", key)
            .field("topic", topic)
            .field("attempts", attempts)
            .finish_non_exhaustive()
    }
}
