//! Schemas, extensions and the search path.

use crate::analyse::name::{self, Name};
use crate::analyse::{literal, lookup};
use crate::apply::fold::{ApplyStatement, Fold};
use crate::apply::problem::{Outcome, Problem};
use crate::apply::resolve::type_names;
use crate::apply::{collation, drop, move_object};
use crate::builtin::extension;
use crate::catalog::{Extension, Schema};
use crate::identifier::QualifiedName;
use crate::missing::Missing;
use crate::parse::{Kind, Node};

/// CREATE SCHEMA, and in it what the statement carries along.
pub(crate) fn create(fold: &mut Fold, node: Node<'_>, apply: ApplyStatement) -> Outcome {
    let Some(name) = created_name(node) else { return Ok(()) };
    let origin = fold.origin(node);
    let schema = fold.schema(&name);
    match &schema.origin {
        Some(_) if node.has(Kind::IF_NOT_EXISTS) => {}
        Some(existing) => {
            return Err(Problem::new(format!("the schema `{name}` exists already ({existing})")));
        }
        None if name == "public" => {}
        None => schema.origin = Some(origin),
    }
    // The server sorts the elements: tables may come after the views that read them.
    let mut elements: Vec<Node<'_>> =
        node.children().filter(|child| element_rank(child.kind()).is_some()).collect();
    elements.sort_by_key(|element| element_rank(element.kind()));
    fold.search_path.insert(0, name);
    elements.into_iter().for_each(|element| apply(fold, element));
    fold.search_path.remove(0);
    Ok(())
}

fn element_rank(kind: Kind) -> Option<u8> {
    match kind {
        Kind::CREATE_SEQUENCE => Some(0),
        Kind::CREATE_TABLE => Some(1),
        Kind::CREATE_VIEW => Some(2),
        Kind::CREATE_INDEX => Some(3),
        Kind::CREATE_TRIGGER => Some(4),
        _ => None,
    }
}

/// The name of the schema that CREATE SCHEMA makes; with AUTHORIZATION alone it is the role's.
fn created_name(node: Node<'_>) -> Option<String> {
    if let Some(named) = node.child(Kind::NAMED_SCHEMA) {
        return named.child(Kind::SCHEMA).map(name::identifier);
    }
    node.child(Kind::AUTHORIZATION_SCHEMA)?.child(Kind::ROLE).map(name::identifier)
}

/// ALTER SCHEMA … RENAME TO.
pub(crate) fn alter(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(from) = node.child(Kind::SCHEMA_REF).map(name::identifier) else { return Ok(()) };
    let Some(action) = node.child(Kind::SCHEMA_RENAME_TO) else { return Ok(()) };
    let Some(to) = action.child(Kind::SCHEMA).map(name::identifier) else { return Ok(()) };
    let Some(schema) = fold.catalog.schemas.get(&from) else {
        let schemas = fold.catalog.schemas.keys().map(String::as_str);
        return Err(Missing::object("schema", &from, schemas).into());
    };
    let mut renamed = Schema::new(to.clone(), schema.origin.clone().or_else(|| Some(fold.origin(node))));
    renamed.comment.clone_from(&schema.comment);
    let tables: Vec<String> = schema.tables.keys().cloned().collect();
    let sequences: Vec<String> = schema.sequences.keys().cloned().collect();
    let types: Vec<String> = type_names(schema).into_iter().cloned().collect();
    let collations: Vec<String> = schema.collations.keys().cloned().collect();
    fold.catalog.schemas.insert(to.clone(), renamed);
    let both =
        |name: String| (QualifiedName::new(from.clone(), name.clone()), QualifiedName::new(to.clone(), name));
    for (old, new) in collations.into_iter().map(both) {
        collation::move_to(fold, &old, &new);
    }
    for (old, new) in types.into_iter().map(both) {
        move_object::user_type(fold, &old, &new);
    }
    for (old, new) in tables.into_iter().map(both) {
        move_object::relation(fold, &old, &new);
    }
    for (old, new) in sequences.into_iter().map(both) {
        move_object::sequence(fold, &old, new);
    }
    let mut functions = fold.catalog.schemas.remove(&from).map(|schema| schema.functions).unwrap_or_default();
    for function in &mut functions {
        function.name.schema.clone_from(&to);
    }
    fold.schema(&to).functions = functions;
    for extension in fold.catalog.extensions.iter_mut().filter(|extension| extension.schema == from) {
        extension.schema.clone_from(&to);
    }
    Ok(())
}

