//! A row as it travels: the encoded values of its columns.

use bytes::{Bytes, BytesMut};
use tokio_postgres::types::{IsNull, Oid, Type};

use crate::error::Error;
use crate::table::column::ColumnModel;
use crate::value::parameters::Parameters;
use crate::value::row_key::LinkKey;

/// The encoded values of some columns: how many there are, where each value is, and then the values. One
/// piece of memory, which rows that were encoded one after another share.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EncodedRow(Bytes);

/// The encoded value of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell<'i> {
    /// It is left to its DEFAULT, or not known yet.
    Absent,
    Null,
    Value(&'i [u8]),
}

/// Encodes one row after another, into memory that they share.
#[derive(Default)]
pub(crate) struct Encoder {
    bytes: BytesMut,
    /// How many bytes are asked for at once.
    room: usize,
}

/// The bytes of the number of columns, and of each half of a place.
const NUMBER: usize = size_of::<u32>();
/// The bytes of the place of a value: where it begins, and how long it is.
const PLACE: usize = 2 * NUMBER;

// Lengths that no value has: the protocol counts with signs.
const ABSENT: u32 = u32::MAX;
const NULL: u32 = u32::MAX - 1;

/// Bytes that are asked for at first, and at most: the more rows there are, the more of them share a piece of
/// memory.
const FIRST_ROOM: usize = 1 << 10;
const MOST_ROOM: usize = 1 << 15;
/// Bytes that the values of a row take, if it is a short one.
const SHORT: usize = 128;

impl Encoder {
    /// Begins a row of so many columns, all of them absent. What was begun before and not finished is
    /// dropped.
    pub(crate) fn begin(&mut self, columns: usize) {
        let head = NUMBER + columns * PLACE;
        self.bytes.clear();
        if self.bytes.capacity() < head + SHORT {
            self.room = (self.room * 2).clamp(FIRST_ROOM, MOST_ROOM);
            self.bytes.reserve(self.room.max(head + SHORT));
        }
        self.bytes.resize(head, ABSENT.to_ne_bytes()[0]);
        self.bytes[..NUMBER].copy_from_slice(&(columns as u32).to_ne_bytes());
    }

    /// Adds the value of the column at a place that is to be written, which is the parameter at an index of
    /// the row.
    pub(crate) fn value(
        &mut self,
        place: usize,
        column: &ColumnModel,
        row: &dyn Parameters,
        index: usize,
    ) -> Result<(), Error> {
        let start = self.bytes.len();
        self.read(place, column, row, index)?;
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
        place: usize,
        column: &ColumnModel,
        row: &dyn Parameters,
        index: usize,
    ) -> Result<(), Error> {
        let start = self.bytes.len();
        let written = row.write(index, &type_of(column.oid)?, &mut self.bytes);
        let length = match written.map_err(|source| Error::encode(column.name, source))? {
            IsNull::Yes => NULL,
            IsNull::No => length(self.bytes.len() - start)
                .filter(|_| u32::try_from(start).is_ok())
                .ok_or_else(|| Error::encode(column.name, "the row is too long".into()))?,
        };
        self.note(place, start, length);
        Ok(())
    }

    /// Adds a value that was encoded before.
    pub(crate) fn cell(&mut self, place: usize, cell: Cell<'_>) {
        let start = self.bytes.len();
        let length = match cell {
            Cell::Absent => return,
            Cell::Null => NULL,
            Cell::Value(value) => {
                self.bytes.extend_from_slice(value);
                value.len() as u32
            }
        };
        self.note(place, start, length);
    }

    /// The row that was begun.
    pub(crate) fn finish(&mut self) -> EncodedRow {
        EncodedRow(self.bytes.split().freeze())
    }

