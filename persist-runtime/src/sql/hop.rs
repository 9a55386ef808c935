//! The step from a row to the rows on the other side of a relation.

use crate::sql::far_side::{FarSide, Near};
use crate::sql::scope::{Alias, Scope};
use crate::sql::table::Conditions;
use crate::sql::writer::Writer;
use crate::table::shape::Relation;

/// The step from a row of one table to those of another. The limit of the relation does not count here.
#[derive(Clone)]
pub(crate) struct Hop {
    pub(crate) from: Scope,
    pub(crate) to: Scope,
    pub(crate) relation: Relation,
}

impl Hop {
    /// A step that was not taken before.
    pub(crate) fn new(from: Scope, relation: Relation) -> Hop {
        Hop { from, to: Scope::fresh(), relation }
    }

    /// Writes `FROM the other side WHERE it belongs to the row`. A link table inside of another one's hides
    /// it, which nothing inside can name.
    pub(crate) fn write(&self, sql: &mut Writer<'_>) -> Conditions {
        let far = FarSide::new(self.relation, Alias::Scope(self.to));
        let mut conditions = far.from(sql);
        let near = |Near { column, .. }: Near, sql: &mut Writer<'_>| {
            sql.alias(Alias::Scope(self.from)).push(".").push(column);
        };
        far.refers(&mut conditions, near, sql);
        far.filter(&mut conditions, sql);
        conditions
    }
}
