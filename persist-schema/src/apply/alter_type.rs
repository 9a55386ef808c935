//! ALTER TYPE and ALTER DOMAIN.

use crate::analyse::literal;
use crate::analyse::name::{self, Name};
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::apply::resolve::type_names;
use crate::apply::{column, create_type, move_object};
use crate::catalog::{CompositeType, Domain, EnumType};
use crate::identifier::QualifiedName;
use crate::missing::{Missing, owner};
use crate::parse::{Kind, Node};

/// ALTER TYPE.
pub(crate) fn alter_type(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(written) = node.child(Kind::TYPE_NAME_REF).map(name::name) else { return Ok(()) };
    let Some(name) = require(fold, &written)? else { return Ok(()) };
    let Some(action) = node.children().find(|child| !child.is_token() && !child.is(Kind::TYPE_NAME_REF))
    else {
        return Ok(());
    };
    match action.kind() {
        Kind::ADD_VALUE => add_value(fold, &name, action),
        Kind::RENAME_VALUE => rename_value(fold, &name, action),
        Kind::TYPE_RENAME_TO | Kind::SET_SCHEMA => rename_type(fold, &name, action),
        Kind::ALTER_TYPE_ATTRIBUTE_ACTION_LIST => action
            .children()
            .filter(|child| !child.is_token())
            .try_for_each(|action| attribute(fold, &name, action)),
        Kind::RENAME_ATTRIBUTE => attribute(fold, &name, action),
        _ => Ok(()),
    }
}

/// The type that a statement is about; `None` when it is missing and that is no mistake.
fn require(fold: &Fold, written: &Name) -> Result<Option<QualifiedName>, Problem> {
    let name = fold.resolve_type_name(written);
    let known = fold.catalog.schemas.get(&name.schema).is_some_and(|schema| {
        schema.enums.contains_key(&name.name)
            || schema.domains.contains_key(&name.name)
            || schema.composites.contains_key(&name.name)
            || schema.ranges.contains_key(&name.name)
    });
    match known {
        true => Ok(Some(name)),
        false if fold.may_be_elsewhere(written) => Ok(None),
        false => Err(fold.missing("type", written, type_names)),
    }
}

fn enum_mut<'f>(fold: &'f mut Fold, name: &QualifiedName) -> Result<&'f mut EnumType, Problem> {
    let found =
        fold.catalog.schemas.get_mut(&name.schema).and_then(|schema| schema.enums.get_mut(&name.name));
    found.ok_or_else(|| Problem::new(format!("the type `{name}` is no enum")))
}

fn add_value(fold: &mut Fold, name: &QualifiedName, action: Node<'_>) -> Outcome {
    let Some(label) = action.child(Kind::LITERAL).and_then(literal::string) else { return Ok(()) };
    let neighbour = |kind| action.child(kind).and_then(literal::first_string);
    let (before, after) = (neighbour(Kind::BEFORE_VALUE), neighbour(Kind::AFTER_VALUE));
    let found = enum_mut(fold, name)?;
    if found.labels.contains(&label) {
        let exists =
            Problem::new(format!("the enum `{name}` has the label '{label}' already ({})", found.origin));
        return if action.has(Kind::IF_NOT_EXISTS) { Ok(()) } else { Err(exists) };
    }
    let position = |wanted: &String| {
        let position = found.labels.iter().position(|candidate| candidate == wanted);
        position.ok_or_else(|| Problem::from(Missing::label(wanted, found)))
    };
    let at = match (&before, &after) {
        (Some(before), _) => position(before)?,
        (None, Some(after)) => position(after)? + 1,
        (None, None) => found.labels.len(),
    };
    found.labels.insert(at, label);
    Ok(())
}

fn rename_value(fold: &mut Fold, name: &QualifiedName, action: Node<'_>) -> Outcome {
    let mut labels = action.all(Kind::LITERAL).filter_map(literal::string);
    let (Some(from), Some(to)) = (labels.next(), labels.next()) else { return Ok(()) };
    let found = enum_mut(fold, name)?;
    match found.labels.iter_mut().find(|label| **label == from) {
        Some(label) => {
            *label = to;
            Ok(())
        }
        None => Err(Missing::label(&from, found).into()),
    }
}

