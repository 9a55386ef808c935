//! UNIQUE keys: values that a row gives up for a moment, because another row of the same flush wants them.

use crate::error::Error;
use crate::table::model::{Model, Unique};
use crate::unit_of_work::changes::{Changes, Update};
use crate::unit_of_work::grouped::distinct;
use crate::unit_of_work::steps;
use crate::unit_of_work::steps::Step;
use crate::value::row_key::{KeyMap, LinkKey};
use crate::write::encoded_row::{Cell, EncodedRow};

/// Parks the values that another row of this flush wants before they are given up, and has the rows that stay write the parked
/// column, whether its own value changes or not. `late` says which deletions come only afterwards.
pub(super) fn park(changes: &mut Changes, late: &[bool]) -> Result<Vec<Step<'static>>, Error> {
    let mut steps = Vec::new();
    for model in models(changes) {
        for unique in model.writing.uniques {
            let mut wanted_by: KeyMap<LinkKey, usize> = KeyMap::default();
            wanted(changes, model, unique).for_each(|value| *wanted_by.entry(value).or_default() += 1);
            if wanted_by.is_empty() {
                continue;
            }
            let wanting = |encoded: &EncodedRow| {
                value(encoded, unique).and_then(|value| wanted_by.get(&value)).copied().unwrap_or_default()
            };
            let is_wanted = |encoded: &EncodedRow| wanting(encoded) > 0;
            // A row that keeps its value is one of those that want it.
            let is_left = |update: &Update| {
                let itself = usize::from(value(&update.before, unique) == value(&update.encoded, unique));
                gives_up(update, unique) && wanting(&update.before) > itself
            };
            let left =
                changes.deletes.iter().zip(late).filter(|(_, late)| **late).map(|(deletion, _)| deletion);
            let left =
                left.filter(|deletion| std::ptr::eq(deletion.model, model) && is_wanted(&deletion.encoded));
            let mut rows: Vec<EncodedRow> = left.map(|deletion| deletion.encoded.clone()).collect();
            let moving = changes.updates.iter_mut().filter(|update| std::ptr::eq(update.model, model));
            for update in moving.filter(|update| is_left(update)) {
                rows.push(update.before.clone());
                if let Some((column, _)) = unique.parking {
                    update.add_dirty(column);
                }
            }
            if rows.is_empty() {
                continue;
            }
            match unique.parking {
                Some(parking) => steps::park(model, parking, rows, &mut steps),
                // One statement exchanges the values, if the exchange is all there is.
                None if unique.deferrable => {}
                // Whether both rows are in a partial index is for the server to say.
                None if unique.scope.is_some() => {}
                None => return Err(not_parked(model, unique)),
            }
        }
    }
    Ok(steps)
}

/// The tables that have rows with UNIQUE keys in this flush, each once.
fn models(changes: &Changes) -> Vec<&'static Model> {
    let changed = changes.updates.iter().map(|update| update.model);
    let models = changed.chain(changes.deletes.iter().map(|deletion| deletion.model));
    distinct(models.filter(|model| !model.writing.uniques.is_empty()))
}

/// The values that rows are going to have.
fn wanted<'c>(
    changes: &'c Changes,
    model: &'static Model,
    unique: &'c Unique,
) -> impl Iterator<Item = LinkKey> + 'c {
    let given = unique.columns.iter().map(|place| {
        let name = model.writing.columns[*place].name;
        model.insert.position(name)
    });
    let given: Option<Vec<usize>> = given.collect();
    let inserted = changes.inserts.iter().filter(move |row| std::ptr::eq(row.model, model));
    let inserted = inserted.filter_map(move |row| key(&row.encoded, given.as_ref()?.iter().copied(), unique));
    let changed = changes.updates.iter().filter(move |update| std::ptr::eq(update.model, model));
    let changed = changed
        .filter(|update| update.is_whole || gives_up(update, unique))
        .filter_map(|row| value(&row.encoded, unique));
    inserted.chain(changed)
}

/// May the row have another value than before, or come into a partial index, or leave it?
pub(super) fn gives_up(update: &Update, unique: &Unique) -> bool {
    let is_dirty = |column: &usize| update.is_dirty(*column);
    let differs =
        |column: &usize| is_dirty(column) && update.before.cell(*column) != update.encoded.cell(*column);
    unique.scope.is_some_and(|scope| scope.iter().any(is_dirty)) || unique.columns.iter().any(differs)
}

fn value(encoded: &EncodedRow, unique: &Unique) -> Option<LinkKey> {
    key(encoded, unique.columns.iter().copied(), unique)
}

/// The value of a UNIQUE key; `None` where no other row can have the same.
fn key(
    encoded: &EncodedRow,
    columns: impl ExactSizeIterator<Item = usize>,
    unique: &Unique,
) -> Option<LinkKey> {
    if unique.nulls_distinct {
        return encoded.key(columns);
    }
    // A NULL is a value like others; no encoded value is told from it by a byte in front.
    let mut cells = Vec::new();
    for column in columns {
        cells.push(match encoded.cell(column) {
            Cell::Absent => return None,
            Cell::Null => vec![0],
            Cell::Value(value) => [&[1], value].concat(),
        });
    }
    LinkKey::of_cells(cells.iter().map(|cell| Some(cell.as_slice())))
}

fn not_parked(model: &'static Model, unique: &Unique) -> Error {
    Error::invalid(format!(
        "two rows of `{}` exchange their values of the UNIQUE key `{}`, which has no column that could be changed for a moment; \
         declare it DEFERRABLE INITIALLY IMMEDIATE, or give one of the rows another value in a flush of its own",
        model.table, unique.name
    ))
}
