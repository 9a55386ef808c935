//! Rows that were taken out of structs after their own unit of work has brought, moved or removed some by other means.

use crate::table::facts::Table;
use crate::table::link::Orphans;
use crate::table::shape::Relation;
use crate::unit_of_work::pending::{Pending, Saved};
use crate::unit_of_work::relations::{is_owning, orphans};
use crate::unit_of_work::to_be_read::may_show_less;
use crate::value::row_key::{KeyMap, KeySet};
use crate::write::encoded_row::{Cell, EncodedRow, same};
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;
use crate::write::saved_row::SavedRow;
use crate::write::snapshot::relations;

/// Rows of which has to be known where they are now, and what is below them.
#[derive(Default)]
pub(super) struct LetGo {
    /// With the rows to which they belonged, and by which columns.
    pub(super) rows: KeyMap<RowKey, (RowKey, &'static [usize])>,
    /// The places of the structs among those that are saved.
    pub(super) roots: Vec<usize>,
}

pub(super) fn let_go(identity_map: &IdentityMap, pending: &Pending) -> LetGo {
    let mut let_go = LetGo::default();
    if pending.saved.is_empty() || !identity_map.has_stirred() {
        return let_go;
    }
    let held: KeySet<RowKey> = pending.saved.iter().flat_map(|saved| &saved.nodes).map(RowKey::of).collect();
    for (place, saved) in pending.saved.iter().enumerate() {
        let is_known = saved.nodes.first().is_some_and(|root| identity_map.knows(root));
        let before = let_go.rows.len();
        for node in saved.nodes.iter().filter(|node| is_known && !node.relations.is_empty()) {
            let owner = RowKey::of(node);
            let Some(known) = identity_map.get(&owner) else { continue };
            for (relation, _) in node.relations.iter().filter(|(relation, _)| is_owning(*relation)) {
                let has_changed = identity_map.may_have_changed(known, *relation);
                let then = known.relation(*relation).into_iter().flatten();
                for key in then.filter(|key| !held.contains(*key)) {
                    let is_deleted = matches!(orphans(*relation), Orphans::Delete);
                    if has_changed || is_deleted && may_show_less(identity_map, key.clone()) {
                        let_go.rows.insert(key.clone(), (owner.clone(), relation.far()));
                    }
                }
            }
        }
        if let_go.rows.len() > before {
            let_go.roots.push(place);
        }
    }
    let_go
}

/// A row that belonged to a struct, and may have been moved by its own unit of work: as it was then.
pub(super) struct MayHaveMoved {
    pub(super) owner: RowKey,
    pub(super) key: RowKey,
    pub(super) by: &'static [usize],
    pub(super) row: EncodedRow,
}

/// The rows that belonged to this one by a relation: those that are not there any more, and those that another struct has
/// shown elsewhere meanwhile.
pub(super) fn may_have_moved(
    identity_map: &IdentityMap,
    owner: &SavedRow,
    relation: Relation,
    now: &KeySet<RowKey>,
) -> Vec<MayHaveMoved> {
    let owner_key = RowKey::of(owner);
    let Some(known) = identity_map.get(&owner_key) else { return Vec::new() };
    let (owners, owner_row) = (owner_key.table(), known.row());
    let mut found = Vec::new();
    for key in known.relation(relation).into_iter().flatten() {
        let Some(row) = identity_map.get(key).map(|known| known.row()) else { continue };
        let is_elsewhere = refers_elsewhere(relation, (key.table(), &row), (owners, &owner_row));
        if is_elsewhere != now.contains(key) {
            continue;
        }
        let as_then = |row: EncodedRow, (far, near)| row.replaced(far, owner_row.cell(near));
        let row = if is_elsewhere { relation.pairs().fold(row, as_then) } else { row };
        found.push(MayHaveMoved { owner: owner_key.clone(), key: key.clone(), by: relation.far(), row });
    }
    found
}

/// A struct that shows a row which its own unit of work has moved since does not hold it any more, unless something of it
/// was changed there.
pub(super) fn no_more_held(identity_map: &IdentityMap, saved: &mut Saved, moved: &MayHaveMoved) {
    let keys: Vec<RowKey> = saved.nodes.iter().map(RowKey::of).collect();
    // A struct may show a row at several places.
    let places =
        |key: &RowKey| -> Vec<usize> { (0..keys.len()).filter(|place| keys[*place] == *key).collect() };
    let (owners, children) = (places(&moved.owner), places(&moved.key));
    if !children.iter().all(|child| is_unchanged(identity_map, &saved.nodes, *child, moved.by)) {
        return;
    }
    for owner in owners {
        let relations = &mut saved.nodes[owner].relations;
        let over = relations.iter_mut().filter(|(relation, _)| relation.is_over(moved.by));
        over.for_each(|(_, places)| places.retain(|place| !children.contains(place)));
    }
}

/// Is a row as it is known, but for these columns, and all that belongs to it?
fn is_unchanged(identity_map: &IdentityMap, nodes: &[SavedRow], place: usize, but: &[usize]) -> bool {
    let node = &nodes[place];
    let Some(known) = identity_map.get(&RowKey::of(node)) else { return false };
    let row = known.row();
    let is_same = |at: &usize| {
        but.contains(at) || same(node.model.table.columns[*at].oid, row.cell(*at), node.encoded.cell(*at))
    };
    let mut below = node.relations.iter().filter(|(relation, _)| is_owning(*relation));
    node.model.places.iter().all(is_same)
        && relations(node, nodes).iter().all(|(relation, now)| known.relation(*relation) == Some(now))
        && below.all(|(_, places)| places.iter().all(|place| is_unchanged(identity_map, nodes, *place, &[])))
}

/// Does a row refer to another one than this owner, as far as bytes tell? Each with its table.
pub(super) fn refers_elsewhere(
    relation: Relation,
    (table, row): (&Table, &EncodedRow),
    (owners, owner): (&Table, &EncodedRow),
) -> bool {
    relation.pairs().any(|(far, near)| {
        let (here, there) = (row.cell(far), owner.cell(near));
        let is_known = here != Cell::Absent && there != Cell::Absent;
        is_known && here != there && table.columns[far].is_exactly(&owners.columns[near])
    })
}
