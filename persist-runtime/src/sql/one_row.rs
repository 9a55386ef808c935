//! The SQL that writes one row of an entity.

use std::fmt::Write as _;

use tokio_postgres::types::Oid;

use crate::table::facts::Table;
use crate::table::model::{InsertModel, Model};
use crate::wire::statement::Statement;

/// Writes all columns of one row by its key and version, and answers it; `None` where nothing but keys could change.
pub(crate) fn update(model: &'static Model) -> Option<&'static Statement> {
    (model.changeable > 0 || !model.touched.is_empty()).then(|| {
        model.update.get_or_init(|| {
            let sql = update_sql(model);
            Statement::slotted(sql, oids(model.facts, model.places), model.select_oids)
        })
    })
}

/// Deletes one row by its key.
pub(crate) fn delete(model: &'static Model) -> &'static Statement {
    let Table { sql, key, .. } = model.facts;
    model.delete.get_or_init(|| {
        let text = format!("DELETE FROM {sql} AS t0 WHERE {}", equals(model.facts, key, 1));
        Statement::slotted(text, oids(model.facts, key), &[])
    })
}

fn update_sql(model: &Model) -> String {
    let Table { sql, columns, .. } = model.facts;
    let set = model.changing().iter().enumerate().map(|(index, place)| {
        let column = &columns[*place];
        format!("{} = ${}{}", column.name, index + 1, column.cast)
    });
    let touched = model.touched.iter().map(|(place, value)| format!("{} = {value}", columns[*place].name));
    let set: Vec<String> = set.chain(touched).collect();
    let condition = equals(model.facts, &model.places[model.changeable..], model.changeable + 1);
    format!("UPDATE {sql} AS t0 SET {} WHERE {condition} RETURNING {}", set.join(", "), model.select_list)
}

/// Columns compared with parameters from `$first` on.
fn equals(table: &Table, places: &[usize], first: usize) -> String {
    let compared = places.iter().zip(first..).map(|(place, number)| {
        let column = &table.columns[*place];
        format!("t0.{} = ${number}{}", column.name, column.cast)
    });
    compared.collect::<Vec<_>>().join(" AND ")
}

fn oids(table: &Table, places: &[usize]) -> Vec<Oid> {
    places.iter().map(|place| table.columns[*place].oid).collect()
}

/// Writes a new row of which the parameters at the indices `given` are sent, and answers it.
pub(crate) fn insert(model: &InsertModel, given: &[usize]) -> String {
    let Table { sql: table, columns, .. } = model.facts;
    let sent = given.iter().map(|parameter| model.column(*parameter));
    let computed = model.computed.iter().map(|(place, _)| columns[*place].name);
    let names: Vec<&str> = sent.clone().map(|column| column.name).chain(computed).collect();
    let values = sent.enumerate().map(|(index, column)| format!("${}{}", index + 1, column.cast));
    let values = values.chain(model.computed.iter().map(|(_, expression)| (*expression).to_owned()));
    let values: Vec<String> = values.collect();
    let mut sql = format!("INSERT INTO {table} AS t0 ");
    if names.is_empty() {
        sql.push_str("DEFAULT VALUES");
    } else {
        // Writing to a string cannot fail.
        let _ = write!(sql, "({}) VALUES ({})", names.join(", "), values.join(", "));
    }
    let places: Vec<usize> = given.iter().map(|parameter| model.places[*parameter]).collect();
    sql.push_str(&conflict(model, &places));
    let _ = write!(sql, " RETURNING {}", model.select_list);
    sql
}

/// ` ON CONFLICT … DO UPDATE …` where these columns are given, or nothing.
pub(crate) fn conflict(model: &InsertModel, given: &[usize]) -> String {
    let Some(conflict) = &model.conflict else { return String::new() };
    let name = |place: &usize| model.facts.columns[*place].name;
    let target: Vec<&str> = conflict.target.iter().map(name).collect();
    let taken = |place: &usize| format!("{name} = excluded.{name}", name = name(place));
    let mut changes: Vec<String> =
        given.iter().filter(|place| !conflict.kept.contains(place)).map(taken).collect();
    if changes.is_empty() {
        // A row that has nothing but its keys is written over with itself, so that it is answered.
        changes.extend(conflict.kept.first().map(taken));
    }
    changes.extend(model.touched.iter().map(|(place, value)| format!("{} = {value}", name(place))));
    format!(" ON CONFLICT ({}) DO UPDATE SET {}", target.join(", "), changes.join(", "))
}
