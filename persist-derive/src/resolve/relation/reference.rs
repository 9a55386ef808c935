//! A foreign key with the tables at both of its ends.

use std::borrow::Cow;

use persist_schema::Catalog;
use persist_schema::catalog::{ForeignKey, Table};

use crate::case::{snake, table_names};

/// A foreign key with the tables at both of its ends.
#[derive(Clone)]
pub(in crate::resolve) struct Reference<'c> {
    pub(in crate::resolve) from: &'c Table,
    /// One of the migrations; or one that only the struct says, which no constraint keeps.
    pub(super) key: Cow<'c, ForeignKey>,
    pub(in crate::resolve) to: &'c Table,
}

/// Names that say which table a field is about.
pub(super) struct Hints {
    /// `PipelineStep`
    pub(super) element: String,
    /// `steps`
    pub(super) field: String,
}

impl<'c> Reference<'c> {
    /// The keys that leave a table, as far as the tables that they lead to are known.
    pub(in crate::resolve) fn leaving(catalog: &'c Catalog, from: &'c Table) -> Vec<Self> {
        let keys = from.foreign_keys.iter();
        keys.filter_map(|key| {
            Some(Self { from, to: catalog.table_named(&key.references)?, key: Cow::Borrowed(key) })
        })
        .collect()
    }

    /// The keys that lead to a table. Partitions have the keys of their parents, which are enough.
    pub(super) fn arriving(catalog: &'c Catalog, to: &'c Table) -> Vec<Self> {
        let keys = catalog.references_to(&to.name).filter(|(from, _)| from.partition_of.is_none());
        keys.map(|(from, key)| Self { from, key: Cow::Borrowed(key), to }).collect()
    }

    /// Does only the struct say so, and no constraint?
    pub(super) fn is_declared(&self) -> bool {
        matches!(self.key, Cow::Owned(_))
    }

    /// The columns of the key, each with the column that it is equal to.
    pub(in crate::resolve) fn pairs(&self) -> Vec<(&str, &str)> {
        let referenced = match (self.key.referenced_columns.as_slice(), &self.to.primary_key) {
            ([], Some(primary)) => primary.columns.as_slice(),
            (columns, _) => columns,
        };
        let columns = self.key.columns.iter().map(String::as_str);
        columns.zip(referenced.iter().map(String::as_str)).collect()
    }

    /// The columns of the key.
    pub(in crate::resolve) fn columns(&self) -> Vec<&str> {
        self.key.columns.iter().map(String::as_str).collect()
    }

    /// The columns of the key, as places in the table that it leaves.
    pub(in crate::resolve) fn referring(&self) -> Vec<usize> {
        places(self.from, self.pairs().into_iter().map(|(referring, _)| referring))
    }

    /// The columns that it refers to, as places in the table that it leads to.
    pub(in crate::resolve) fn referred(&self) -> Vec<usize> {
        places(self.to, self.pairs().into_iter().map(|(_, referred)| referred))
    }

    /// Is this the key over these columns, in whatever order?
    pub(super) fn is_over(&self, columns: &[String]) -> bool {
        columns.len() == self.key.columns.len()
            && columns.iter().all(|column| self.key.columns.contains(column))
    }

    /// `pipeline_steps.pipeline_id`
    pub(super) fn shown(&self) -> String {
        match self.key.columns.as_slice() {
            [column] => format!("{}.{column}", self.from.name),
            columns => format!("{}.({})", self.from.name, columns.join(", ")),
        }
    }

    /// Is the key named like the field: `owner` or `owner_id` like `owner`?
    pub(in crate::resolve) fn is_named(&self, field: &str) -> bool {
        let field = snake(field);
        self.key.columns.iter().any(|column| {
            let column = snake(column);
            let suffixes = ["", "_id", "_uuid", "_key"];
            suffixes.iter().any(|suffix| column.strip_suffix(suffix) == Some(field.as_str()))
        })
    }
}

/// The places of columns in their table.
fn places<'n>(table: &Table, names: impl Iterator<Item = &'n str>) -> Vec<usize> {
    names.filter_map(|name| table.column_names().position(|column| column == name)).collect()
}

impl Hints {
    /// The only one of the tables that the names suggest. What the struct is called counts first.
    pub(super) fn meant<'c>(&self, tables: &[&'c Table]) -> Option<&'c Table> {
        let field = snake(&self.field);
        let names = table_names(&self.element);
        self.called(tables)
            .or_else(|| {
                only(tables, |table| {
                    table.name.name == field || table_names(&field).contains(&table.name.name)
                })
            })
            .or_else(|| only(tables, |table| ends_with_word(&table.name.name, &field)))
            .or_else(|| only(tables, |table| names.iter().any(|name| ends_with_word(&table.name.name, name))))
    }

    /// The one of the tables that the struct is called after.
    pub(super) fn called<'c>(&self, tables: &[&'c Table]) -> Option<&'c Table> {
        let names = table_names(&self.element);
        only(tables, |table| names.contains(&table.name.name))
    }

    /// The table that the struct is called after, whether or not it can be meant.
    pub(super) fn called_after<'c>(&self, catalog: &'c Catalog) -> Option<&'c Table> {
        let mut found = table_names(&self.element).into_iter().filter_map(|name| catalog.table(&name));
        found.next().filter(|_| found.next().is_none())
    }
}

/// The table for which the condition holds, if it is only one.
fn only<'c>(tables: &[&'c Table], wanted: impl Fn(&Table) -> bool) -> Option<&'c Table> {
    let mut found = tables.iter().copied().filter(|table| wanted(table));
    found.next().filter(|_| found.next().is_none())
}

/// Does `pipeline_steps` end with `steps`?
fn ends_with_word(name: &str, word: &str) -> bool {
    name.strip_suffix(word).is_some_and(|start| start.ends_with('_'))
}
