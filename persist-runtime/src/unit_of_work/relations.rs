//! What a relation means to those who write its rows.

use crate::table::link::Orphans;
use crate::table::shape::Relation;

/// Do the rows on the other side belong to this one, because they refer to it?
pub(super) fn is_owning(relation: Relation) -> bool {
    match relation {
        Relation::Many(many) => many.link.through.is_none(),
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