/// DROP SCHEMA with all that is in it.
pub(crate) fn drop(fold: &mut Fold, node: Node<'_>) -> Outcome {
    for target in node.all(Kind::SCHEMA_REF) {
        let name = name::identifier(target);
        let Some(schema) = fold.catalog.schemas.get(&name) else { continue };
        let tables: Vec<QualifiedName> = schema.tables.values().map(|table| table.name.clone()).collect();
        let types: Vec<QualifiedName> =
            type_names(schema).into_iter().map(|ty| QualifiedName::new(&name, ty)).collect();
        for table in tables {
            drop::table(fold, &table);
        }
        for ty in types {
            drop::drop_type(fold, &ty);
        }
        fold.catalog.schemas.remove(&name);
        fold.catalog.extensions.retain(|extension| extension.schema != name);
    }
    Ok(())
}

/// CREATE EXTENSION.
pub(crate) fn create_extension(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(name) = node.child(Kind::EXTENSION).map(name::identifier) else { return Ok(()) };
    if fold.catalog.extensions.iter().any(|extension| extension.name == name) {
        return Ok(());
    }
    let origin = fold.origin(node);
    let schema = match node.child(Kind::EXTENSION_SCHEMA).and_then(|clause| clause.child(Kind::SCHEMA_REF)) {
        Some(schema) => name::identifier(schema),
        None => fold.target(Name { schema: None, name: name.clone() })?.schema,
    };
    fold.catalog.extensions.push(Extension { name, schema, origin });
    Ok(())
}

/// ALTER EXTENSION … SET SCHEMA.
pub(crate) fn alter_extension(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(name) = node.child(Kind::EXTENSION_REF).map(name::identifier) else { return Ok(()) };
    let schema =
        node.child(Kind::SET_SCHEMA).and_then(|action| action.child(Kind::SCHEMA_REF)).map(name::identifier);
    if let Some(schema) = schema
        && let Some(extension) = fold.catalog.extensions.iter_mut().find(|extension| extension.name == name)
    {
        extension.schema = schema;
    }
    Ok(())
}

/// DROP EXTENSION, with the columns of its types.
pub(crate) fn drop_extension(fold: &mut Fold, node: Node<'_>) -> Outcome {
    for name in node.all(Kind::EXTENSION_REF).map(name::identifier) {
        let Some(position) = fold.catalog.extensions.iter().position(|extension| extension.name == name)
        else {
            continue;
        };
        let extension = fold.catalog.extensions.remove(position);
        for ty in extension::types_of(&name) {
            drop::columns_of_type(fold, &QualifiedName::new(extension.schema.clone(), *ty));
        }
    }
    Ok(())
}

/// SET search_path, in whatever scope: until the end of the file.
pub(crate) fn set(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(config) = node.child(Kind::SET_CONFIG) else { return Ok(()) };
    let is_path = |node: Node<'_>| name::name(node).name == "search_path";
    if !config.child(Kind::CONFIG_PARAMETER_REF).is_some_and(is_path) {
        return Ok(());
    }
    let Some(value) = config.child(Kind::TO_CONFIG_VALUE) else { return Ok(()) };
    if value.has(Kind::DEFAULT_KW) {
        fold.search_path = lookup::default_search_path();
        return Ok(());
    }
    let schemas = value.children().filter_map(|part| match part.kind() {
        Kind::CONFIG_VALUE_NAME => Some(name::identifier(part)),
        Kind::LITERAL => literal::string(part),
        _ => None,
    });
    set_path(fold, schemas);
    Ok(())
}

/// RESET search_path.
pub(crate) fn reset(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let parameter = node.descendants().find(|below| below.is(Kind::CONFIG_PARAMETER_REF));
    if parameter.is_none_or(|parameter| name::name(parameter).name == "search_path") {
        fold.search_path = lookup::default_search_path();
    }
    Ok(())
}

/// `SELECT set_config('search_path', 'a, b', false)`, as pg_dump writes it.
pub(crate) fn set_config(fold: &mut Fold, arguments: &[Node<'_>]) {
    let text = |at: usize| arguments.get(at).and_then(|argument| literal::first_string(*argument));
    if text(0).as_deref() == Some("search_path")
        && let Some(path) = text(1)
    {
        set_path(fold, path.split(',').map(|part| name::unquote(part.trim())));
    }
}

fn set_path(fold: &mut Fold, schemas: impl Iterator<Item = String>) {
    fold.search_path = schemas.filter(|schema| !schema.is_empty() && schema != "$user").collect();
}
