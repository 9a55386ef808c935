//! The SQL that writes one row of an entity.

use tokio_postgres::types::Oid;

use crate::sql::batch::GUARD;
use crate::sql::document::assigned;
use crate::sql::expression::{Condition, Expression};
use crate::sql::joins::write_cells;
use crate::sql::scope::Alias;
use crate::sql::table::Conditions;
use crate::sql::writer::Writer;
use crate::sql::written::write_set;
use crate::table::column::ColumnModel;
use crate::table::facts::Table;
use crate::table::model::{Conflict, InsertModel, Model};
use crate::table::shape::ShapeModel;
use crate::value::parameters::Collected;
use crate::wire::access::{Access, Effect};
use crate::wire::statement::Statement;

/// Writes all columns of one row by its key and version, and answers it; `None` where nothing but keys could
/// change.
pub(crate) fn update(model: &'static Model) -> Option<&'static Statement> {
    (model.changeable > 0 || !model.touched.is_empty()).then(|| {
        model.update.get_or_init(|| {
            let columns = model.table.columns;
            let mut sql = Writer::new();
            let mut conditions = sql.update(model, Alias::ROOT);
            sql.push(" SET ");
            for (index, place) in model.changing().iter().enumerate() {
                let column = &columns[*place];
                let value = format!("${}{}", index + 1, column.cast);
                sql.comma(index).push(column.name).push(" = ").push(&assigned(column, &value));
            }
            for (index, (place, value)) in model.touched.iter().enumerate() {
                sql.comma(model.changeable + index).push(columns[*place].name).push(" = ").push(value);
            }
            let found_by = &model.places[model.changeable..];
            write_equals(model.table, found_by, model.changeable + 1, &mut conditions, &mut sql);
            conditions.finish(&mut sql);
            let answered = write_returning(model.shape, &mut sql);
            Statement::slotted(
                model.table.writes(),
                sql.into_text(),
                oids(model.table, model.places),
                answered,
            )
        })
    })
}

/// Deletes one row by its key.
pub(crate) fn delete(model: &'static Model) -> &'static Statement {
    model.delete.get_or_init(|| {
        let mut sql = Writer::new();
        let mut conditions = sql.delete(model, Alias::ROOT);
        write_equals(model.table, model.table.key, 1, &mut conditions, &mut sql);
        conditions.finish(&mut sql);
        Statement::slotted(model.table.writes(), sql.into_text(), oids(model.table, model.table.key), &[])
    })
}

/// Writes a new row of which the parameters at the indices `given` are sent, and answers it: the text, the
/// types of the parameters, and those of the answer.
pub(crate) fn insert(
    model: &InsertModel,
    given: &[usize],
    answer: &'static ShapeModel,
) -> (String, Vec<Oid>, Vec<Oid>) {
    insert_or(model, given, answer, |places, sql| {
        sql.push(&conflict(model, places));
    })
}

/// The same, which writes nothing and answers nothing where any UNIQUE value of the row is there, or that of these columns.
pub(crate) fn insert_or_ignore(
    model: &InsertModel,
    given: &[usize],
    conflict: Option<&Conflict>,
) -> (String, Vec<Oid>, Vec<Oid>) {
    insert_or(model, given, model.shape, |_, sql| {
        sql.push(" ON CONFLICT");
        if let Some(conflict) = conflict {
            write_aim(model, conflict, sql.push(" "));
        }
        sql.push(" DO NOTHING");
    })
}

fn insert_or(
    model: &InsertModel,
    given: &[usize],
    answer: &'static ShapeModel,
    conflict: impl FnOnce(&[usize], &mut Writer<'_>),
) -> (String, Vec<Oid>, Vec<Oid>) {
    let places = places(model, given);
    let mut sql = Writer::new();
    write_row(model, &places, false, &mut sql);
    conflict(&places, &mut sql);
    let answered = write_returning(answer, &mut sql);
    (sql.into_text(), oids(model.table, &places), answered)
}

/// An upsert that sets these columns where the row is there, if this holds; what is not said is as in [`insert`].
pub(crate) fn upsert<'v>(
    model: &InsertModel,
    given: &[usize],
    set: Option<&[(&'static ColumnModel, &'v Expression)]>,
    only_if: Option<&'v Condition>,
    is_guarded: bool,
) -> (Statement, Collected<'v>) {
    let places = places(model, given);
    let mut sql = Writer::with_parameters(oids(model.table, &places));
    write_row(model, &places, is_guarded, &mut sql);
    match (set, &model.conflict) {
        (Some(set), Some(conflict)) => {
            write_aim(model, conflict, sql.push(" ON CONFLICT "));
            sql.push(" DO UPDATE");
            let columns = model.table.columns;
            let touched = model.touched.iter().map(|(place, value)| (&columns[*place], *value));
            write_set(set, touched, &mut sql);
        }
        _ => {
            sql.push(&conflict(model, &places));
        }
    }
    if let Some(condition) = only_if {
        sql.push(" WHERE ").condition(condition);
    }
    let answered = write_returning(model.shape, &mut sql);
    let (tables, text, oids, values) = sql.into_parts();
    (Statement::dynamic(Access::of(Effect::Writes, tables), text, oids, answered), values)
}

fn places(model: &InsertModel, given: &[usize]) -> Vec<usize> {
    given.iter().map(|parameter| model.places[*parameter]).collect()
}

fn names<'t>(table: &'t Table, places: &[usize]) -> Vec<&'t str> {
    places.iter().map(|place| table.columns[*place].name).collect()
}

