//! Queries over the system catalogs in DO blocks: whether a type, column or constraint exists already.

use crate::analyse::{literal, name, operand};
use crate::apply::constraint_name::{has_constraint, has_index};
use crate::apply::fold::Fold;
use crate::catalog::{Schema, Table};
use crate::parse::{Kind, Node};

/// A kind of query: over which catalogs, by which column, and how its result is found.
struct CatalogQuery {
    sources: &'static [&'static str],
    columns: &'static [&'static str],
    is_there: fn(&Conditions<'_>, &str) -> bool,
}

/// A query whose WHERE was read.
struct Conditions<'f> {
    fold: &'f Fold,
    /// The comparisons in its WHERE: a column and a constant.
    wanted: Vec<(String, String)>,
}

const SCHEMA_COLUMNS: &[&str] = &[
    "connamespace",
    "constraint_schema",
    "nspname",
    "relnamespace",
    "schema_name",
    "schemaname",
    "table_schema",
    "trigger_schema",
    "typnamespace",
    "udt_schema",
];

const TABLE_COLUMNS: &[&str] = &[
    "attrelid",
    "conrelid",
    "event_object_table",
    "indrelid",
    "polrelid",
    "relname",
    "table_name",
    "tablename",
    "tgrelid",
];

/// Columns whose comparisons make no difference where names are unique.
const IGNORED: &[&str] = &[
    "attisdropped",
    "attnum",
    "constraint_catalog",
    "constraint_type",
    "contype",
    "relkind",
    "table_catalog",
    "table_type",
    "typtype",
];

/// The first whose catalogs and columns occur in a query is its kind.
const CATALOG_QUERIES: &[CatalogQuery] = &[
    CatalogQuery { sources: &["pg_enum"], columns: &["enumlabel"], is_there: has_label },
    CatalogQuery { sources: &["pg_type"], columns: &["typname", "oid"], is_there: has_type },
    CatalogQuery {
        sources: &["pg_constraint", "table_constraints", "constraint_column_usage", "key_column_usage"],
        columns: &["conname", "constraint_name"],
        is_there: |conditions, name| conditions.tables().any(|table| has_constraint(table, name)),
    },
    CatalogQuery {
        sources: &["columns", "pg_attribute"],
        columns: &["column_name", "attname"],
        is_there: |conditions, name| conditions.tables().any(|table| table.column(name).is_some()),
    },
    CatalogQuery {
        sources: &["pg_indexes"],
        columns: &["indexname"],
        is_there: |conditions, name| conditions.tables().any(|table| has_index(table, name)),
    },
    CatalogQuery {
        sources: &["pg_trigger", "triggers"],
        columns: &["tgname", "trigger_name"],
        is_there: |conditions, name| {
            conditions.tables().any(|table| table.triggers.iter().any(|found| found.name == name))
        },
    },
    CatalogQuery {
        sources: &["pg_policies", "pg_policy"],
        columns: &["policyname", "polname"],
        is_there: |conditions, name| {
            conditions.tables().any(|table| table.policies.iter().any(|found| found.name == name))
        },
    },
    CatalogQuery {
        sources: &[
            "tables",
            "pg_tables",
            "pg_class",
            "views",
            "pg_views",
            "pg_matviews",
            "sequences",
            "pg_sequences",
        ],
        columns: &[
            "table_name",
            "tablename",
            "relname",
            "viewname",
            "matviewname",
            "sequence_name",
            "sequencename",
        ],
        is_there: |conditions, name| {
            conditions.schemas().any(|schema| conditions.fold.is_relation(&schema.name, name))
        },
    },
    CatalogQuery {
        sources: &["schemata", "pg_namespace"],
        columns: &["schema_name", "nspname"],
        is_there: |conditions, name| !conditions.fold.is_foreign_schema(name),
    },
    CatalogQuery {
        sources: &["pg_extension"],
        columns: &["extname"],
        is_there: |conditions, name| {
            conditions.fold.catalog.extensions.iter().any(|found| found.name == name)
        },
    },
    CatalogQuery {
        sources: &["pg_proc", "routines"],
        columns: &["proname", "routine_name"],
        is_there: |conditions, name| {
            conditions.schemas().any(|s| s.functions.iter().any(|found| found.name.name == name))
        },
    },
];

