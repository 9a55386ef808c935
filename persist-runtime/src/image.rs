//! A row as it travels: the encoded values of its columns.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::error::Error;
use crate::parameters::Parameters;
use crate::row_key::LinkKey;
use crate::shape::ColumnModel;

/// The encoded values of some columns.
#[derive(Debug, Clone)]
pub(crate) struct Image {
    bytes: Bytes,
    cells: Arc<[Place]>,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Absent,
    Null,
    /// Where it begins, and how long it is.
    At(usize, u32),
}

/// The encoded value of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'i> {
    /// It is left to its DEFAULT, or not known yet.
    Absent,
    Null,
    Value(&'i [u8]),
}

/// Encodes one row after another, into memory that they share.
#[derive(Debug, Default)]
pub(crate) struct Encoder {
    bytes: BytesMut,
    cells: Vec<Place>,
}

/// Bytes that are asked for at once: some rows of usual size.
const ROOM: usize = 2048;

impl Encoder {
    /// Adds the value of a column that is to be written, which is the parameter at an index of the row.
    pub(crate) fn value(
        &mut self,
        column: &ColumnModel,
        row: &dyn Parameters,
        index: usize,
    ) -> Result<(), Error> {
        let start = self.bytes.len();
        self.read(column, row, index)?;
        if is_nested_array(column, &self.bytes[start..]) {
            let why = "an array of several dimensions cannot be written by a unit of work, which sends the elements of several rows \
                       as one list; write the row by its repository";
            return Err(Error::encode(column.name, why.into()));
        }
        Ok(())
    }

    /// The same of a value that was read.
    pub(crate) fn read(
        &mut self,
        column: &ColumnModel,
        row: &dyn Parameters,
        index: usize,
    ) -> Result<(), Error> {
        if self.bytes.capacity() < ROOM / 8 {
            self.bytes.reserve(ROOM);
        }
        let start = self.bytes.len();
        let written = row.write(index, &type_of(column.oid)?, &mut self.bytes);
        let place = match written.map_err(|source| Error::encode(column.name, source))? {
            IsNull::Yes => Place::Null,
            IsNull::No => {
                let length = u32::try_from(self.bytes.len() - start);
                Place::At(start, length.map_err(|error| Error::encode(column.name, error.into()))?)
            }
        };
        self.cells.push(place);
        Ok(())
    }

    /// Adds a value that was encoded before.
    pub(crate) fn cell(&mut self, cell: Cell<'_>) {
        self.cells.push(match cell {
            Cell::Absent => Place::Absent,
            Cell::Null => Place::Null,
            Cell::Value(value) => {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(value);
                Place::At(start, length(value))
            }
        });
    }

    /// The row that was added.
    pub(crate) fn finish(&mut self) -> Image {
        Image { bytes: self.bytes.split().freeze(), cells: self.cells.drain(..).collect() }
    }
}

