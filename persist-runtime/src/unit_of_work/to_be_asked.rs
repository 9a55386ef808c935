//! What has to be asked before structs can be compared: rows of which it is not known whether they are there, or what they
//! have where others refer to them.

use crate::error::Error;
use crate::sql::batch::Hold;
use crate::table::shape::{Relation, ToMany};
use crate::unit_of_work::changes::LinkRow;
use crate::unit_of_work::diff::links::link_between;
use crate::unit_of_work::let_go::{MayHaveMoved, may_have_moved};
use crate::unit_of_work::pending::{Intent, Pending, Saved};
use crate::unit_of_work::relations::{Below, below, inserts, is_named, is_owning};
use crate::value::row_key::KeySet;
use crate::write::encoded_row::EncodedRow;
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;
use crate::write::saved_row::SavedRow;
use crate::write::snapshot::Snapshot;

/// A row of which something is asked; of a link the row on this side.
pub(super) struct Asked {
    pub(super) why: Why,
    pub(super) key: RowKey,
    pub(super) question: Question,
}

/// What is asked.
pub(super) enum Question {
    /// Is the row there, and does it belong by these columns to the same rows?
    Row(EncodedRow, Hold, &'static [usize]),
    /// What has it in these columns?
    Names(EncodedRow, Vec<usize>),
    /// Is the link there?
    Link(LinkRow),
    /// Has this transaction itself moved it away from the row that it belonged to?
    Moved(MayHaveMoved),
}

/// What follows from the answer.
#[derive(Clone, Copy)]
pub(super) enum Why {
    /// The struct at this place among those that are saved holds it: if it is not there, it is inserted.
    New(usize),
    /// Others come to it: they refer to it by what it has now.
    Owner,
    /// The struct at this place shows it, at another place, below a row of another aggregate, which is not written: if it is
    /// not there, it would be lost.
    Shown(usize, usize),
    /// It was taken out of a struct, and this unit of work may have removed it before: if it is not there, nothing is to be
    /// done for it.
    Lost,
    /// The same, or the struct at this place shows it still: if this unit of work has moved it, it stays where it is.
    Moved(usize),
}

impl Question {
    /// Is it asked by the same statement, of the same table?
    pub(super) fn is_like(&self, other: &Question) -> bool {
        match (self, other) {
            (Question::Row(_, hold, by), Question::Row(_, other, others)) => (hold, by) == (other, others),
            (Question::Names(_, columns), Question::Names(_, others)) => columns == others,
            (Question::Moved(moved), Question::Moved(other)) => moved.by == other.by,
            (Question::Link(link), Question::Link(other)) => {
                std::ptr::eq::<ToMany>(link.relation, other.relation)
            }
            _ => false,
        }
    }
}

/// Whatever has to be asked.
pub(super) fn to_be_asked(identity_map: &IdentityMap, pending: &mut Pending) -> Result<Vec<Asked>, Error> {
    let mut asked = Vec::new();
    for (at, saved) in pending.saved.iter_mut().enumerate() {
        for (place, hold) in may_be_new(saved) {
            let row = &saved.nodes[place];
            let key = RowKey::of(row);
            let is_new = row.model.makes_key() && key.is_blank();
            if !is_new && identity_map.get(&key).is_none() {
                let question = Question::Row(row.encoded.clone(), hold, &[]);
                asked.push(Asked { why: Why::New(at), key, question });
            }
        }
        if identity_map.has_lost_any() {
            may_be_lost(identity_map, (at, saved), &mut asked);
        }
        owners(identity_map, saved, &mut asked);
        let shown = shown_below(identity_map, saved);
        if !shown.is_empty() {
            saved.ask_stored();
        }
        for shown in shown {
            asked.push(asked_below(&saved.nodes, &shown, Why::Shown(at, shown.place))?);
        }
    }
    Ok(asked)
}

/// The places of the rows of a struct that are inserted where they are not there, and what they are locked for.
fn may_be_new(saved: &Saved) -> Vec<(usize, Hold)> {
    let linked = saved.nodes.iter().flat_map(|row| &row.relations).filter(|(relation, _)| inserts(*relation));
    let mut rows: Vec<(usize, Hold)> =
        linked.flat_map(|(_, places)| places).map(|place| (*place, Hold::ToReferTo)).collect();
    let mut open: Vec<usize> = if saved.intent == Intent::Merge { vec![0] } else { Vec::new() };
    while let Some(place) = open.pop() {
        let Some(row) = saved.nodes.get(place) else { continue };
        let owned = row.relations.iter().filter(|(relation, _)| is_owning(*relation));
        open.extend(owned.flat_map(|(_, places)| places));
        rows.push((place, Hold::ToWrite));
    }
    rows
}

/// The rows that a struct showed and does not any more, where some of their table went away since it was read.
fn may_be_lost(identity_map: &IdentityMap, (at, saved): (usize, &Saved), asked: &mut Vec<Asked>) {
    for node in &saved.nodes {
        let Some(known) = identity_map.get(&RowKey::of(node)) else { continue };
        let lossy = node
            .relations
            .iter()
            .filter(|(relation, _)| is_owning(*relation) && identity_map.may_have_lost(known, *relation));
        for (relation, places) in lossy {
            let now: KeySet<RowKey> = places.iter().map(|place| RowKey::of(&saved.nodes[*place])).collect();
            let then = known.relation(*relation).into_iter().flatten().filter(|key| !now.contains(*key));
            asked.extend(then.filter_map(|key| {
                let question = Question::Row(identity_map.get(key)?.row(), Hold::ToWrite, &[]);
                Some(Asked { why: Why::Lost, key: key.clone(), question })
            }));
            asked.extend(may_have_moved(identity_map, node, *relation, &now).into_iter().map(|moved| {
                let key = moved.key.clone();
                Asked { why: Why::Moved(at), key, question: Question::Moved(moved) }
            }));
        }
    }
}

/// The rows to which others come that refer to them by other columns than their keys.
fn owners(identity_map: &IdentityMap, saved: &Saved, asked: &mut Vec<Asked>) {
    for node in &saved.nodes {
        for (relation, places) in node.relations.iter().filter(|(relation, _)| is_owning(*relation)) {
            if places.is_empty() || !is_named(*relation, node.model.table) {
                continue;
            }
            let key = RowKey::of(node);
            let Some(known) = identity_map.get(&key) else { continue };
            if some_come(known, *relation, &saved.nodes, places) {
                let columns = relation.pairs().map(|(_, near)| near).collect();
                let question = Question::Names(node.encoded.clone(), columns);
                asked.push(Asked { why: Why::Owner, key, question });
            }
        }
    }
}

/// Did some of these rows not belong to a row before?
fn some_come(known: &Snapshot, relation: Relation, rows: &[SavedRow], places: &[usize]) -> bool {
    let then: KeySet<&RowKey> = known.relation(relation).into_iter().flatten().collect();
    places.iter().any(|place| !then.contains(&RowKey::of(&rows[*place])))
}

/// What a struct shows below rows of other aggregates that are not written with it, and of which it is not known that it is
/// stored.
fn shown_below(identity_map: &IdentityMap, saved: &Saved) -> Vec<Below> {
    let rows = &saved.nodes;
    let mut shown: Vec<Below> = Vec::new();
    for (relation, places) in rows.iter().flat_map(|row| &row.relations) {
        if is_owning(*relation) {
            continue;
        }
        for place in places {
            let is_bare = rows[*place].relations.iter().all(|(_, places)| places.is_empty());
            if is_bare || !saved.is_detached && identity_map.knows(&rows[*place]) {
                continue;
            }
            shown.extend(below(rows, *place));
        }
    }
    shown.retain(|shown| {
        let row = &rows[shown.place];
        let is_new = row.model.makes_key() && RowKey::of(row).is_blank();
        !is_new && !is_known_below(identity_map, rows, shown)
    });
    shown.sort_unstable_by_key(|shown| shown.place);
    shown.dedup_by_key(|shown| shown.place);
    shown
}

/// Has this unit of work read that a row belongs to the one above it, or is linked to it?
pub(super) fn is_known_below(identity_map: &IdentityMap, rows: &[SavedRow], shown: &Below) -> bool {
    let above = identity_map.get(&RowKey::of(&rows[shown.above]));
    let then = above.and_then(|above| above.relation(shown.relation));
    then.is_some_and(|then| then.contains(&RowKey::of(&rows[shown.place])))
}

fn asked_below(rows: &[SavedRow], shown: &Below, why: Why) -> Result<Asked, Error> {
    let (above, row) = (&rows[shown.above], &rows[shown.place]);
    if let Relation::Many(many) = shown.relation
        && many.link.through.is_some()
    {
        return Ok(Asked {
            why,
            key: RowKey::of(above),
            question: Question::Link(link_between(many, above, row)?),
        });
    }
    let (table, owners) = (row.model.table, above.model.table);
    let is_alike = |(far, near): (usize, usize)| table.columns[far].oid == owners.columns[near].oid;
    // What the row above is called may have changed since it was read.
    let is_by_key = !is_named(shown.relation, owners) && shown.relation.pairs().all(is_alike);
    let by = if is_by_key { shown.relation.far() } else { &[] };
    let refers = |row: EncodedRow, (far, near)| row.replaced(far, above.encoded.cell(near));
    let encoded = match is_by_key {
        true => shown.relation.pairs().fold(row.encoded.clone(), refers),
        false => row.encoded.clone(),
    };
    Ok(Asked { why, key: RowKey::of(row), question: Question::Row(encoded, Hold::ToReferTo, by) })
}
