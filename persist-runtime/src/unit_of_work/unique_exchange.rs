//! UNIQUE keys: values that a row gives up for a moment, because another row of the same flush wants them.

use std::borrow::Cow;

use crate::error::Error;
use crate::table::column::ColumnModel;
use crate::table::facts::{Meets, Parking, Reference, Table, TableId, Unique};
use crate::unit_of_work::changes::{Changes, Deletion, Update};
use crate::unit_of_work::grouped::distinct;
use crate::unit_of_work::steps::{self, Step};
use crate::value::row_key::{KeyMap, KeySet, LinkKey};
use crate::write::encoded_row::{Cell, EncodedRow};
use crate::write::identity::RowKey;
use crate::write::identity_map::IdentityMap;

/// How values are given up before other rows take them.
#[derive(Default)]
pub(super) struct GivenUp {
    /// Statements that park them.
    pub(super) steps: Vec<Step<'static>>,
    /// The rows that leave a partial index: they are changed first.
    pub(super) leaving: KeySet<RowKey>,
}

/// Parks the values that another row of this flush wants before they are given up, and has the rows that stay
/// write the parked column, whether its own value changes or not. `late` says which deletions come only
/// afterwards.
pub(super) fn park(changes: &mut Changes, late: &[bool]) -> Result<GivenUp, Error> {
    let GivenUp { mut steps, mut leaving } = GivenUp::default();
    let late = late_rows(changes, late);
    for table in tables(changes) {
        for unique in table.facts().uniques {
            let (mut rows, mut moving) = given_up(changes, &late, (table, unique), By::Likeness);
            let parking = parking(unique, changes, &moving);
            if parking.is_none() && !unique.loose.is_empty() {
                // Where nothing can be parked, the server is asked, unless it is known what it would say.
                (rows, moving) = given_up(changes, &late, (table, unique), By::Value);
            }
            if parking.is_none() {
                moving.retain(|place| {
                    let update = &changes.updates[*place];
                    let leaves = is_within(&update.encoded, unique) == Some(false);
                    if leaves {
                        leaving.insert(update.key.clone());
                    }
                    !leaves
                });
            }
            if rows.is_empty() && moving.is_empty() {
                continue;
            }
            for place in moving {
                let update = &mut changes.updates[place];
                rows.push(update.before.clone());
                if let Some((column, _)) = parking {
                    update.add_dirty(column);
                }
            }
            match parking {
                Some(parking) => steps::park(table, parking, rows, &mut steps),
                // One statement exchanges the values, if the exchange is all there is.
                None if unique.deferrable => {}
                // Whether both rows are in a partial index is for the server to say, where it is not known.
                None if is_unsure(changes, table, unique) => {}
                None => return Err(not_parked(table.facts(), unique)),
            }
        }
    }
    Ok(GivenUp { steps, leaving })
}

/// Is it not known of some row that may want a value, or has one, whether it is in the index?
fn is_unsure(changes: &Changes, table: TableId, unique: &Unique) -> bool {
    let changed = changes.updates.iter().filter(|update| update.key.id() == table);
    let mut rows = wanted(changes, table, unique).chain(changed.map(|update| &update.before));
    rows.any(|row| is_within(row, unique).is_none())
}

/// How values of a UNIQUE key are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// By what is certain: those that are not compared by their bytes may all be the same.
    Likeness,
    /// By their bytes, and texts that are not compared by those without regard to case.
    Value,
}

/// The rows that are deleted late and have a value that another row of this flush wants, and the places of the
/// changed rows that give one up.
fn given_up(
    changes: &Changes,
    late: &[(TableId, EncodedRow)],
    (table, unique): (TableId, &Unique),
    by: By,
) -> (Vec<EncodedRow>, Vec<usize>) {
    let mut late = late.iter().filter(|(of, _)| *of == table).peekable();
    let updates = changes.updates.iter().enumerate();
    let mut moving =
        updates.filter(|(_, update)| update.key.id() == table && gives_up(update, unique)).peekable();
    if late.peek().is_none() && moving.peek().is_none() {
        return (Vec::new(), Vec::new());
    }
    let mut wanted_by: KeyMap<LinkKey, usize> = KeyMap::default();
    let value = |row: &EncodedRow| value(row, table.facts(), unique, by);
    wanted(changes, table, unique)
        .filter_map(value)
        .for_each(|value| *wanted_by.entry(value).or_default() += 1);
    let wanting =
        |row: &EncodedRow| value(row).and_then(|value| wanted_by.get(&value)).copied().unwrap_or_default();
    // A row that keeps its value is one of those that want it.
    let is_left = |update: &Update| {
        let itself = usize::from(value(&update.before) == value(&update.encoded));
        wanting(&update.before) > itself
    };
    let late = late.filter(|(_, row)| wanting(row) > 0);
    let moving = moving.filter(|(_, update)| is_left(update));
    (late.map(|(_, row)| row.clone()).collect(), moving.map(|(place, _)| place).collect())
}

