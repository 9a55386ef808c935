//! What a relation means to those who write its rows.

use crate::table::facts::Table;
use crate::table::link::Orphans;
use crate::table::shape::Relation;
use crate::write::saved_row::SavedRow;

/// Do the rows on the other side belong to this one, because they refer to it?
pub(super) fn is_owning(relation: Relation) -> bool {
    match relation {
        Relation::Many(many) => many.link.through.is_none() && many.climb.is_none(),
        Relation::One(one) => one.owned.is_some(),
    }
}

/// Are the rows on the other side of a link table inserted with this one, where they are not there?
pub(super) fn inserts(relation: Relation) -> bool {
    matches!(relation, Relation::Many(many) if many.inserts)
}

/// Does the database delete the rows on the other side, or the links to them, with this one?
pub(super) fn goes_along(relation: Relation) -> bool {
    match relation {
        Relation::Many(many) => many.owned.cascades,
        Relation::One(one) => one.owned.is_none_or(|owned| owned.cascades),
    }
}

/// What becomes of rows that are taken out of a relation.
pub(super) fn orphans(relation: Relation) -> Orphans {
    match relation {
        Relation::Many(many) => many.owned.orphans,
        Relation::One(one) => one.owned.map_or(Orphans::Null(&[]), |owned| owned.orphans),
    }
}

/// Do rows of the other side refer to this table by other columns than its primary key?
pub(super) fn is_named(relation: Relation, table: &Table) -> bool {
    relation.pairs().any(|(_, near)| !table.key.contains(&near))
}

/// A row in a struct that belongs to another, or is linked to it.
pub(super) struct Below {
    /// The place of the other one.
    pub(super) above: usize,
    pub(super) relation: Relation,
    pub(super) place: usize,
}

/// The rows below one in a struct that belong to it or are linked to it, and those below them.
pub(super) fn below(rows: &[SavedRow], place: usize) -> Vec<Below> {
    let (mut below, mut open) = (Vec::new(), vec![place]);
    while let Some(above) = open.pop() {
        for (relation, places) in &rows[above].relations {
            open.extend(places);
            if is_owning(*relation) || is_link(*relation) {
                below.extend(places.iter().map(|place| Below { above, relation: *relation, place: *place }));
            }
        }
    }
    below
}

fn is_link(relation: Relation) -> bool {
    matches!(relation, Relation::Many(many) if many.link.through.is_some())
}
