//! What names in an expression can mean.

use super::checked::Named;
use crate::analyse::expression_type::ExpressionTypes;
use crate::analyse::lookup::{Lookup, default_search_path};
use crate::analyse::query;
use crate::analyse::scope::{Output, Scope};
use crate::catalog::{Catalog, Column};

/// The catalog and the tables whose columns may be named.
pub(super) struct Context<'c> {
    pub(super) catalog: &'c Catalog,
    pub(super) tables: &'c [Named<'c>],
    /// The same tables as the scope in which expressions have their types.
    scope: Scope<'c>,
    search_path: Vec<String>,
}

impl<'c> Context<'c> {
    pub(super) fn new(catalog: &'c Catalog, tables: &'c [Named<'c>]) -> Self {
        let relations = tables.iter().map(|named| {
            let name = &named.table.name.name;
            // Types are looked up by the table's name alone: two tables of one name cannot be distinguished.
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

    /// What names of types and functions mean.
    pub(super) fn lookup(&self) -> Lookup<'_> {
        Lookup { catalog: self.catalog, search_path: &self.search_path }
    }

    /// The types of expressions over the tables.
    pub(super) fn types(&self) -> ExpressionTypes<'_> {
        query::types(self.lookup(), &self.scope)
    }
}
