//! What a name means: the search path, and who else may have made what is missing.

use crate::apply::literal;
use crate::apply::name::Name;
use crate::apply::type_name::{self, WrittenType};
use crate::apply::{Fold, Problem};
use crate::catalog::{Schema, Table};
use crate::identifier::QualifiedName;
use crate::parse::Node;
use crate::pg_type::PgType;

/// The schema that stands in for `pg_temp`: it is emptied after each file.
pub(crate) const TEMPORARY: &str = "pg_temp";

/// The tables in which migration tools keep their own books; migrations may touch them without creating them.
const BOOKKEEPING: &[&str] = &[
    "__diesel_schema_migrations",
    "_prisma_migrations",
    "_sqlx_migrations",
    "flyway_schema_history",
    "goose_db_version",
    "gorp_migrations",
    "refinery_schema_history",
    "river_migration",
    "schema_migrations",
];

/// Extensions and the types they bring, for the schema of a type that no file creates.
const EXTENSION_TYPES: &[(&str, &[&str])] = &[
    ("citext", &["citext"]),
    ("cube", &["cube"]),
    ("hstore", &["hstore"]),
    ("intarray", &["query_int"]),
    ("isn", &["ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"]),
    ("lo", &["lo"]),
    ("ltree", &["lquery", "ltree", "ltxtquery"]),
    ("postgis", &["box2d", "box3d", "geography", "geometry", "geometry_dump", "raster"]),
    ("seg", &["seg"]),
    ("vector", &["halfvec", "sparsevec", "vector"]),
];

/// The types that an extension brings.
pub(crate) fn types_of_extension(name: &str) -> &'static [&'static str] {
    EXTENSION_TYPES.iter().find(|(extension, _)| *extension == name).map_or(&[], |(_, types)| *types)
}

pub(crate) fn default_search_path() -> Vec<String> {
    vec!["public".to_owned()]
}

impl Fold {
    /// Where an unqualified object is created: in the first schema of the search path that exists.
    ///
    /// A schema that somebody else creates is filled all the same.
    pub(crate) fn target(&mut self, name: Name) -> Result<QualifiedName, Problem> {
        let schema = match name.schema {
            Some(schema) => schema,
            None => {
                let existing =
                    self.search_path.iter().find(|schema| self.catalog.schemas.contains_key(*schema));
                let Some(schema) = existing.or(self.search_path.first()) else {
                    return Err(Problem::new(format!(
                        "`{}` has no schema and the search path is empty",
                        name.name
                    ))
                    .with_help("write the schema in front of the name, for instance `public.`"));
                };
                schema.clone()
            }
        };
        if name.name.is_empty() {
            return Err(Problem::new("the name is missing"));
        }
        self.schema(&schema);
        Ok(QualifiedName::new(schema, name.name))
    }

    /// The schema of that name, made when it is missing.
    pub(crate) fn schema(&mut self, name: &str) -> &mut Schema {
        self.catalog.schemas.entry(name.to_owned()).or_insert_with(|| Schema::new(name, None))
    }

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

    /// The relation that a statement is about; `None` when it is missing and that is no mistake.
    pub(crate) fn require_table(&self, name: &Name) -> Result<Option<QualifiedName>, Problem> {
        match self.find_table(name).or_else(|| self.only_table(name)) {
            Some(found) => Ok(Some(found)),
            None if self.may_be_elsewhere(name) => Ok(None),
            None => Err(self.missing("table", name)),
        }
    }

    /// The one table of that name in any schema. The search path can be set where no file shows it, for a
    /// role or a connection; and somewhere the table must be, else the statement would have failed.
    fn only_table(&self, name: &Name) -> Option<QualifiedName> {
        let mut found =
            self.catalog.tables().filter(|table| name.schema.is_none() && table.name.name == name.name);
        let only = found.next()?;
        found.next().is_none().then(|| only.name.clone())
    }

    pub(crate) fn missing(&self, what: &str, name: &Name) -> Problem {
        let shown = match &name.schema {
            Some(schema) => format!("{schema}.{}", name.name),
            None => name.name.clone(),
        };
        Problem::new(format!("no earlier statement creates the {what} `{shown}`"))
            .with_help("is a file missing, or are the files applied in another order?")
    }

    /// Whether something that no statement here creates may exist all the same.
    pub(crate) fn may_be_elsewhere(&self, name: &Name) -> bool {
        let hidden = self.catalog.opaque.iter().filter_map(|note| note.hides.as_ref());
        self.lenient
            || hidden.into_iter().any(|hidden| hidden.name == name.name)
            || self.anything_may_have_happened()
            || BOOKKEEPING.contains(&name.name.as_str())
            || name.schema.as_ref().is_some_and(|schema| self.is_foreign_schema(schema))
    }

    /// Whether a schema belongs to somebody else: no statement here creates it.
    pub(crate) fn is_foreign_schema(&self, schema: &str) -> bool {
        schema != "public" && self.catalog.schemas.get(schema).is_none_or(|schema| schema.origin.is_none())
    }

    /// A table to change.
    pub(crate) fn table_mut(&mut self, name: &QualifiedName) -> Option<&mut Table> {
        self.catalog.schemas.get_mut(&name.schema)?.tables.get_mut(&name.name)
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
        let (extension, _) = EXTENSION_TYPES.iter().find(|(_, types)| types.contains(&ty))?;
        let found = self.catalog.extensions.iter().find(|created| created.name == *extension)?;
        Some(found.schema.clone())
    }

    /// Forgets the temporary tables, as the end of a session does.
    pub(crate) fn drop_temporary(&mut self) {
        self.catalog.schemas.remove(TEMPORARY);
    }
}

/// The number in a node, when it fits.
pub(crate) fn number(node: Option<Node<'_>>) -> Option<i64> {
    node.and_then(literal::integer)
}
