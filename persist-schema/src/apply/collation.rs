//! Collations: what they are called, and whether they take different strings for equal.

use crate::analyse::literal;
use crate::analyse::name::{self, Name};
use crate::apply::fold::Fold;
use crate::apply::problem::Outcome;
use crate::catalog::Collation;
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};
use crate::pg_type::PG_CATALOG;

/// CREATE COLLATION.
pub(crate) fn create(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(written) = node.child(Kind::COLLATION) else { return Ok(()) };
    let origin = fold.origin(node);
    let name = fold.target(name::name(written))?;
    let copied = node.child(Kind::COLLATION_FROM).and_then(|from| from.child(Kind::COLLATION_REF));
    let deterministic = match copied.and_then(|from| find(fold, &name::name(from))) {
        Some(original) => fold
            .schema(&original.schema)
            .collations
            .get(&original.name)
            .is_none_or(|found| found.deterministic),
        None => !says_no(node),
    };
    let collations = &mut fold.schema(&name.schema).collations;
    collations.entry(name.name.clone()).or_insert(Collation { name, deterministic, origin });
    Ok(())
}

/// Whether the options say `deterministic = false`.
fn says_no(node: Node<'_>) -> bool {
    let mut options = node.descendants().filter(|below| below.is(Kind::ATTRIBUTE_OPTION));
    let option = options.find(|option| {
        option.child(Kind::ATTRIBUTE_NAME).is_some_and(|name| name::identifier(name) == "deterministic")
    });
    let Some(value) = option.and_then(|option| option.child(Kind::ATTRIBUTE_VALUE)) else { return false };
    let value = literal::first_string(value).unwrap_or_else(|| value.text().to_owned());
    matches!(value.to_ascii_lowercase().as_str(), "false" | "off" | "no" | "f" | "n" | "0")
}

/// DROP COLLATION.
pub(crate) fn drop(fold: &mut Fold, node: Node<'_>) -> Outcome {
    for target in node.all(Kind::COLLATION_REF) {
        if let Some(found) = find(fold, &name::name(target)) {
            fold.schema(&found.schema).collations.remove(&found.name);
        }
    }
    Ok(())
}

/// ALTER COLLATION … RENAME TO and SET SCHEMA: what has the collation goes on having it.
pub(crate) fn alter(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(from) = node.child(Kind::COLLATION_REF).and_then(|from| find(fold, &name::name(from))) else {
        return Ok(());
    };
    let mut to = from.clone();
    if let Some(new) = node.child(Kind::COLLATION_RENAME_TO).and_then(|action| action.child(Kind::COLLATION))
    {
        to.name = name::name(new).name;
    } else if let Some(new) = node.child(Kind::SET_SCHEMA).and_then(|action| action.child(Kind::SCHEMA_REF)) {
        to.schema = name::identifier(new);
    }
    move_to(fold, &from, &to);
    Ok(())
}

/// Gives a collation another name, also where it is used.
pub(crate) fn move_to(fold: &mut Fold, from: &QualifiedName, to: &QualifiedName) {
    let Some(collation) = fold.schema(&from.schema).collations.remove(&from.name) else { return };
    let moved = Collation { name: to.clone(), ..collation };
    fold.schema(&to.schema).collations.insert(to.name.clone(), moved);
    for schema in fold.catalog.schemas.values_mut() {
        let columns = schema.tables.values_mut().flat_map(|table| &mut table.columns);
        let of_columns = columns.map(|column| &mut column.collation);
        let of_domains = schema.domains.values_mut().map(|domain| &mut domain.collation);
        for collation in of_columns.chain(of_domains).flatten().filter(|name| *name == from) {
            collation.clone_from(to);
        }
    }
}

/// The collation that a COLLATE clause names. One that no migration creates is taken for one of PostgreSQL's
/// own, unless it has a schema.
pub(crate) fn named(fold: &Fold, clause: Node<'_>) -> Option<QualifiedName> {
    let written = name::name(clause.child(Kind::COLLATION_REF)?);
    let found = find(fold, &written);
    let Name { schema, name } = written;
    found.or_else(|| Some(QualifiedName::new(schema.unwrap_or_else(|| PG_CATALOG.to_owned()), name)))
}

fn find(fold: &Fold, written: &Name) -> Option<QualifiedName> {
    fold.find(written, |schema, name| schema.collations.contains_key(name))
}
