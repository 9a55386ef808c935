//! The catalog and its schemas, and how names are looked up in them.

use std::collections::BTreeMap;

use super::facts::{Extension, Function, Opaque, Sequence};
use super::key::ForeignKey;
use super::table::Table;
use super::user_type::{Collation, CompositeType, Domain, EnumType, RangeType};
use crate::diagnostic::Origin;
use crate::identifier::{QualifiedName, split_qualified};

/// Everything that a folder of migrations says about a database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The schemas by name. Schemas that are mentioned but not created by a migration are not in here.
    pub schemas: BTreeMap<String, Schema>,
    /// The extensions that are created.
    pub extensions: Vec<Extension>,
    /// The statements whose effect cannot be known without running them.
    pub opaque: Vec<Opaque>,
}

/// One schema and what is in it, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The schema's name.
    pub name: String,
    /// Tables, views, materialized views and foreign tables.
    pub tables: BTreeMap<String, Table>,
    /// Enum types.
    pub enums: BTreeMap<String, EnumType>,
    /// Domains.
    pub domains: BTreeMap<String, Domain>,
    /// Composite types made by CREATE TYPE; the row types of tables are not repeated here.
    pub composites: BTreeMap<String, CompositeType>,
    /// Range types.
    pub ranges: BTreeMap<String, RangeType>,
    /// Collations.
    pub collations: BTreeMap<String, Collation>,
    /// Sequences, those of serial and identity columns included.
    pub sequences: BTreeMap<String, Sequence>,
    /// Functions, procedures and aggregates; names may repeat with other arguments.
    pub functions: Vec<Function>,
    /// What COMMENT ON SCHEMA says.
    pub comment: Option<String>,
    /// Where it is created; `None` for `public`, which every database has.
    pub origin: Option<Origin>,
}

impl Schema {
    /// A schema with nothing in it.
    pub fn new(name: impl Into<String>, origin: Option<Origin>) -> Self {
        Self {
            name: name.into(),
            tables: BTreeMap::new(),
            enums: BTreeMap::new(),
            domains: BTreeMap::new(),
            composites: BTreeMap::new(),
            ranges: BTreeMap::new(),
            collations: BTreeMap::new(),
            sequences: BTreeMap::new(),
            functions: Vec::new(),
            comment: None,
            origin,
        }
    }
}

impl Catalog {
    /// The table, view or other relation that `name` means: `pipelines`, `billing.invoices`,
    /// `public."Users"`.
    ///
    /// Names are compared exactly. Without a schema it is looked for in `public` and then, if exactly one
    /// other schema has it, there.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.resolve(name, |schema, name| schema.tables.get(name))
    }

    /// The table of exactly this name.
    pub fn table_named(&self, name: &QualifiedName) -> Option<&Table> {
        self.schemas.get(&name.schema)?.tables.get(&name.name)
    }

    /// The enum that `name` means, found like [`Catalog::table`].
    pub fn enum_type(&self, name: &str) -> Option<&EnumType> {
        self.resolve(name, |schema, name| schema.enums.get(name))
    }

    /// The composite type that `name` means, found like [`Catalog::table`].
    pub fn composite(&self, name: &str) -> Option<&CompositeType> {
        self.resolve(name, |schema, name| schema.composites.get(name))
    }

    /// The domain that `name` means, found like [`Catalog::table`].
    pub fn domain(&self, name: &str) -> Option<&Domain> {
        self.resolve(name, |schema, name| schema.domains.get(name))
    }

    /// All relations, schema by schema, by name.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.schemas.values().flat_map(|schema| schema.tables.values())
    }

    /// All enums.
    pub fn enums(&self) -> impl Iterator<Item = &EnumType> {
        self.schemas.values().flat_map(|schema| schema.enums.values())
    }

    /// All composite types.
    pub fn composites(&self) -> impl Iterator<Item = &CompositeType> {
        self.schemas.values().flat_map(|schema| schema.composites.values())
    }

    /// All domains.
    pub fn domains(&self) -> impl Iterator<Item = &Domain> {
        self.schemas.values().flat_map(|schema| schema.domains.values())
    }

    /// The foreign keys of other tables, or of the same one, that point at `table`: with the table each
    /// belongs to.
    pub fn references_to<'a>(
        &'a self,
        table: &'a QualifiedName,
    ) -> impl Iterator<Item = (&'a Table, &'a ForeignKey)> {
        self.tables().flat_map(move |from| {
            from.foreign_keys.iter().filter(move |key| key.references == *table).map(move |key| (from, key))
        })
    }

    /// The statements that may hide what the object of that name looks like: those that name it, then those
    /// whose effect is known only to the server.
    pub fn opaque_about<'a>(&'a self, name: &'a QualifiedName) -> impl Iterator<Item = &'a Opaque> {
        let named = self.opaque.iter().filter(move |note| note.hides.as_ref() == Some(name));
        named.chain(self.opaque.iter().filter(|note| note.hides.is_none()))
    }

    fn resolve<'a, T>(
        &'a self,
        name: &str,
        get: impl Fn(&'a Schema, &str) -> Option<&'a T>,
    ) -> Option<&'a T> {
        let (schema, name) = split_qualified(name);
        if let Some(schema) = schema {
            return get(self.schemas.get(&schema)?, &name);
        }
        if let Some(found) = self.schemas.get("public").and_then(|schema| get(schema, &name)) {
            return Some(found);
        }
        let mut elsewhere = self.schemas.values().filter_map(|schema| get(schema, &name));
        let found = elsewhere.next()?;
        elsewhere.next().is_none().then_some(found)
    }
}