/// Whether a query over the system catalogs returns a row; `None` when that cannot be known.
pub(crate) fn exists(fold: &Fold, query: Node<'_>) -> Option<bool> {
    let sources: Vec<String> = query
        .child(Kind::FROM_CLAUSE)?
        .descendants()
        .filter(|below| below.is(Kind::RELATION_NAME_REF))
        .map(|relation| name::name(relation).name)
        .collect();
    let wanted = comparisons(query.child(Kind::WHERE_CLAUSE)?)?;
    let conditions = Conditions { fold, wanted };
    let matches = |kind: &&CatalogQuery| {
        kind.sources.iter().any(|source| sources.iter().any(|found| found == source))
            && conditions.get(kind.columns).is_some()
    };
    let kind = CATALOG_QUERIES.iter().find(matches)?;
    let understood = |column: &String| {
        let known = [kind.columns, SCHEMA_COLUMNS, TABLE_COLUMNS, IGNORED, &["enumtypid", "typname"]];
        known.iter().any(|columns| columns.contains(&column.as_str()))
    };
    if !conditions.wanted.iter().all(|(column, _)| understood(column)) {
        return None;
    }
    Some((kind.is_there)(&conditions, conditions.get(kind.columns)?))
}

impl Conditions<'_> {
    fn get(&self, columns: &[&str]) -> Option<&str> {
        let mut wanted = self.wanted.iter();
        wanted.find(|(column, _)| columns.contains(&column.as_str())).map(|(_, value)| value.as_str())
    }

    fn schemas(&self) -> impl Iterator<Item = &Schema> {
        let wanted = self.get(SCHEMA_COLUMNS);
        self.fold.catalog.schemas.values().filter(move |schema| wanted.is_none_or(|name| name == schema.name))
    }

    fn tables(&self) -> impl Iterator<Item = &Table> {
        let wanted = self.get(TABLE_COLUMNS).map(last_part);
        let tables = self.schemas().flat_map(|schema| schema.tables.values());
        tables.filter(move |table| wanted.as_ref().is_none_or(|name| *name == table.name.name))
    }
}

fn has_label(conditions: &Conditions<'_>, label: &str) -> bool {
    let Some(ty) = conditions.get(&["typname", "enumtypid"]).map(last_part) else { return false };
    conditions
        .schemas()
        .filter_map(|schema| schema.enums.get(&ty))
        .any(|found| found.labels.iter().any(|own| own == label))
}

fn has_type(conditions: &Conditions<'_>, name: &str) -> bool {
    let name = last_part(name);
    conditions.schemas().any(|schema| {
        schema.enums.contains_key(&name)
            || schema.domains.contains_key(&name)
            || schema.composites.contains_key(&name)
            || schema.ranges.contains_key(&name)
            || schema.tables.contains_key(&name)
    })
}

/// The name without a schema in front: `'storage.buckets'::regclass` has one, a plain name may hold upper
/// case.
fn last_part(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((_, last)) => name::unquote(last),
        None if name.starts_with('"') => name::unquote(name),
        None => name.to_owned(),
    }
}

/// The comparisons of columns with constants in a WHERE of nothing but AND; `None` when there is anything
/// else.
fn comparisons(clause: Node<'_>) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    collect(operand::operand(clause)?, &mut found)?;
    Some(found)
}

fn collect(node: Node<'_>, found: &mut Vec<(String, String)>) -> Option<()> {
    let node = operand::without_parentheses(node);
    // NOT attisdropped, attnum > 0: what every query over the columns says.
    let column = |node: Node<'_>| name::identifiers_of(node).pop();
    if node.is(Kind::PREFIX_EXPR) || node.is(Kind::BIN_EXPR) && node.has(Kind::R_ANGLE) {
        let column = column(operand::operand(node)?)?;
        return IGNORED.contains(&column.as_str()).then_some(());
    }
    if !node.is(Kind::BIN_EXPR) {
        return None;
    }
    let mut operands = node.children().filter(|child| !child.is_token());
    let (left, right) = (operands.next()?, operands.next()?);
    if node.has(Kind::AND_KW) {
        collect(left, found)?;
        return collect(right, found);
    }
    if !node.has(Kind::EQ) {
        return None;
    }
    match constant(right) {
        Some(value) => found.push((column(left)?, value)),
        // A join condition or current_schema(), which excludes nothing that is known here.
        None if matches!(right.kind(), Kind::FIELD_EXPR | Kind::CALL_EXPR) => {}
        None => return None,
    }
    Some(())
}

fn constant(node: Node<'_>) -> Option<String> {
    let mut inner = operand::without_parentheses(node);
    while inner.is(Kind::CAST_EXPR) {
        inner = operand::without_parentheses(operand::operand(inner)?);
    }
    inner.is(Kind::LITERAL).then(|| literal::string(inner)).flatten()
}
