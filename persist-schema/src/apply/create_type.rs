//! CREATE TYPE and CREATE DOMAIN.

use crate::analyse::{expression_text, literal, name, operand};
use crate::apply::constraint_clauses::given_name;
use crate::apply::fold::Fold;
use crate::apply::problem::{Outcome, Problem};
use crate::apply::{collation, column};
use crate::catalog::{Check, CompositeType, Domain, EnumType, Field, RangeType};
use crate::identifier::QualifiedName;
use crate::parse::{Kind, Node};

/// CREATE TYPE. Shell and base types, which only extensions make, are left out.
pub(crate) fn create_type(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(written) = node.child(Kind::TYPE_NAME) else {
        return Ok(());
    };
    let origin = fold.origin(node);
    let name = fold.target(name::name(written))?;
    refuse_existing(fold, &name)?;
    if let Some(body) = node.child(Kind::ENUM_TYPE) {
        let labels =
            body.descendants().filter(|below| below.is(Kind::VARIANT)).filter_map(literal::first_string);
        let found = EnumType { name: name.clone(), labels: labels.collect(), comment: None, origin };
        fold.schema(&name.schema).enums.insert(name.name, found);
    } else if let Some(body) = node.child(Kind::COMPOSITE_TYPE) {
        let fields = body
            .descendants()
            .filter(|below| below.is(Kind::COMPOSITE_FIELD_DEF))
            .filter_map(|definition| field(fold, definition))
            .collect();
        let found = CompositeType { name: name.clone(), fields, comment: None, origin };
        fold.schema(&name.schema).composites.insert(name.name, found);
    } else if let Some(body) = node.child(Kind::RANGE_TYPE) {
        let subtype = body
            .descendants()
            .filter(|below| below.is(Kind::ATTRIBUTE_OPTION))
            .find(|option| {
                option
                    .child(Kind::ATTRIBUTE_NAME)
                    .is_some_and(|name| name.text().eq_ignore_ascii_case("subtype"))
            })
            .and_then(|option| option.child(Kind::ATTRIBUTE_VALUE))
            .and_then(|value| fold.type_of(value));
        let Some(subtype) = subtype else {
            return Err(Problem::new("the range type has no subtype"));
        };
        let found = RangeType { name: name.clone(), subtype, comment: None, origin };
        fold.schema(&name.schema).ranges.insert(name.name, found);
    }
    Ok(())
}

/// Reads the name and the type of a composite type's attribute.
pub(crate) fn field(fold: &Fold, definition: Node<'_>) -> Option<Field> {
    Some(Field {
        name: name::identifier(definition.child(Kind::COMPOSITE_FIELD)?),
        ty: fold.type_of(definition)?,
        origin: fold.origin(definition),
    })
}

/// CREATE DOMAIN.
pub(crate) fn create_domain(fold: &mut Fold, node: Node<'_>) -> Outcome {
    let Some(written) = node.child(Kind::DOMAIN) else {
        return Ok(());
    };
    let origin = fold.origin(node);
    let name = fold.target(name::name(written))?;
    refuse_existing(fold, &name)?;
    let Some(base) = fold.type_of(node) else {
        return Err(Problem::new("the domain has no type"));
    };
    let domain = Domain {
        name: name.clone(),
        base,
        not_null: node.has(Kind::NOT_NULL_CONSTRAINT),
        default: node.child(Kind::DEFAULT_CONSTRAINT).and_then(column::default),
        checks: Vec::new(),
        collation: node.child(Kind::COLLATE).and_then(|clause| collation::named(fold, clause)),
        comment: None,
        origin,
    };
    fold.schema(&name.schema).domains.insert(name.name.clone(), domain);
    for check in node.all(Kind::CHECK_CONSTRAINT) {
        add_check(fold, &name, check);
    }
    Ok(())
}

/// Adds a CHECK to a domain.
pub(crate) fn add_check(fold: &mut Fold, domain: &QualifiedName, node: Node<'_>) {
    let Some(operand) = operand::operand(node) else {
        return;
    };
    let check = Check {
        name: given_name(node).unwrap_or_else(|| fold.choose_check_name(domain, &[])),
        expression: expression_text::read(operand, |_| false),
        no_inherit: false,
        validated: !node.has(Kind::NOT_VALID),
        inherited: false,
        local: true,
        comment: None,
        origin: fold.origin(node),
    };
    fold.remember(&check.name);
    if let Some(domain) = fold.schema(&domain.schema).domains.get_mut(&domain.name) {
        domain.checks.push(check);
    }
}

fn refuse_existing(fold: &Fold, name: &QualifiedName) -> Outcome {
    let existing = fold.catalog.schemas.get(&name.schema).and_then(|schema| {
        let origins = [
            schema.enums.get(&name.name).map(|found| &found.origin),
            schema.domains.get(&name.name).map(|found| &found.origin),
            schema.composites.get(&name.name).map(|found| &found.origin),
            schema.ranges.get(&name.name).map(|found| &found.origin),
            schema.tables.get(&name.name).map(|found| &found.origin),
        ];
        origins.into_iter().flatten().next()
    });
    match existing {
        Some(origin) => Err(Problem::new(format!("a type `{name}` exists already ({origin})"))),
        None => Ok(()),
    }
}
