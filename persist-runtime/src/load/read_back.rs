//! A row that was written, as it is stored: with the rows that belong to it.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use crate::error::BoxError;
use crate::error::Error;
use crate::load::group::Loaded;
use crate::load::loader::{after_write, read_after};
use crate::load::remember::{Reading, remember};
use crate::load::row::Row;
use crate::load::shape::Shape;
use crate::session::link::Session;
use crate::table::model::Model;
use crate::value::cell::raw;
use crate::value::parameters::Parameters;
use crate::wire::call::Call;

/// Runs a statement that writes one row and answers its columns, and reads the rest of the struct; `None`
/// where it wrote nothing. One round trip, or two where the struct has relations and the key is not known
/// before.
pub(crate) async fn read_back<S: Shape>(
    session: &Session<'_>,
    model: &Model,
    call: Call<'_>,
    key: Option<&dyn Parameters>,
    reading: Reading,
) -> Result<Option<S>, Error> {
    let shape = S::shape();
    if shape.is_plain() {
        let mut found = None;
        let each = &mut |row: &tokio_postgres::Row| {
            found = Some(S::decode(&mut Row::new(row, &mut Loaded::default()))?);
            Ok(())
        };
        session.run(call.statement, call.params, each).await?;
        remember(session, found.as_mut_slice(), reading)?;
        return Ok(found);
    }
    let plan = model.find.one(session, shape);
    let mut found = match key {
        Some(key) => match read_after(session, Some(call), plan, |_| key, |_| reading).await? {
            (_, 0) => return Ok(None),
            (found, _) => found,
        },
        None => match stored_key(session, model, call).await? {
            Some(key) => match read_after(session, None, plan, |_| &key, |_| reading).await {
                Ok((found, _)) => found,
                Err(error) => return Err(after_write(session, error).await),
            },
            None => return Ok(None),
        },
    };
    if let Some(found) = found.pop() {
        return Ok(Some(found));
    }
    let gone = format!("`{}`: it was written, but deleted before it could be read", shape.table);
    Err(after_write(session, Error::not_found(gone)).await)
}

async fn stored_key(
    session: &Session<'_>,
    model: &Model,
    call: Call<'_>,
) -> Result<Option<StoredKey>, Error> {
    let mut key = None;
    let each = &mut |row: &tokio_postgres::Row| {
        let cell = |index: &usize| raw(row, *index).map(|cell| cell.unwrap_or_default().to_vec());
        key = Some(StoredKey(model.key_at.iter().map(cell).collect::<Result<_, Error>>()?));
        Ok(())
    };
    session.run(call.statement, call.params, each).await?;
    Ok(key)
}

/// A key as the server sent it.
struct StoredKey(Vec<Vec<u8>>);

impl Parameters for StoredKey {
    fn count(&self) -> usize {
        self.0.len()
    }

    fn write(&self, index: usize, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        out.extend_from_slice(&self.0[index]);
        Ok(IsNull::No)
    }
}
