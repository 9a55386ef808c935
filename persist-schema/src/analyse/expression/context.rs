//! What names in an expression can mean.

use super::Named;
use crate::analyse::names::{Names, default_search_path};
use crate::analyse::query::{Output, Scope};
use crate::catalog::{Catalog, Column};

/// The catalog and the tables whose columns may be named.
pub(super) struct Context<'c> {
    pub(super) catalog: &'c Catalog,
    pub(super) tables: &'c [Named<'c>],
    /// The same tables for telling types.
    pub(super) scope: Scope<'c>,
    search_path: Vec<String>,
}

impl<'c> Context<'c> {
    pub(super) fn new(catalog: &'c Catalog, tables: &'c [Named<'c>]) -> Self {
        let relations = tables.iter().map(|named| {
            let name = &named.table.name.name;
            // Which of two tables of one name is meant the schema tells, which types do not ask for.
            let twin = tables.iter().any(|other| {
                other.table.name.name == *name && other.table.name.schema != named.table.name.schema
            });
            let output = |column: &Column| Output { name: column.name.clone(), ty: column.ty.clone() };
            let columns = named.table.columns.iter().map(output).collect();
            (name.clone(), (!twin).then_some(columns))
        });
        let scope = Scope::of_relations(relations.collect());
        Self { catalog, tables, scope, search_path: default_search_path() }
    }

    pub(super) fn names(&self) -> Names<'_> {
        Names { catalog: self.catalog, search_path: &self.search_path }
    }
}
