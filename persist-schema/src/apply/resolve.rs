//! What a name means in a statement: where things are created, and what may exist that no migration creates.

use crate::analyse::lookup::Lookup;
use crate::analyse::name::Name;
use crate::apply::fold::Fold;
use crate::apply::problem::Problem;
use crate::catalog::{Schema, Table};
use crate::identifier::QualifiedName;
use crate::missing::Missing;
use crate::parse::Node;
use crate::pg_type::PgType;

/// The tables in which migration tools record what has run; migrations may touch them without creating them.
const TABLES_OF_TOOLS: &[&str] = &[
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

impl Fold {
    /// Where an unqualified object is created: in the first schema of the search path that exists.
    ///
    /// A schema that no migration creates is filled all the same.
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

    /// What names mean at this place.
    pub(crate) fn lookup(&self) -> Lookup<'_> {
        Lookup { catalog: &self.catalog, search_path: &self.search_path }
    }

    /// The first schema in which an object of that name is found.
    pub(crate) fn find(&self, name: &Name, has: impl Fn(&Schema, &str) -> bool) -> Option<QualifiedName> {
        self.lookup().find(name, has)
    }

    /// The relation that a name means.
    pub(crate) fn find_table(&self, name: &Name) -> Option<QualifiedName> {
        self.lookup().find_table(name)
    }

    /// The relation that a statement is about; `None` when it is missing and that is no mistake.
    pub(crate) fn require_table(&self, name: &Name) -> Result<Option<QualifiedName>, Problem> {
        match self.find_table(name).or_else(|| self.only_table(name)) {
            Some(found) => Ok(Some(found)),
            None if self.may_be_elsewhere(name) => Ok(None),
            None => Err(self.missing("table", name, |schema| schema.tables.keys().collect())),
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

    /// An object that no earlier statement creates. `names` are those of the same kind in a schema.
    pub(crate) fn missing(&self, kind: &str, name: &Name, names: fn(&Schema) -> Vec<&String>) -> Problem {
        let shown = match &name.schema {
            Some(schema) => format!("{schema}.{}", name.name),
            None => name.name.clone(),
        };
        let schemas = self.catalog.schemas.values();
        let objects = schemas.flat_map(|schema| {
            names(schema).into_iter().map(|name| QualifiedName::new(&schema.name, name).to_string())
        });
        let objects: Vec<String> = objects.collect();
        Missing::object(kind, &shown, objects.iter().map(String::as_str)).into()
    }

    /// Whether something that no statement here creates may exist all the same.
    pub(crate) fn may_be_elsewhere(&self, name: &Name) -> bool {
        let hidden = self.catalog.opaque.iter().filter_map(|note| note.hides.as_ref());
        self.lenient
            || hidden.into_iter().any(|hidden| hidden.name == name.name)
            || self.anything_may_have_happened()
            || TABLES_OF_TOOLS.contains(&name.name.as_str())
            || name.schema.as_ref().is_some_and(|schema| self.is_foreign_schema(schema))
    }

    /// Whether a schema comes from elsewhere: no statement here creates it.
    pub(crate) fn is_foreign_schema(&self, schema: &str) -> bool {
        schema != "public" && self.catalog.schemas.get(schema).is_none_or(|schema| schema.origin.is_none())
    }

    /// A table to change.
    pub(crate) fn table_mut(&mut self, name: &QualifiedName) -> Option<&mut Table> {
        self.catalog.schemas.get_mut(&name.schema)?.tables.get_mut(&name.name)
    }

    /// The type that a node means, and whether it was written as a serial.
    pub(crate) fn resolve_type(&self, node: Node<'_>) -> (Option<PgType>, bool) {
        self.lookup().resolve_type(node)
    }

    /// The type of a node that has a type below it; `None` when there is none.
    pub(crate) fn type_of(&self, node: Node<'_>) -> Option<PgType> {
        self.lookup().type_of(node)
    }

    /// The name of a user's type. An unknown one gets the schema of the extension that has it, else none.
    pub(crate) fn resolve_type_name(&self, name: &Name) -> QualifiedName {
        self.lookup().resolve_type_name(name)
    }
}

/// The names of the types in a schema that CREATE TYPE and CREATE DOMAIN make.
pub(crate) fn type_names(schema: &Schema) -> Vec<&String> {
    let names = schema.enums.keys().chain(schema.domains.keys());
    names.chain(schema.composites.keys()).chain(schema.ranges.keys()).collect()
}
