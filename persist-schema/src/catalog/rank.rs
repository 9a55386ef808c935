//! In which order rows of several tables can be written: foreign keys are followed to the tables that they
//! lead to.

use std::collections::BTreeMap;

use super::database::Catalog;
use super::table::{Table, TableKind};
use crate::identifier::QualifiedName;

/// The place of a table among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rank {
    /// How many tables one after the other must have their rows before this one can: each foreign key leads
    /// to a lower level. Tables that refer to each other in a circle have the same.
    pub level: u32,
    /// Is the table in a circle of several? That it refers to itself does not count.
    pub is_circular: bool,
}

impl Catalog {
    /// The place of the table of exactly this name. A partition has that of the table which it is a part of,
    /// because rows that are written to one are found in the other.
    pub fn rank(&self, table: &QualifiedName) -> Rank {
        let Some(table) = self.table_named(table) else { return Rank { level: 0, is_circular: false } };
        let whole = &whole(self, table).name;
        let mut search = Search { catalog: self, found: BTreeMap::new(), open: Vec::new() };
        search.visit(whole);
        search.rank(whole).unwrap_or(Rank { level: 0, is_circular: false })
    }
}

/// Tarjan's algorithm: a circle is complete before those who refer to it.
struct Search<'c> {
    catalog: &'c Catalog,
    found: BTreeMap<&'c QualifiedName, Found>,
    /// The tables whose circle is not complete.
    open: Vec<&'c QualifiedName>,
}

struct Found {
    number: usize,
    rank: Option<Rank>,
}

impl<'c> Search<'c> {
    /// Follows the foreign keys of a table; the lowest number among those of its circle that were met.
    fn visit(&mut self, table: &'c QualifiedName) -> usize {
        let (number, place) = (self.found.len(), self.open.len());
        self.found.insert(table, Found { number, rank: None });
        self.open.push(table);
        let mut lowest = number;
        for parent in self.parents(table) {
            lowest = lowest.min(match self.found.get(parent) {
                None => self.visit(parent),
                Some(Found { number, rank: None }) => *number,
                Some(Found { rank: Some(_), .. }) => continue,
            });
        }
        if lowest == number {
            let circle = self.open.split_off(place);
            self.close(&circle);
        }
        lowest
    }

    /// All that a circle leads to has its rank.
    fn close(&mut self, circle: &[&'c QualifiedName]) {
        let parents = circle.iter().flat_map(|table| self.parents(table));
        let below = parents.filter_map(|parent| self.rank(parent)).map(|rank| rank.level + 1).max();
        let rank = Rank { level: below.unwrap_or(0), is_circular: circle.len() > 1 };
        for table in circle {
            if let Some(found) = self.found.get_mut(*table) {
                found.rank = Some(rank);
            }
        }
    }

    fn rank(&self, table: &QualifiedName) -> Option<Rank> {
        self.found.get(table)?.rank
    }

    /// The other tables that the keys of a table, and of its partitions, lead to.
    fn parents(&self, table: &'c QualifiedName) -> Vec<&'c QualifiedName> {
        let catalog = self.catalog;
        let own = catalog.table_named(table).into_iter();
        let is_partitioned =
            catalog.table_named(table).is_some_and(|table| table.kind == TableKind::PartitionedTable);
        let parts = catalog.tables().filter(|part| {
            is_partitioned && part.partition_of.is_some() && whole(catalog, part).name == *table
        });
        let keys = own.chain(parts).flat_map(|part| &part.foreign_keys);
        let parents = keys.filter_map(|key| catalog.table_named(&key.references));
        parents.map(|parent| &whole(catalog, parent).name).filter(|parent| *parent != table).collect()
    }
}

/// The table that a partition is a part of, however deep; any other table itself.
fn whole<'c>(catalog: &'c Catalog, table: &'c Table) -> &'c Table {
    let mut whole = table;
    while let Some(parent) =
        whole.partition_of.as_ref().and_then(|partition| catalog.table_named(&partition.parent))
    {
        whole = parent;
    }
    whole
}
