//! What a relation means to those who write its rows.

use crate::table::column::ColumnModel;
use crate::table::model::Model;
use crate::table::shape::Relation;
use crate::table::shape::ToMany;

use crate::unit_of_work::changes::position;

/// Do the rows on the other side belong to this one, because they refer to it?
pub(super) fn is_owning(relation: Relation) -> bool {
    match relation {
        Relation::Many(many) => many.link.through.is_none(),
        Relation::One(one) => one.owned.is_some(),
    }
}

/// Does the database delete the rows on the other side, or the links to them, with this one?
pub(super) fn goes_along(relation: Relation) -> bool {
    match relation {
        Relation::Many(many) => many.owned.cascades,
        Relation::One(one) => one.owned.is_none_or(|owned| owned.cascades),
    }
}

/// The columns by which rows refer to the one that they belong to, and the columns there.
pub(super) fn owning_columns(relation: Relation) -> Vec<(&'static str, &'static str)> {
    match relation {
        Relation::Many(many) => {
            let near = many.key.iter().map(|column| column.name);
            many.link.columns.iter().map(|(far, _)| *far).zip(near).collect()
        }
        Relation::One(one) => one.on.iter().map(|(near, far)| (*far, *near)).collect(),
    }
}

/// The columns of this side that a relation refers to.
pub(super) fn relation_columns(
    model: &'static Model,
    relation: &'static ToMany,
) -> Vec<&'static ColumnModel> {
    let column = |name: &str| position(model, name).map(|index| model.writing.columns[index]);
    relation.key.iter().filter_map(|key| column(key.name)).collect()
}

/// The columns of the other side that a link table refers to.
pub(super) fn far_columns(model: &'static Model, relation: &'static ToMany) -> Vec<&'static ColumnModel> {
    let column = |name: &str| position(model, name).map(|index| model.writing.columns[index]);
    let on = relation.link.through.map_or(&[][..], |through| through.on);
    on.iter().filter_map(|(_, far)| column(far)).collect()
}