/// A value passes from one row to another, and rows that refer to such values are written, too: whether they stay with
/// the value or with the row that had it cannot be told by what they refer to.
pub(super) fn refuse_passed_on(changes: &Changes, identity_map: &IdentityMap) -> Result<(), Error> {
    for table in tables(changes) {
        for unique in table.facts().uniques {
            let value = |row: &EncodedRow| value(row, table.facts(), unique, By::Value);
            let changed =
                changes.updates.iter().filter(|update| update.key.id() == table && !update.is_whole);
            let changed = changed
                .filter(|update| gives_up(update, unique) && value(&update.before) != value(&update.encoded));
            let deleted = changes.deletes.iter().filter(|deletion| deletion.table == table);
            let given_up =
                changed.map(|update| &update.before).chain(deleted.map(|deletion| &deletion.encoded));
            let mut given_up = given_up.peekable();
            if given_up.peek().is_none() || wanted(changes, table, unique).next().is_none() {
                continue;
            }
            let given_up: KeySet<LinkKey> = given_up.filter_map(value).collect();
            let is_passed_on = |row: &EncodedRow| value(row).is_some_and(|value| given_up.contains(&value));
            if given_up.is_empty() || !wanted(changes, table, unique).any(is_passed_on) {
                continue;
            }
            let written =
                changes.inserts.iter().map(|row| row.model.id()).chain(tables_of_rows(changes, |_| true));
            let known = distinct(written.chain(identity_map.tables().iter().copied()));
            let mut referring = referring(table, unique, &known).into_iter();
            if let Some((other, _)) = referring.find(|(other, by)| may_regroup(changes, *other, by)) {
                return Err(passed_on(table.facts(), unique, other.facts()));
            }
        }
    }
    Ok(())
}

/// The foreign keys that refer to the values of a UNIQUE key, and those that refer to their columns in turn.
fn referring(table: TableId, unique: &Unique, known: &[TableId]) -> Vec<(TableId, &'static Reference)> {
    let all = known.iter().flat_map(|other| other.facts().references.iter().map(|by| (*other, by)));
    let is_over = |reference: &Reference| {
        let mut target = reference.target.iter();
        reference.target.len() == unique.columns.len() && target.all(|column| unique.columns.contains(column))
    };
    let direct = all.clone().filter(|(_, by)| by.is_to(table.facts()) && is_over(by));
    let mut found: Vec<(TableId, &'static Reference)> = direct.collect();
    let mut next = 0;
    while let Some((above, reference)) = found.get(next).copied() {
        for (other, by) in all.clone() {
            let refers =
                by.is_to(above.facts()) && by.target.iter().any(|column| reference.columns.contains(column));
            if refers && !found.iter().any(|(_, known)| std::ptr::eq(*known, by)) {
                found.push((other, by));
            }
        }
        next += 1;
    }
    found
}

/// Is it written of rows of a table to which row they refer? A row that stays with its owner, whose value changes, is not.
fn may_regroup(changes: &Changes, table: TableId, reference: &Reference) -> bool {
    let is_in_key = reference.columns.iter().any(|column| table.facts().key.contains(column));
    let mut updates = changes.updates.iter().filter(|update| update.key.id() == table);
    changes.regrouped.contains(&table)
        || changes.inserts.iter().any(|row| row.model.id() == table)
        || changes.deletes.iter().any(|row| row.table == table)
        || changes.carried.iter().any(|row| row.key.id() == table)
        || updates
            .any(|update| update.is_whole || is_in_key || changes.refers_anew(update, reference.columns))
}

fn passed_on(table: &Table, unique: &Unique, referring: &Table) -> Error {
    Error::invalid(format!(
        "a row of `{}` takes over a value of the UNIQUE key `{}` that another row gives up in the same flush, and rows of `{}` refer to it: \
         do that in two flushes, so that it is clear to which row they belong",
        table.shown, unique.name, referring.shown
    ))
}

/// The rows that are deleted last, with those that the database deletes with them.
fn late_rows(changes: &Changes, late: &[bool]) -> Vec<(TableId, EncodedRow)> {
    let late: Vec<&Deletion> =
        changes.deletes.iter().zip(late).filter(|(_, late)| **late).map(|(row, _)| row).collect();
    let keys: KeySet<RowKey> = late.iter().filter_map(|row| row.key()).collect();
    let carried = changes.carried.iter().filter(|row| keys.contains(&row.with));
    let carried = carried.map(|row| (row.key.id(), row.encoded.clone()));
    late.into_iter().map(|row| (row.table, row.encoded.clone())).chain(carried).collect()
}

/// The tables of which rows may give up values of UNIQUE keys in this flush, each once.
fn tables(changes: &Changes) -> Vec<TableId> {
    let tables = tables_of_rows(changes, |update| update.dirty.touches_unique);
    distinct(tables.filter(|table| !table.facts().uniques.is_empty()))
}

/// The table of each row that goes, or changes and is one of these.
fn tables_of_rows<'c>(
    changes: &'c Changes,
    is_one: impl Fn(&Update) -> bool + 'c,
) -> impl Iterator<Item = TableId> + 'c {
    let changed = changes.updates.iter().filter(move |update| is_one(update));
    let changed = changed.map(|update| update.key.id());
    let deleted = changes.deletes.iter().map(|deletion| deletion.table);
    changed.chain(deleted).chain(changes.carried.iter().map(|row| row.key.id()))
}

