//! A new row that is written on its own.

use std::sync::Arc;

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, Type};

use crate::entity::traits::{Entity, New, View};
use crate::error::{BoxError, Error};
use crate::load::read_back::read_back;
use crate::load::remember::Reading;
use crate::session::link::Session;
use crate::sql::one_row;
use crate::table::facts::Table;
use crate::table::model::{InsertModel, Model};
use crate::value::parameters::Parameters;
use crate::wire::call::Call;
use crate::wire::statement::Statement;
use crate::write::new_row::has_nested;

/// Writes a new row by one of the entity's insert statements, and answers it as this struct.
pub(super) async fn write<E: Entity, V: View<Of = E>>(
    session: &Session<'_>,
    model: &InsertModel,
    new: &E::New,
) -> Result<V, Error> {
    let given = given(model, new)?;
    let shape = V::shape();
    // What is answered beside relations is the entity: its key is looked at.
    let statement = match shape.is_plain() && !std::ptr::eq(shape, model.shape) {
        true => {
            let (text, parameters, answered) = one_row::insert(model, &given, shape);
            Arc::new(Statement::dynamic(model.table.writes(), text, parameters, answered))
        }
        false => model.statement(&given, || one_row::insert(model, &given, model.shape)),
    };
    let key = key_of(new, model, &given);
    let params = Picked { row: OfTable::new(new, model), columns: given };
    let call = Call { statement: &statement, params: &params };
    let row = read_back(
        session,
        E::model(),
        call,
        key.as_ref().map(|key| key as &dyn Parameters),
        Reading::ReadBack,
    )
    .await?;
    row.ok_or_else(|| Error::kept_out(E::model().table.shown))
}

/// What may be there already is written on its own.
pub(super) fn refuse_nested<N: New>(model: &InsertModel, new: &N) -> Result<(), Error> {
    if has_nested(|new_rows| new.nested(new_rows)) {
        return Err(Error::invalid(format!(
            "a row of `{}` that may be there already cannot have others nested in it, nor links: `insert` it, or write them afterwards",
            model.table.shown
        )));
    }
    Ok(())
}

/// The parameters of a new row that are given, if it can be written on its own.
pub(super) fn given<N: New>(model: &InsertModel, new: &N) -> Result<Vec<usize>, Error> {
    new.validate()?;
    if let Some(index) = (0..new.count()).find(|index| new.waiting(*index).is_some()) {
        return Err(Error::invalid(format!(
            "`{}.{}` is `Parent` or a handle, but the row is inserted on its own: nest it in its parent, insert it by the \
             unit of work, or give the key",
            model.table.shown,
            model.column(index).name,
        )));
    }
    Ok((0..new.count()).filter(|index| new.is_given(*index)).collect())
}

/// The primary key of a new row, where it is known before the row is written. An upsert may find the row
/// under another.
fn key_of<'n, N: New>(new: &'n N, model: &InsertModel, given: &[usize]) -> Option<Picked<'n, N>> {
    let parameter = |place: &usize| {
        let parameter = model.places.iter().position(|ours| ours == place)?;
        given.contains(&parameter).then_some(parameter)
    };
    let columns: Option<Vec<usize>> = N::Entity::model().table.key.iter().map(parameter).collect();
    let columns = columns.filter(|_| model.conflict.is_none())?;
    Some(Picked { row: OfTable::new(new, model), columns })
}

/// Some of the parameters of a row.
pub(super) struct Picked<'r, R> {
    pub(super) row: OfTable<'r, R>,
    pub(super) columns: Vec<usize>,
}

impl<R: Parameters> Parameters for Picked<'_, R> {
    fn count(&self) -> usize {
        self.columns.len()
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        self.row.write(self.columns[index], ty, out)
    }
}

/// The parameters of a row, each of which is named where it cannot be sent.
pub(super) struct OfTable<'r, R> {
    pub(super) row: &'r R,
    table: &'static Table,
    places: &'static [usize],
}

impl<'r, R> OfTable<'r, R> {
    pub(super) fn new(row: &'r R, model: &InsertModel) -> Self {
        OfTable { row, table: model.table, places: model.places }
    }

    pub(super) fn stored(row: &'r R, model: &Model) -> Self {
        OfTable { row, table: model.table, places: model.places }
    }
}

impl<R: Parameters> Parameters for OfTable<'_, R> {
    fn count(&self) -> usize {
        self.row.count()
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        self.row.write(index, ty, out).map_err(|why| {
            let column = &self.table.columns[self.places[index]];
            Error::encode(column.name, why).of_table(self.table.shown).into()
        })
    }
}