    /// Notes down where the value of the column at a place is.
    fn note(&mut self, place: usize, start: usize, length: u32) {
        let at = NUMBER + place * PLACE;
        let noted = &mut self.bytes[at..at + PLACE];
        noted[..NUMBER].copy_from_slice(&(start as u32).to_ne_bytes());
        noted[NUMBER..].copy_from_slice(&length.to_ne_bytes());
    }
}

impl EncodedRow {
    /// A row of values that were encoded before.
    pub(crate) fn of_cells<'i>(cells: impl ExactSizeIterator<Item = Cell<'i>>) -> EncodedRow {
        let room = NUMBER + cells.len() * PLACE + SHORT;
        let mut encoder = Encoder { bytes: BytesMut::with_capacity(room), ..Encoder::default() };
        encoder.begin(cells.len());
        cells.enumerate().for_each(|(place, cell)| encoder.cell(place, cell));
        encoder.finish()
    }

    /// The value of the column at an index; absent where there is no such column.
    pub(crate) fn cell(&self, index: usize) -> Cell<'_> {
        if index >= self.columns() {
            return Cell::Absent;
        }
        match self.length(index) {
            ABSENT => Cell::Absent,
            NULL => Cell::Null,
            length => {
                let start = self.number(NUMBER + index * PLACE) as usize;
                Cell::Value(&self.0[start..start + length as usize])
            }
        }
    }

    /// The same row with another value of one column.
    pub(crate) fn replaced(&self, index: usize, value: Cell<'_>) -> EncodedRow {
        if self.cell(index) == value {
            return self.clone();
        }
        let cell = |at| if at == index { value } else { self.cell(at) };
        EncodedRow::of_cells((0..self.columns()).map(cell))
    }

    /// The same row; what is absent in it is as in an older one of the same columns.
    pub(crate) fn over(&self, older: &EncodedRow) -> EncodedRow {
        let is_absent = |at| self.length(at) == ABSENT && older.length(at) != ABSENT;
        if !(0..self.columns()).any(is_absent) {
            return self.clone();
        }
        let cell = |at| if is_absent(at) { older.cell(at) } else { self.cell(at) };
        EncodedRow::of_cells((0..self.columns()).map(cell))
    }

    /// The same row with one value more.
    pub(crate) fn extended(&self, value: Cell<'_>) -> EncodedRow {
        let cell = |at| if at == self.columns() { value } else { self.cell(at) };
        EncodedRow::of_cells((0..self.columns() + 1).map(cell))
    }

    /// The values of these columns; `None` where one has none.
    pub(crate) fn values<'i>(
        &'i self,
        places: &'static [usize],
    ) -> impl ExactSizeIterator<Item = Option<&'i [u8]>> {
        places.iter().map(|place| match self.cell(*place) {
            Cell::Absent | Cell::Null => None,
            Cell::Value(value) => Some(value),
        })
    }

    /// The key in these columns; `None` where one of them has no value.
    pub(crate) fn key(&self, indices: impl ExactSizeIterator<Item = usize>) -> Option<LinkKey> {
        LinkKey::of_cells(indices.map(|index| match self.cell(index) {
            Cell::Absent | Cell::Null => None,
            Cell::Value(value) => Some(value),
        }))
    }

    /// Have the same columns a value, be it NULL?
    pub(crate) fn has_same_columns(&self, other: &EncodedRow) -> bool {
        let are_alike = |index| (self.length(index) == ABSENT) == (other.length(index) == ABSENT);
        self.columns() == other.columns() && (0..self.columns()).all(are_alike)
    }

    /// How many bytes it takes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn columns(&self) -> usize {
        self.number(0) as usize
    }

    /// How long the value of a column is, or what stands for a value.
    fn length(&self, index: usize) -> u32 {
        self.number(NUMBER + index * PLACE + NUMBER)
    }

    fn number(&self, at: usize) -> u32 {
        self.0.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(0, |number| u32::from_ne_bytes(*number))
    }
}

/// Values are not shown.
impl std::fmt::Debug for EncodedRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncodedRow").field("columns", &self.columns()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").finish_non_exhaustive()
    }
}

