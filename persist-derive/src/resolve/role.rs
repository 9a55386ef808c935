//! Fields with a role must have a column that can play it.

use persist_schema::Catalog;
use persist_schema::catalog::Table;

use super::column::Matched;
use crate::context::{Context, Mistake};
use crate::model::Role;
use crate::type_map;

/// Reports fields whose column cannot play their role, and roles that are given twice.
pub(super) fn check(ctx: &Context, table: &Table, matched: &[Matched<'_>], catalog: &Catalog) {
    for (index, field) in matched.iter().enumerate() {
        let twice = |earlier: &Matched<'_>| {
            is_single(&field.field.role) && same(&earlier.field.role, &field.field.role)
        };
        let mistake = match matched[..index].iter().find(|earlier| twice(earlier)) {
            Some(first) => Some(
                Mistake::new(format!("two fields are the `{}` of the row", name(field)))
                    .found(format!("`{}` has it already", first.field.ident))
                    .write("leave one of the marks out"),
            ),
            None => misfit(table, field, catalog),
        };
        if let Some(mistake) = mistake {
            ctx.report(&field.field.mark, mistake);
        }
    }
}

fn name(matched: &Matched<'_>) -> String {
    matched.field.mark.as_ref().map(ToString::to_string).unwrap_or_default()
}

fn is_single(role: &Role) -> bool {
    match role {
        Role::Version | Role::CreatedAt | Role::UpdatedAt => true,
        Role::Plain
        | Role::Id { .. }
        | Role::Generated
        | Role::Skipped { .. }
        | Role::Relation(_)
        | Role::Aggregate(_)
        | Role::Expression(_)
        | Role::Unclear => false,
    }
}

fn same(left: &Role, right: &Role) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

fn misfit(table: &Table, matched: &Matched<'_>, catalog: &Catalog) -> Option<Mistake> {
    let Matched { field, column, ty } = matched;
    let base = catalog.base_type(ty);
    let nullable = catalog.is_nullable(column);
    let shown = format!("`{}.{}`", table.name, column.name);
    let found = format!(
        "`{}{}` at {}",
        type_map::written(ty),
        if nullable { "" } else { " NOT NULL" },
        column.origin
    );
    match &field.role {
        Role::Plain
        | Role::Skipped { .. }
        | Role::Relation(_)
        | Role::Aggregate(_)
        | Role::Expression(_)
        | Role::Unclear => None,
        Role::Version if (base.is("int8") || base.is("int4")) && !nullable => None,
        Role::Version => Some(
            Mistake::new(format!("{shown} cannot count the changes of a row"))
                .found(found)
                .write("a version is `bigint NOT NULL DEFAULT 1`, in Rust `i64`"),
        ),
        Role::CreatedAt | Role::UpdatedAt if type_map::is_timestamp(&base) => None,
        Role::CreatedAt | Role::UpdatedAt => Some(
            Mistake::new(format!("{shown} is no point in time"))
                .found(found)
                .write("the column must be `timestamptz` or `timestamp`"),
        ),
        Role::Generated if column.generated.is_some() || column.identity.is_some() => None,
        Role::Generated => Some(
            Mistake::new(format!("{shown} is not generated"))
                .found(found)
                .write("leave the mark out; columns with a DEFAULT need none"),
        ),
        Role::Id { database: true } if !column.has_default() => Some(
            Mistake::new(format!("the database does not make {shown}"))
                .found(format!("{found}, without DEFAULT or identity"))
                .write("write `id` alone, or give the column a DEFAULT such as `gen_random_uuid()`"),
        ),
        Role::Id { .. } if base.is_array || ty.is_array => Some(
            Mistake::new(format!("{shown} is an array, which no key of a repository can be")).found(found),
        ),
        Role::Id { .. } => None,
    }
}
