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
    At(u32, u32),
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
    /// Adds the value of a column, which is the parameter at an index of the row.
    pub(crate) fn value(
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
            IsNull::No => Place::At(short(start)?, short(self.bytes.len())?),
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
                // What was encoded before was short enough.
                let start = self.bytes.len() as u32;
                self.bytes.extend_from_slice(value);
                Place::At(start, self.bytes.len() as u32)
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

    /// The value of the column at an index.
    pub(crate) fn cell(&self, index: usize) -> Cell<'_> {
        match self.cells[index] {
            Place::Absent => Cell::Absent,
            Place::Null => Cell::Null,
            Place::At(start, end) => Cell::Value(&self.bytes[start as usize..end as usize]),
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
                let start = bytes.len() as u32;
                bytes.extend_from_slice(value);
                Place::At(start, bytes.len() as u32)
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

fn short(length: usize) -> Result<u32, Error> {
    u32::try_from(length).map_err(|_| Error::invalid("a row of more than 4 GiB cannot be sent"))
}