/// The best way to park in which all rows that stay can be given their own value back: it has to be known.
fn parking(unique: &Unique, changes: &Changes, staying: &[usize]) -> Option<(usize, Parking)> {
    let is_free = |column: usize| {
        let is_known = |place: &usize| {
            let update = &changes.updates[*place];
            update.version != Some(column) && update.encoded.cell(column) != Cell::Absent
        };
        staying.iter().all(is_known)
    };
    unique.parking.iter().copied().find(|(column, _)| is_free(*column))
}

/// The rows that are going to have values.
fn wanted<'c>(
    changes: &'c Changes,
    table: TableId,
    unique: &'c Unique,
) -> impl Iterator<Item = &'c EncodedRow> + 'c {
    let inserted = changes.inserts.iter().filter(move |row| row.model.id() == table);
    let changed = changes.updates.iter().filter(move |update| update.key.id() == table);
    let changed = changed.filter(|update| update.is_whole || gives_up(update, unique));
    inserted.map(|row| &row.encoded).chain(changed.map(|update| &update.encoded))
}

/// May the row have another value than before, or come into a partial index, or leave it?
pub(super) fn gives_up(update: &Update, unique: &Unique) -> bool {
    let differs = |column: &usize| {
        update.is_dirty(*column) && update.before.cell(*column) != update.encoded.cell(*column)
    };
    update.dirty.touches_unique
        && (unique.scope.is_some_and(|scope| update.changes_any(scope.columns))
            || unique.columns.iter().any(differs))
}

/// May a row have a UNIQUE value that another row of its table has?
pub(super) fn may_share(table: &Table, one: &EncodedRow, other: &EncodedRow) -> bool {
    let share = |unique: &Unique| {
        let is_unknown = |at: &usize| {
            let is_absent = one.cell(*at) == Cell::Absent || other.cell(*at) == Cell::Absent;
            is_absent || unique.loose.contains(at) || !table.columns[*at].is_compared_by_bytes()
        };
        unique.columns.iter().any(is_unknown)
            || value(one, table, unique, By::Value)
                .is_some_and(|one| value(other, table, unique, By::Value) == Some(one))
    };
    !table.unknown.is_empty() || table.uniques.iter().any(share)
}

/// Is a row in the index of a UNIQUE key? `None` where that is not known.
fn is_within(row: &EncodedRow, unique: &Unique) -> Option<bool> {
    let Some(scope) = unique.scope else { return Some(true) };
    let mut is_within = if scope.tests.is_empty() { None } else { Some(true) };
    for (column, holds) in scope.tests {
        let is_met = match (row.cell(*column), holds) {
            (Cell::Absent, _) => None,
            (Cell::Null, holds) => Some(*holds == Meets::Null),
            (Cell::Value(_), Meets::Null) => Some(false),
            (Cell::Value(_), Meets::NotNull) => Some(true),
            (Cell::Value(value), Meets::True) => Some(value == [1]),
            (Cell::Value(value), Meets::False) => Some(value == [0]),
            (Cell::Value(value), Meets::Is(text)) => Some(value == text.as_bytes()),
        };
        match is_met {
            Some(true) => {}
            Some(false) => return Some(false),
            None => is_within = None,
        }
    }
    is_within
}

/// The value of a UNIQUE key; `None` where no other row can have the same, and where it is not known.
fn value(row: &EncodedRow, table: &Table, unique: &Unique, by: By) -> Option<LinkKey> {
    if is_within(row, unique) == Some(false) {
        return None;
    }
    if unique.nulls_distinct && unique.loose.is_empty() {
        return row.key(unique.columns.iter().copied());
    }
    // A NULL may be a value like others; a byte in front tells it from any encoded value.
    let mut cells = Vec::new();
    for column in unique.columns {
        let is_loose = unique.loose.contains(column);
        cells.push(match row.cell(*column) {
            Cell::Absent => return None,
            Cell::Null if unique.nulls_distinct => return None,
            Cell::Null => vec![0],
            Cell::Value(_) if is_loose && by == By::Likeness => vec![1],
            Cell::Value(value) if is_loose => [&[1], &*folded(value, &table.columns[*column])].concat(),
            Cell::Value(value) => [&[1], value].concat(),
        });
    }
    LinkKey::of_cells(cells.iter().map(|cell| Some(cell.as_slice())))
}

/// A text without regard to case.
fn folded<'v>(value: &'v [u8], column: &ColumnModel) -> Cow<'v, [u8]> {
    let text = std::str::from_utf8(value).ok().filter(|_| column.is_text());
    text.map_or(Cow::Borrowed(value), |text| Cow::Owned(text.to_lowercase().into_bytes()))
}

fn not_parked(table: &Table, unique: &Unique) -> Error {
    Error::invalid(format!(
        "a row of `{}` takes over a value of the UNIQUE key `{}` from another that is changed in the same flush, and the key has no column that \
         could be changed for a moment; declare it DEFERRABLE INITIALLY IMMEDIATE, or change the other one in a flush of its own before",
        table.shown, unique.name
    ))
}