impl Image {
    /// A row of values that were encoded before.
    pub(crate) fn of_cells<'i>(cells: impl IntoIterator<Item = Cell<'i>>) -> Image {
        let mut encoder = Encoder::default();
        cells.into_iter().for_each(|cell| encoder.cell(cell));
        encoder.finish()
    }

    /// Some columns of the row.
    pub(crate) fn picked(&self, indices: impl IntoIterator<Item = usize>) -> Image {
        let cells = indices.into_iter().map(|index| self.cells[index]).collect();
        Image { bytes: self.bytes.clone(), cells }
    }

    /// The value of the column at an index; absent where there is no such column.
    pub(crate) fn cell(&self, index: usize) -> Cell<'_> {
        match self.cells.get(index) {
            None | Some(Place::Absent) => Cell::Absent,
            Some(Place::Null) => Cell::Null,
            Some(Place::At(start, length)) => Cell::Value(&self.bytes[*start..*start + *length as usize]),
        }
    }

    /// The same row with another value of one column.
    pub(crate) fn replaced(&self, index: usize, value: Cell<'_>) -> Image {
        if self.cell(index) == value {
            return self.clone();
        }
        let mut bytes = BytesMut::with_capacity(self.bytes.len() + ROOM / 8);
        bytes.extend_from_slice(&self.bytes);
        let mut cells = self.cells.to_vec();
        cells[index] = match value {
            Cell::Absent => Place::Absent,
            Cell::Null => Place::Null,
            Cell::Value(value) => {
                let start = bytes.len();
                bytes.extend_from_slice(value);
                Place::At(start, length(value))
            }
        };
        Image { bytes: bytes.freeze(), cells: cells.into() }
    }

    /// The same row with one value more.
    pub(crate) fn extended(&self, value: &[u8]) -> Image {
        let cells = (0..self.cells.len()).map(|index| self.cell(index));
        Image::of_cells(cells.chain([Cell::Value(value)]))
    }

    /// The key in these columns; `None` where one of them has no value.
    pub(crate) fn key(&self, indices: impl ExactSizeIterator<Item = usize>) -> Option<LinkKey> {
        LinkKey::of_cells(indices.map(|index| match self.cell(index) {
            Cell::Absent | Cell::Null => None,
            Cell::Value(value) => Some(value),
        }))
    }

    /// Have the same columns a value, be it NULL?
    pub(crate) fn has_same_columns(&self, other: &Image) -> bool {
        let is_absent = |place: &Place| matches!(place, Place::Absent);
        self.cells.iter().zip(&*other.cells).all(|(ours, theirs)| is_absent(ours) == is_absent(theirs))
    }

    /// How many bytes it takes.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// Are two values of a column the same? Documents are compared as such: the order of their members may differ from one
/// encoding to the next.
pub(crate) fn same(oid: Oid, one: Cell<'_>, other: Cell<'_>) -> bool {
    match (one, other) {
        (Cell::Value(one), Cell::Value(other)) => one == other || same_document(oid, one, other),
        (one, other) => one == other,
    }
}

#[cfg(feature = "json")]
fn same_document(oid: Oid, one: &[u8], other: &[u8]) -> bool {
    let skipped = match Type::from_oid(oid) {
        // The first byte is the version of the format.
        Some(Type::JSONB) => 1,
        Some(Type::JSON) => 0,
        _ => return false,
    };
    let read = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes.get(skipped..)?).ok();
    read(one).is_some_and(|one| read(other) == Some(one))
}

#[cfg(not(feature = "json"))]
fn same_document(_: Oid, _: &[u8], _: &[u8]) -> bool {
    false
}

fn type_of(oid: Oid) -> Result<Type, Error> {
    Type::from_oid(oid)
        .ok_or_else(|| Error::invalid(format!("no type with OID {oid} is built into PostgreSQL")))
}

/// How long a value is that was encoded before, and so was found to be short enough.
fn length(value: &[u8]) -> u32 {
    value.len() as u32
}

/// Is it an array of arrays? Each array begins with the number of its dimensions.
fn is_nested_array(column: &ColumnModel, value: &[u8]) -> bool {
    let is_array = column.array_oid == 0;
    is_array && value.first_chunk().is_some_and(|dimensions| i32::from_be_bytes(*dimensions) > 1)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use bytes::BufMut as _;

    use super::{BytesMut, ColumnModel, Encoder, IsNull, Parameters, Type};
    use crate::scalar::BoxError;

    /// As `{{1}}` travels.
    struct Nested;

    impl Parameters for Nested {
        fn count(&self) -> usize {
            1
        }

        fn write(&self, _: usize, _: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
            [2, 0, 23, 1, 1, 1, 1, 4, 1].into_iter().for_each(|number| out.put_i32(number));
            Ok(IsNull::No)
        }
    }

    #[test]
    fn an_array_of_arrays_can_be_read_but_is_refused_before_it_is_written() {
        let name = "board";
        let column = ColumnModel { name, oid: 1007, array_oid: 0, cast: "", array_cast: "" };
        let error = Encoder::default().value(&column, &Nested, 0).unwrap_err();
        assert!(error.is_encode() && error.to_string().contains("`board`"), "{error:?}");
        assert!(error.source().is_some_and(|why| why.to_string().contains("several dimensions")));
        Encoder::default().read(&column, &Nested, 0).unwrap();
    }
}
