//! The bytes by which children find their parents.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::error::Error;
use crate::row::raw;

/// The binary form of a key, of one column or several.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum LinkKey {
    /// Most keys are integers or UUIDs, which need no allocation.
    Short(u8, [u8; SHORT]),
    Long(Box<[u8]>),
}

const SHORT: usize = 16;

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
        let mut bytes = Vec::with_capacity(SHORT * 4);
        for index in indices {
            let Some(cell) = raw(row, index)? else { return Ok(None) };
            // Without their lengths, ("ab", "c") and ("a", "bc") would be one key.
            bytes.extend_from_slice(&cell.len().to_le_bytes());
            bytes.extend_from_slice(cell);
        }
        Ok(Some(LinkKey::Long(bytes.into())))
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

/// Items under keys. Those of one key come behind each other, so most of them need not look for their group.
pub(super) struct Keyed<T> {
    open: Option<(LinkKey, Vec<T>)>,
    closed: HashMap<LinkKey, Vec<T>>,
}

impl<T> Keyed<T> {
    pub(super) fn new() -> Self {
        Keyed { open: None, closed: HashMap::new() }
    }

    pub(super) fn push(&mut self, key: LinkKey, item: T) {
        match &mut self.open {
            Some((open, items)) if *open == key => items.push(item),
            _ => {
                self.close();
                self.open = Some((key, vec![item]));
            }
        }
    }

    /// The items of a key, in the order in which they came.
    pub(super) fn get(&mut self, key: &LinkKey) -> &[T] {
        self.close();
        self.closed.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same, which are not there any more.
    pub(super) fn take(&mut self, key: &LinkKey) -> Vec<T> {
        self.close();
        self.closed.remove(key).unwrap_or_default()
    }

    fn close(&mut self) {
        let Some((key, items)) = self.open.take() else { return };
        match self.closed.entry(key) {
            Entry::Vacant(place) => {
                place.insert(items);
            }
            Entry::Occupied(mut place) => place.get_mut().extend(items),
        }
    }
}