/// RENAME TO and SET SCHEMA, of domains too.
fn rename_type(fold: &mut Fold, name: &QualifiedName, action: Node<'_>) -> Outcome {
    let mut to = name.clone();
    match action.children().filter(|child| !child.is_token()).last() {
        Some(schema) if action.is(Kind::SET_SCHEMA) => to.schema = name::identifier(schema),
        Some(new) => to.name = name::name(new).name,
        None => return Ok(()),
    }
    move_object::user_type(fold, name, &to);
    Ok(())
}

fn attribute(fold: &mut Fold, name: &QualifiedName, action: Node<'_>) -> Outcome {
    let new = create_type::field(fold, action);
    let ty = fold.type_of(action);
    let found: Option<&mut CompositeType> =
        fold.catalog.schemas.get_mut(&name.schema).and_then(|schema| schema.composites.get_mut(&name.name));
    let Some(found) = found else { return Err(Problem::new(format!("the type `{name}` is not composite"))) };
    let wanted = action.child(Kind::COMPOSITE_FIELD_REF).map(name::identifier);
    if action.is(Kind::ADD_ATTRIBUTE) {
        found.fields.extend(new);
        return Ok(());
    }
    let Some(wanted) = wanted else { return Ok(()) };
    let Some(position) = found.fields.iter().position(|field| field.name == wanted) else {
        let owner = owner("type", name, &found.origin);
        let names = found.fields.iter().map(|field| field.name.as_str());
        let missing = Missing::part(&owner, "attribute", &wanted, names);
        return if action.has(Kind::IF_EXISTS) { Ok(()) } else { Err(missing.into()) };
    };
    match (action.kind(), ty) {
        (Kind::DROP_ATTRIBUTE, _) => {
            found.fields.remove(position);
        }
        (Kind::ALTER_ATTRIBUTE, Some(ty)) => found.fields[position].ty = ty,
        (Kind::RENAME_ATTRIBUTE, _) => {
            if let Some(to) = action.child(Kind::COMPOSITE_FIELD).map(name::identifier) {
                found.fields[position].name = to;
            }
        }
        _ => {}
    }
    Ok(())
}

/// ALTER DOMAIN.
pub(crate) fn alter_domain(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(written) = node.child(Kind::DOMAIN_REF).map(name::name) else { return Ok(()) };
    let Some(name) = require(fold, &written)? else { return Ok(()) };
    let Some(action) = node.children().find(|child| !child.is_token() && !child.is(Kind::DOMAIN_REF)) else {
        return Ok(());
    };
    if matches!(action.kind(), Kind::DOMAIN_RENAME_TO | Kind::SET_SCHEMA) {
        return rename_type(fold, &name, action);
    }
    if let (Kind::ADD_CONSTRAINT, Some(check)) = (action.kind(), action.child(Kind::CHECK_CONSTRAINT)) {
        create_type::add_check(fold, &name, check);
        return Ok(());
    }
    let new = action.child(Kind::CONSTRAINT_NAME).map(name::identifier);
    fold.remember(new.as_deref().unwrap_or_default());
    let found: Option<&mut Domain> =
        fold.catalog.schemas.get_mut(&name.schema).and_then(|schema| schema.domains.get_mut(&name.name));
    let Some(domain) = found else { return Err(Problem::new(format!("the type `{name}` is no domain"))) };
    let constraint = action.child(Kind::CONSTRAINT_NAME_REF).map(|node| name::name(node).name);
    match action.kind() {
        Kind::SET_NOT_NULL => domain.not_null = true,
        Kind::DROP_NOT_NULL => domain.not_null = false,
        Kind::SET_DEFAULT => domain.default = column::default(action),
        Kind::DROP_DEFAULT => domain.default = None,
        Kind::DROP_CONSTRAINT => domain.checks.retain(|check| Some(&check.name) != constraint.as_ref()),
        Kind::VALIDATE_CONSTRAINT => {
            domain.checks.iter_mut().filter(|check| Some(&check.name) == constraint.as_ref()).for_each(
                |check| {
                    check.validated = true;
                },
            );
        }
        Kind::RENAME_CONSTRAINT => {
            let check = domain.checks.iter_mut().find(|check| Some(&check.name) == constraint.as_ref());
            if let (Some(check), Some(new)) = (check, new) {
                check.name = new;
            }
        }
        _ => {}
    }
    Ok(())
}
