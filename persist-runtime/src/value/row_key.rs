//! The bytes of a key, by which rows are found in memory: children by their parents, and what was read
//! before.

use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use foldhash::fast::RandomState;

use crate::error::Error;
use crate::value::cell::raw;

/// The binary form of a key, of one column or several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LinkKey {
    /// Most keys are integers or UUIDs, which need no allocation.
    Short(u8, [u8; SHORT]),
    Long(Box<[u8]>),
}

const SHORT: usize = 16;

/// A map by keys of rows, which a flush asks for several times a row. The hasher is seeded, like the slower
/// one of the standard library.
pub(crate) type KeyMap<K, V> = HashMap<K, V, RandomState>;

/// A set of keys of rows.
pub(crate) type KeySet<K> = HashSet<K, RandomState>;

impl Hash for LinkKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            // What is shorter is filled up with zeros; whether two are the same is asked of their lengths,
            // too.
            LinkKey::Short(_, bytes) => state.write_u128(u128::from_ne_bytes(*bytes)),
            LinkKey::Long(bytes) => state.write(bytes),
        }
    }
}

impl LinkKey {
    /// The key in the cells at these indices; `None` where one of them is NULL, which refers to nothing.
    pub(crate) fn read(
        row: &tokio_postgres::Row,
        mut indices: impl ExactSizeIterator<Item = usize>,
    ) -> Result<Option<LinkKey>, Error> {
        if indices.len() == 1 {
            let cell = indices.next().map_or(Ok(None), |index| raw(row, index))?;
            return Ok(cell.map(LinkKey::of));
        }
        let cells: Vec<Option<&[u8]>> = indices.map(|index| raw(row, index)).collect::<Result<_, _>>()?;
        Ok(LinkKey::of_cells(cells.into_iter()))
    }

    /// The key of these cells; `None` where one of them is NULL.
    pub(crate) fn of_cells<'c>(
        mut cells: impl ExactSizeIterator<Item = Option<&'c [u8]>>,
    ) -> Option<LinkKey> {
        if cells.len() == 1 {
            return cells.next()?.map(LinkKey::of);
        }
        let mut bytes = Vec::with_capacity(SHORT * 4);
        for cell in cells {
            let cell = cell?;
            // Without their lengths, ("ab", "c") and ("a", "bc") would be one key.
            bytes.extend_from_slice(&cell.len().to_le_bytes());
            bytes.extend_from_slice(cell);
        }
        Some(LinkKey::Long(bytes.into()))
    }

    /// The cells of a key that has this many.
    pub(crate) fn cells(&self, count: usize) -> Vec<&[u8]> {
        let mut rest = match self {
            LinkKey::Short(length, bytes) => &bytes[..usize::from(*length)],
            LinkKey::Long(bytes) => bytes,
        };
        if count == 1 {
            return vec![rest];
        }
        let mut cells = Vec::with_capacity(count);
        while let Some((length, after)) = rest.split_first_chunk() {
            let (cell, after) = after.split_at(usize::from_le_bytes(*length));
            cells.push(cell);
            rest = after;
        }
        cells
    }

    fn of(bytes: &[u8]) -> LinkKey {
        match bytes.len() {
            length @ ..=SHORT => {
                let mut short = [0; SHORT];
                short[..length].copy_from_slice(bytes);
                LinkKey::Short(length as u8, short)
            }
            _ => LinkKey::Long(bytes.into()),
        }
    }
}
