//! The typed groups of a relation: rows that wait, or structs that are complete.

use std::any::Any;

use tokio_postgres::Row as Arrived;

use crate::error::Error;
use crate::load::group::{Decoding, Group, Grouping, Loaded};
use crate::load::keyed::Keyed;
use crate::load::row::Row;
use crate::load::shape::Shape;
use crate::table::depth::{MOST_LEVELS, too_deep};
use crate::value::cell::cell;
use crate::value::row_key::LinkKey;

/// The rows of a relation whose struct is `C`.
pub(crate) struct Groups<C> {
    grouping: Grouping,
    decoded: Keyed<C>,
    rows: Keyed<Arrived>,
}

impl<C: Shape> Groups<C> {
    /// No rows yet.
    pub(crate) fn boxed(grouping: Grouping) -> Box<dyn Group> {
        Box::new(Groups::<C> { grouping, decoded: Keyed::new(), rows: Keyed::new() })
    }

    /// The structs that belong to the row with this key, in their order.
    pub(crate) fn take(&mut self, key: &LinkKey) -> Result<Vec<C>, Error> {
        match self.grouping.decoding {
            Decoding::AtOnce => Ok(self.decoded.take(key)),
            Decoding::OnDemand => self.decode_all(key),
            Decoding::Tree(relation) => self.decode_tree(key, relation),
        }
    }

    fn decode_all(&mut self, key: &LinkKey) -> Result<Vec<C>, Error> {
        let Groups { rows, grouping, .. } = self;
        rows.get(key).iter().map(|row| C::decode(&mut Row::new(row, &mut grouping.below))).collect()
    }

    /// The rows of a tree came from the deepest level up, so that each finds its children in the group that
    /// leads from one level to the next.
    fn decode_tree(&mut self, root: &LinkKey, relation: usize) -> Result<Vec<C>, Error> {
        let Groups { rows, grouping, .. } = self;
        let parent_at = grouping.link_at + grouping.link_width;
        let depth = match rows.get(root).first() {
            Some(deepest) => cell::<i32>(deepest, parent_at + grouping.link_width)?,
            None => 0,
        };
        if depth.unsigned_abs() > MOST_LEVELS {
            return Err(too_deep(C::TABLE, "say `max_depth` at the relation"));
        }
        for row in rows.get(root) {
            let node = C::decode(&mut Row::new(row, &mut grouping.below))?;
            let parent = LinkKey::read(row, parent_at..parent_at + grouping.link_width)?;
            if let (Some(parent), Some(level)) = (parent, typed::<C>(&mut grouping.below, relation)) {
                level.decoded.push(parent, node);
            }
        }
        match typed::<C>(&mut grouping.below, relation) {
            Some(level) => level.take(root),
            None => Ok(Vec::new()),
        }
    }
}

/// The group of a relation, as what it is.
pub(crate) fn typed<C: Shape>(loaded: &mut Loaded, relation: usize) -> Option<&mut Groups<C>> {
    loaded.groups[relation].as_any().downcast_mut()
}

impl<C: Shape> Group for Groups<C> {
    fn accept(&mut self, row: Arrived) -> Result<(), Error> {
        let link = self.grouping.link_at..self.grouping.link_at + self.grouping.link_width;
        let Some(key) = LinkKey::read(&row, link)? else { return Ok(()) };
        match self.grouping.decoding {
            Decoding::AtOnce => {
                let child = C::decode(&mut Row::new(&row, &mut self.grouping.below))?;
                self.decoded.push(key, child);
            }
            Decoding::OnDemand | Decoding::Tree(_) => self.rows.push(key, row),
        }
        Ok(())
    }

    fn below(&mut self) -> &mut Loaded {
        &mut self.grouping.below
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}
