//! Tables that inherit from other tables: partitions and INHERITS.

use crate::apply::fold::Fold;
use crate::catalog::Table;
use crate::identifier::QualifiedName;

impl Fold {
    /// The table itself, then all that inherit from it, parents before children.
    pub(crate) fn family(&self, table: &QualifiedName) -> Vec<QualifiedName> {
        let mut family = vec![table.clone()];
        let mut next = 0;
        while next < family.len() {
            for child in self.children(&family[next]) {
                if !family.contains(&child) {
                    family.push(child);
                }
            }
            next += 1;
        }
        family
    }

    /// The partitions of a table, without theirs.
    pub(crate) fn partitions(&self, table: &QualifiedName) -> Vec<QualifiedName> {
        self.tables_where(|candidate| {
            candidate.partition_of.as_ref().is_some_and(|partition| partition.parent == *table)
        })
    }

    /// The tables that inherit from this one directly.
    pub(crate) fn children(&self, table: &QualifiedName) -> Vec<QualifiedName> {
        self.tables_where(|candidate| {
            candidate.inherits.contains(table)
                || candidate.partition_of.as_ref().is_some_and(|partition| partition.parent == *table)
        })
    }

    /// Notes that some table inherits from another one, or is a partition. Until then no search is needed.
    pub(crate) fn has_inheritance(&mut self) {
        self.inheritance = true;
    }

    fn tables_where(&self, condition: impl Fn(&Table) -> bool) -> Vec<QualifiedName> {
        if !self.inheritance {
            return Vec::new();
        }
        self.catalog.tables().filter(|table| condition(table)).map(|table| table.name.clone()).collect()
    }
}