/// Writes `INSERT INTO …` with the values of these columns as the first parameters. Where it is guarded, it is an error
/// outside of the transaction of a unit of work.
fn write_row(model: &InsertModel, places: &[usize], is_guarded: bool, sql: &mut Writer<'_>) {
    let columns = model.table.columns;
    sql.names(model.table.sql).push("INSERT INTO ").push(model.table.sql).push(" AS t0 ");
    let computed = || model.computed.iter().filter(|(place, _)| !places.contains(place));
    if places.is_empty() && model.computed.is_empty() {
        sql.push("DEFAULT VALUES");
        return;
    }
    sql.push("(");
    for (index, place) in places.iter().chain(computed().map(|(place, _)| place)).enumerate() {
        sql.comma(index).push(columns[*place].name);
    }
    sql.push(if is_guarded { ") SELECT " } else { ") VALUES (" });
    for (index, place) in places.iter().enumerate() {
        sql.comma(index).placeholder(index + 1, columns[*place].cast);
    }
    for (index, (_, value)) in computed().enumerate() {
        sql.comma(places.len() + index).push(value);
    }
    match is_guarded {
        true => sql.push(" WHERE ").push(GUARD),
        false => sql.push(")"),
    };
}

/// ` ON CONFLICT … DO UPDATE …` where these columns are given, or nothing.
pub(crate) fn conflict(model: &InsertModel, given: &[usize]) -> String {
    let Some(conflict) = &model.conflict else { return String::new() };
    let name = |place: &usize| model.table.columns[*place].name;
    let taken = |place: &usize| format!("{name} = excluded.{name}", name = name(place));
    let mut changes: Vec<String> =
        given.iter().filter(|place| !conflict.kept.contains(place)).map(taken).collect();
    if changes.is_empty() {
        // A row that has nothing but its keys is written over with itself, so that it is answered.
        changes.extend(conflict.kept.first().map(taken));
    }
    let touched = model.touched.iter().filter(|(place, _)| !given.contains(place));
    changes.extend(touched.map(|(place, value)| format!("{} = {value}", name(place))));
    let mut sql = Writer::new();
    write_aim(model, conflict, sql.push(" ON CONFLICT "));
    sql.push(" DO UPDATE SET ").push(&changes.join(", "));
    sql.into_text()
}

/// Writes what a conflict is with.
fn write_aim(model: &InsertModel, conflict: &Conflict, sql: &mut Writer<'_>) {
    match conflict.aim {
        Some(aim) => sql.aliased(aim, Alias::ROOT),
        None => sql.push("(").push(&names(model.table, conflict.target).join(", ")).push(")"),
    };
}

/// Compares columns with parameters from `$first` on.
fn write_equals(
    table: &Table,
    places: &[usize],
    first: usize,
    conditions: &mut Conditions,
    sql: &mut Writer<'_>,
) {
    for (place, number) in places.iter().zip(first..) {
        let column = &table.columns[*place];
        conditions.and(sql).push("t0.").push(column.name).operator(column.operators, "=");
        sql.placeholder(number, column.cast);
    }
}

/// Writes ` RETURNING …`; answers the types of what is answered.
fn write_returning(shape: &'static ShapeModel, sql: &mut Writer<'_>) -> Vec<Oid> {
    sql.push(" RETURNING ");
    write_cells(shape, Alias::ROOT, sql);
    shape.columns.iter().map(|column| column.oid).collect()
}

fn oids(table: &Table, places: &[usize]) -> Vec<Oid> {
    places.iter().map(|place| table.columns[*place].oid).collect()
}
