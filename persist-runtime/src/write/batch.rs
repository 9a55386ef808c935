//! Rows that one statement writes, and its parameters.

use std::sync::Arc;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{IsNull, Kind, Type};

use crate::error::BoxError;
use crate::sql::source::Source;
use crate::value::parameters::Parameters;
use crate::value::random;
use crate::value::scalar::write_array;
use crate::write::encoded_row::{Cell, EncodedRow};

/// Rows, and what the parameters of their statement are made of.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<EncodedRow>,
    pub(crate) sources: Arc<[Source]>,
    /// Lists of places, for [`Source::Places`].
    pub(crate) places: Vec<Vec<i32>>,
    /// The numbers of settings, for [`Source::Setting`].
    pub(crate) settings: Vec<usize>,
}

impl Parameters for Batch {
    fn count(&self) -> usize {
        self.sources.len()
    }

    fn write(&self, index: usize, ty: &Type, out: &mut BytesMut) -> Result<IsNull, BoxError> {
        match &self.sources[index] {
            Source::Column(column) => {
                write_cells(ty, self.rows.iter().map(|row| row.cell(*column)), out)?;
            }
            Source::Cell(column) => {
                return Ok(self.rows.first().map_or(IsNull::Yes, |row| put(row.cell(*column), out)));
            }
            Source::Elements(column) => self.elements(*column, ty, out)?,
            Source::First(column) => {
                let bounds = self.bounds(*column)?;
                write_array(
                    ty,
                    &bounds,
                    |bound, _, out| Ok(put_int(bound.map(|(first, _)| first), out)),
                    out,
                )?;
            }
            Source::Last(column) => {
                let bounds = self.bounds(*column)?;
                write_array(ty, &bounds, |bound, _, out| Ok(put_int(bound.map(|(_, last)| last), out)), out)?;
            }
            Source::Places(list) => {
                write_array(ty, &self.places[*list], |place, _, out| Ok(put_int(Some(*place), out)), out)?;
            }
            Source::Setting(setting) => {
                out.extend_from_slice(format!("persist.h{}", self.settings[*setting]).as_bytes());
            }
            Source::Count => out.put_i32(i32::try_from(self.rows.len())?),
            Source::HighBase => out.put_i32(high()),
        }
        Ok(IsNull::No)
    }
}

/// A number at which hardly any other session parks, with room for the rows of a batch above it.
fn high() -> i32 {
    1_000_000_000 + (random::fraction() * 999_000_000.0) as i32
}

impl Batch {
    /// Writes one array of the elements of all rows.
    fn elements(&self, column: usize, ty: &Type, out: &mut BytesMut) -> Result<(), BoxError> {
        let element = element_of(ty)?;
        let mut has_null = 0;
        let mut count = 0_i32;
        let mut elements = BytesMut::new();
        for row in &self.rows {
            if let Some(array) = Elements::read(row.cell(column))? {
                has_null |= array.has_null;
                count = count.checked_add(array.count).ok_or(TOO_MANY)?;
                elements.extend_from_slice(array.elements);
            }
        }
        out.put_i32(i32::from(count > 0));
        out.put_i32(has_null);
        out.put_u32(element.oid());
        if count > 0 {
            out.put_i32(count);
            out.put_i32(1);
            out.extend_from_slice(&elements);
        }
        Ok(())
    }

    /// Where the elements of each row are among those of all; `None` is NULL.
    fn bounds(&self, column: usize) -> Result<Vec<Option<(i32, i32)>>, BoxError> {
        let mut last = 0_i32;
        let mut bounds = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let Some(array) = Elements::read(row.cell(column))? else {
                bounds.push(None);
                continue;
            };
            let before = last;
            last = before.checked_add(array.count).ok_or(TOO_MANY)?;
            // Saturates only for an empty array after as many elements as can be counted, whose beginning is
            // not used.
            bounds.push(Some((before.saturating_add(1), last)));
        }
        Ok(bounds)
    }
}

/// Writes values that were encoded before as an array. How long they are is known, so that they are copied
/// and nothing else.
fn write_cells<'c>(
    ty: &Type,
    cells: impl Iterator<Item = Cell<'c>> + Clone,
    out: &mut BytesMut,
) -> Result<(), BoxError> {
    let element = element_of(ty)?;
    let (mut count, mut has_null, mut size) = (0_usize, 0, 0);
    for cell in cells.clone() {
        count += 1;
        match cell {
            Cell::Value(value) => size += LENGTH + value.len(),
            Cell::Absent | Cell::Null => (has_null, size) = (1, size + LENGTH),
        }
    }
    [1, has_null].into_iter().for_each(|number| out.put_i32(number));
    out.put_u32(element.oid());
    [i32::try_from(count)?, 1].into_iter().for_each(|number| out.put_i32(number));
    let start = out.len();
    out.resize(start + size, 0);
    let mut rest = &mut out[start..];
    for cell in cells {
        let (length, value) = match cell {
            Cell::Value(value) => (i32::try_from(value.len())?, value),
            Cell::Absent | Cell::Null => (-1, &[][..]),
        };
        let (place, after) = rest.split_at_mut(LENGTH);
        let (copy, after) = after.split_at_mut(value.len());
        place.copy_from_slice(&length.to_be_bytes());
        copy.copy_from_slice(value);
        rest = after;
    }
    Ok(())
}

fn element_of(ty: &Type) -> Result<&Type, BoxError> {
    match ty.kind() {
        Kind::Array(element) => Ok(element),
        _ => Err(format!("an array was bound where SQL expects `{ty}`").into()),
    }
}

/// The bytes of the length in front of each element.
const LENGTH: usize = size_of::<i32>();

const TOO_MANY: &str = "the arrays of a column have more elements than one statement can count";

/// An array of one dimension as it travels.
struct Elements<'c> {
    has_null: i32,
    count: i32,
    elements: &'c [u8],
}

impl<'c> Elements<'c> {
    fn read(cell: Cell<'c>) -> Result<Option<Self>, BoxError> {
        let Cell::Value(bytes) = cell else { return Ok(None) };
        let number =
            |at: usize| -> Option<i32> { Some(i32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?)) };
        match (number(0), number(4), number(12)) {
            (Some(0), ..) => Ok(Some(Elements { has_null: 0, count: 0, elements: &[] })),
            (Some(1), Some(has_null), Some(count)) => {
                Ok(Some(Elements { has_null, count, elements: &bytes[20..] }))
            }
            _ => Err("an array of several dimensions cannot be written with other rows".into()),
        }
    }
}

fn put(cell: Cell<'_>, out: &mut BytesMut) -> IsNull {
    match cell {
        Cell::Value(value) => {
            out.extend_from_slice(value);
            IsNull::No
        }
        Cell::Absent | Cell::Null => IsNull::Yes,
    }
}

fn put_int(value: Option<i32>, out: &mut BytesMut) -> IsNull {
    match value {
        Some(value) => {
            out.put_i32(value);
            IsNull::No
        }
        None => IsNull::Yes,
    }
}
