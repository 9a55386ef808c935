//! Paths: relations for conditions only, which attributes of the struct declare.

use syn::ext::IdentExt as _;
use syn::{DeriveInput, Visibility};

use super::relation;
use crate::attribute::{Attributes, Declared};
use crate::context::{Context, Mistake};
use crate::model::{Field, Relation, Role};
use crate::symbol::{self, Place};

/// The paths of a struct, which must have other names than its fields and their columns.
pub(super) fn paths(
    ctx: &Context,
    attributes: &Attributes,
    input: &DeriveInput,
    fields: &[Field],
) -> Vec<Field> {
    let mut paths: Vec<Field> = Vec::new();
    for declared in attributes.fields(&symbol::FILTER_BY) {
        let path = path(ctx, declared, &input.vis);
        if let Some((found, write)) = taken(&path, fields, &paths) {
            let mistake = Mistake::new(format!("the name `{}` is taken", path.ident.unraw()));
            ctx.report(&path.ident, mistake.found(found).write(write));
        }
        paths.push(path);
    }
    paths
}

/// The path as a field, which is seen wherever its struct is unless it says otherwise.
fn path(ctx: &Context, declared: &Declared, around: &Visibility) -> Field {
    let Declared { vis, ident, ty, rest } = declared;
    let attributes = Attributes::within(ctx, rest.clone(), Place::Path);
    let written = attributes.role();
    if written.is_none() && !attributes.is_unclear {
        let mistake = Mistake::new(format!("the path `{}` does not say which relation it is", ident.unraw()));
        ctx.report(
            ident,
            mistake.write("write `has_many`, `has_one`, `belongs_to`, `many_to_many(through = \"…\")` or `ancestors` behind its type"),
        );
    }
    let relation = written
        .filter(|_| !attributes.is_unclear)
        .and_then(|written| relation::relation(written, &attributes));
    Field {
        ident: ident.clone(),
        vis: if matches!(vis, Visibility::Inherited) { around.clone() } else { vis.clone() },
        ty: ty.clone(),
        column: None,
        role: relation.map_or(Role::Unclear, |relation| {
            Role::Relation(Box::new(Relation { is_path: true, ..relation }))
        }),
        mark: written.map(|written| written.ident.clone()),
    }
}

/// What has the name of the path already, and what to do about it.
fn taken(path: &Field, fields: &[Field], paths: &[Field]) -> Option<(String, &'static str)> {
    const RENAME: &str = "give the path another name; its table can be said by `table = \"…\"`";
    let name = path.ident.unraw();
    if paths.iter().any(|path| path.ident.unraw() == name) {
        return Some((format!("another path `{name}`"), "leave one of them out"));
    }
    if let Some(field) = fields.iter().find(|field| field.ident.unraw() == name) {
        return Some(match &field.role {
            Role::Relation(_) => {
                let write = "leave the path out: the field of a relation stands in conditions, too";
                (format!("the relation `{name}`"), write)
            }
            Role::Column(_)
            | Role::Skipped { .. }
            | Role::OneOf(_)
            | Role::Aggregate(_)
            | Role::Line(_)
            | Role::Expression(_)
            | Role::Unclear => (format!("the field `{name}`"), RENAME),
        });
    }
    let field =
        fields.iter().find(|field| field.role.of_column().is_some() && name == field.column_name())?;
    Some((format!("the column of the field `{}`", field.ident.unraw()), RENAME))
}