/// Are two values of a column the same? Documents are compared as such: the order of their members may differ
/// from one encoding to the next.
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
    let (Some(one), Some(other)) = (one.get(skipped..), other.get(skipped..)) else { return false };
    let read = |bytes| serde_json::from_slice::<serde_json::Value>(bytes).ok();
    // Two numbers may be one float.
    read(one).is_some_and(|one| read(other) == Some(one)) && long_numbers(one) == long_numbers(other)
}

/// The numbers of a document that are longer than a float is exact, in an order.
#[cfg(feature = "json")]
fn long_numbers(document: &[u8]) -> Vec<&[u8]> {
    const EXACT: usize = 15;
    let mut numbers = Vec::new();
    let mut rest = document;
    while let Some(first) = rest.first() {
        let length = match first {
            b'"' => text_length(rest),
            b'0'..=b'9' | b'-' => {
                let is_part = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
                let length = rest.iter().take_while(|byte| is_part(byte)).count();
                numbers.extend((length > EXACT).then(|| &rest[..length]));
                length
            }
            _ => 1,
        };
        rest = rest.get(length..).unwrap_or_default();
    }
    numbers.sort_unstable();
    numbers
}

/// How long a text is with its quotation marks.
#[cfg(feature = "json")]
fn text_length(document: &[u8]) -> usize {
    let mut is_escaped = true;
    let end = document.iter().position(|byte| {
        let is_end = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(document.len(), |end| end + 1)
}

#[cfg(not(feature = "json"))]
fn same_document(_: Oid, _: &[u8], _: &[u8]) -> bool {
    false
}

fn type_of(oid: Oid) -> Result<Type, Error> {
    Type::from_oid(oid)
        .ok_or_else(|| Error::invalid(format!("no type with OID {oid} is built into PostgreSQL")))
}

/// A length that the protocol can count.
fn length(bytes: usize) -> Option<u32> {
    i32::try_from(bytes).ok()?.try_into().ok()
}

/// Is it an array of arrays? Each array begins with the number of its dimensions.
fn is_nested_array(column: &ColumnModel, value: &[u8]) -> bool {
    column.is_array() && value.first_chunk().is_some_and(|dimensions| i32::from_be_bytes(*dimensions) > 1)
}

#[cfg(test)]
mod tests {

    use bytes::BufMut as _;

    use super::{BytesMut, Cell, ColumnModel, Encoder, IsNull, Parameters, Type, same};
    use crate::error::BoxError;

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
    fn documents_are_compared_as_such_and_by_each_digit() {
        let are_same =
            |one: &str, other: &str| same(114, Cell::Value(one.as_bytes()), Cell::Value(other.as_bytes()));
        let long = r#"{"a": 12345678901234567890123456789, "b": "\"1234567890123456789\\"}"#;
        assert!(are_same(r#"{"a":1,"b":[2.5]}"#, r#"{ "b": [2.5], "a": 1 }"#));
        assert!(are_same(long, r#"{"b":"\"1234567890123456789\\","a":12345678901234567890123456789}"#));
        assert!(!are_same(long, &long.replace("789,", "788,")));
        assert!(!are_same(r#"["1234567890123456789"]"#, r#"["1234567890123456788"]"#));
        assert!(!are_same("[1]", "[2]"));
    }

    #[test]
    fn an_array_of_arrays_can_be_read_but_is_refused_before_it_is_written() {
        let name = "board";
        let column = ColumnModel::new(name, 1007, 0);
        let mut encoder = Encoder::default();
        encoder.begin(1);
        let error = encoder.value(0, &column, &Nested, 0).unwrap_err();
        let said = error.to_string();
        assert!(
            error.is_encode() && said.contains("`board`") && said.contains("several dimensions"),
            "{said}"
        );
        encoder.begin(1);
        encoder.read(0, &column, &Nested, 0).unwrap();
    }
}
