//! A row as it travels: the encoded values of its columns.

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
    cells: Box<[Place]>,
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

/// Where the value of a column comes from.
pub(crate) enum Origin<'i> {
    /// The row itself has it.
    Row,
    /// It is this.
    Known(Cell<'i>),
}

impl Image {
    /// Encodes a row whose columns are the parameters of `row`.
    pub(crate) fn of(columns: &[&ColumnModel], row: &dyn Parameters) -> Result<Image, Error> {
        Image::with(columns, row, |_| Origin::Row)
    }

    /// Encodes a row some of whose values come from somewhere else.
    pub(crate) fn with<'i>(
        columns: &[&ColumnModel],
        row: &dyn Parameters,
        origin: impl Fn(usize) -> Origin<'i>,
    ) -> Result<Image, Error> {
        let mut bytes = BytesMut::new();
        let mut cells = Vec::with_capacity(columns.len());
        for (index, column) in columns.iter().enumerate() {
            let start = bytes.len();
            let is_null = match origin(index) {
                Origin::Row => {
                    let ty = type_of(column.oid)?;
                    let written = row.write(index, &ty, &mut bytes);
                    written.map_err(|source| Error::encode(column.name, source))?
                }
                Origin::Known(Cell::Absent) => {
                    cells.push(Place::Absent);
                    continue;
                }
                Origin::Known(Cell::Null) => IsNull::Yes,
                Origin::Known(Cell::Value(value)) => {
                    bytes.extend_from_slice(value);
                    IsNull::No
                }
            };
            cells.push(match is_null {
                IsNull::Yes => Place::Null,
                IsNull::No => Place::At(short(start)?, short(bytes.len())?),
            });
        }
        Ok(Image { bytes: bytes.freeze(), cells: cells.into() })
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
        let mut bytes = BytesMut::from(&*self.bytes);
        let mut cells = self.cells.clone();
        cells[index] = match value {
            Cell::Absent => Place::Absent,
            Cell::Null => Place::Null,
            Cell::Value(value) => {
                let start = bytes.len() as u32;
                bytes.extend_from_slice(value);
                Place::At(start, bytes.len() as u32)
            }
        };
        Image { bytes: bytes.freeze(), cells }
    }

    /// The key in these columns; `None` where one of them has no value.
    pub(crate) fn key(&self, indices: impl ExactSizeIterator<Item = usize>) -> Option<LinkKey> {
        LinkKey::of_cells(indices.map(|index| match self.cell(index) {
            Cell::Absent | Cell::Null => None,
            Cell::Value(value) => Some(value),
        }))
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
