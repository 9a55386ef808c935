//! Items in memory under the keys that they are found by.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::value::row_key::LinkKey;

/// Items under keys. Those of one key come one after another, so most of them need not look for their group.
pub(crate) struct Keyed<T> {
    open: Option<(LinkKey, Vec<T>)>,
    closed: HashMap<LinkKey, Vec<T>>,
}

impl<T> Keyed<T> {
    pub(crate) fn new() -> Self {
        Keyed { open: None, closed: HashMap::new() }
    }

    pub(crate) fn push(&mut self, key: LinkKey, item: T) {
        match &mut self.open {
            Some((open, items)) if *open == key => items.push(item),
            _ => {
                self.close();
                self.open = Some((key, vec![item]));
            }
        }
    }

    /// The items of a key, in the order in which they came.
    pub(crate) fn get(&mut self, key: &LinkKey) -> &[T] {
        self.close();
        self.closed.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same, which are not there any more.
    pub(crate) fn take(&mut self, key: &LinkKey) -> Vec<T> {
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
