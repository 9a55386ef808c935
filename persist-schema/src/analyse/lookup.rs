//! Looks names up in a catalog along a search path.

use crate::analyse::name::Name;
use crate::analyse::type_name::{self, WrittenType};
use crate::builtin::extension::extension_with;
use crate::catalog::{Catalog, Schema};
use crate::identifier::QualifiedName;
use crate::parse::Node;
use crate::pg_type::PgType;

/// The schema that stands in for `pg_temp`: it is emptied after each file.
pub(crate) const TEMPORARY: &str = "pg_temp";

/// A catalog, and the schemas in which unqualified names are looked for.
#[derive(Clone, Copy)]
pub(crate) struct Lookup<'a> {
    pub(crate) catalog: &'a Catalog,
    pub(crate) search_path: &'a [String],
}

/// The search path of a session that sets none.
pub(crate) fn default_search_path() -> Vec<String> {
    vec!["public".to_owned()]
}

impl Lookup<'_> {
    /// The first schema in which an object of that name is found.
    pub(crate) fn find(&self, name: &Name, has: impl Fn(&Schema, &str) -> bool) -> Option<QualifiedName> {
        let has =
            |schema: &str| self.catalog.schemas.get(schema).is_some_and(|schema| has(schema, &name.name));
        let schema = match &name.schema {
            Some(schema) => has(schema).then_some(schema.as_str()),
            None => {
                let path = self.search_path.iter().map(String::as_str);
                [TEMPORARY].into_iter().chain(path).find(|schema| has(schema))
            }
        };
        schema.map(|schema| QualifiedName::new(schema, name.name.clone()))
    }

    /// The relation that a name means.
    pub(crate) fn find_table(&self, name: &Name) -> Option<QualifiedName> {
        self.find(name, |schema, name| schema.tables.contains_key(name))
    }

    /// The type that a node means, and whether it was written as a serial.
    pub(crate) fn resolve_type(&self, node: Node<'_>) -> (Option<PgType>, bool) {
        match type_name::read(node) {
            WrittenType::BuiltIn(ty) => (Some(ty), false),
            WrittenType::Serial(ty) => (Some(ty), true),
            WrittenType::Named { name, modifiers, is_array } => {
                let ty = PgType::named(self.resolve_type_name(&name)).with_modifiers(modifiers);
                (Some(PgType { is_array, ..ty }), false)
            }
            WrittenType::OfColumn { table, column } => {
                let table = self.find_table(&table).and_then(|name| self.catalog.table_named(&name));
                (table.and_then(|table| table.column(&column)).and_then(|column| column.ty.clone()), false)
            }
        }
    }

    /// The type of a node that has a type below it; `None` when there is none.
    pub(crate) fn type_of(&self, node: Node<'_>) -> Option<PgType> {
        type_name::child(node).and_then(|ty| self.resolve_type(ty).0)
    }

    /// The name of a user's type. An unknown one gets the schema of the extension that has it, else none.
    pub(crate) fn resolve_type_name(&self, name: &Name) -> QualifiedName {
        let found = self.find(name, |schema, name| {
            schema.enums.contains_key(name)
                || schema.domains.contains_key(name)
                || schema.composites.contains_key(name)
                || schema.ranges.contains_key(name)
                || schema.tables.contains_key(name)
        });
        found.unwrap_or_else(|| {
            let schema =
                name.schema.clone().or_else(|| self.extension_schema(&name.name)).unwrap_or_default();
            QualifiedName::new(schema, name.name.clone())
        })
    }

    fn extension_schema(&self, ty: &str) -> Option<String> {
        let extension = extension_with(ty)?;
        let found = self.catalog.extensions.iter().find(|created| created.name == extension)?;
        Some(found.schema.clone())
    }
}
