//! Rows that are locked first, because what is asked of them changes before they are written.

use std::borrow::Cow;

use crate::table::facts::TableId;
use crate::unit_of_work::changes::{Changes, Deletion, Update};
use crate::unit_of_work::grouped::grouped;
use crate::unit_of_work::steps;
use crate::unit_of_work::steps::Step;
use crate::write::encoded_row::EncodedRow;

/// Rows that belonged to others and must have done so until now are asked for that by the statement that writes them;
/// where they are written before, or together with others, go with others by themselves, or what they refer to changes
/// before, by one that comes first.
pub(super) fn belonging(changes: &mut Changes, late: &[bool], changes_before: bool) -> Vec<Locked> {
    let dropped = changes.dropped.iter().map(|place| &changes.carried[*place]);
    let carried = dropped.map(|row| Locked {
        table: row.key.id(),
        version: None,
        by: Cow::Borrowed(row.by),
        row: row.encoded.clone(),
    });
    let mut locked: Vec<Locked> = carried.collect();
    for (deletion, late) in changes.deletes.iter_mut().zip(late) {
        if !deletion.by.is_empty() && (changes_before || *late || deletion.table().is_circular) {
            let Deletion { table, version, encoded, by } = deletion;
            let (table, version, row) = (*table, *version, encoded.clone());
            locked.push(Locked { table, version, by: std::mem::take(by).into(), row });
        }
    }
    let is_late =
        |update: &&mut Update| !update.by.is_empty() && (changes_before || !update.waits.is_empty());
    for update in changes.updates.iter_mut().filter(is_late) {
        let (table, row) = (update.key.id(), update.before.clone());
        locked.push(Locked { table, version: None, by: std::mem::take(&mut update.by).into(), row });
    }
    locked
}

/// Rows that are written later, and have a version. Where rows are removed by a condition, each one that is changed
/// has to be there before: what is missing afterwards was removed by this flush.
pub(super) fn written_later<'c>(
    later: &'c [&'c Update],
    deletes: &'c [Deletion],
    removes: bool,
) -> impl Iterator<Item = Locked> + 'c {
    let updates =
        later.iter().filter(move |update| removes || update.version.is_some()).map(|update| Locked {
            table: update.key.id(),
            version: update.version,
            by: Cow::Borrowed(&[]),
            row: update.encoded.clone(),
        });
    let deletes = deletes.iter().filter(|deletion| deletion.version.is_some());
    updates.chain(deletes.map(|deletion| Locked {
        table: deletion.table,
        version: deletion.version,
        by: Cow::Borrowed(&[]),
        row: deletion.encoded.clone(),
    }))
}

/// Locks rows that later statements write, as they must be.
pub(super) fn locks(rows: impl Iterator<Item = Locked>, steps: &mut Vec<Step<'_>>) {
    let mut groups = grouped(rows, |one, other| {
        (one.table, one.version, &one.by) == (other.table, other.version, &other.by)
    });
    groups.sort_by_key(|group| group[0].table.facts().rank);
    for group in groups {
        let Locked { table, version, ref by, row: _ } = group[0];
        let by = by.clone();
        steps::lock(table, version, &by, group.into_iter().map(|locked| locked.row).collect(), steps);
    }
}

/// A row that is locked.
pub(super) struct Locked {
    table: TableId,
    /// The version column, if it is checked.
    version: Option<usize>,
    /// The columns in which it must be as it is known.
    by: Cow<'static, [usize]>,
    row: EncodedRow,
}
