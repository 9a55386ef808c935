//! Fields with a role must have a column that can play it.

use persist_schema::Catalog;
use persist_schema::catalog::Table;

use super::column::Matched;
use crate::context::{Context, Mistake};
use crate::model::ColumnRole;
use crate::type_map;

/// Reports fields whose column cannot play their role, and roles that are given twice.
pub(super) fn check(ctx: &Context, table: &Table, matched: &[Matched<'_>], catalog: &Catalog) {
    for (index, field) in matched.iter().enumerate() {
        let twice = |earlier: &Matched<'_>| is_single(field.role) && earlier.role == field.role;
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

fn is_single(role: ColumnRole) -> bool {
    match role {
        ColumnRole::Version | ColumnRole::CreatedAt | ColumnRole::UpdatedAt => true,
        ColumnRole::Plain | ColumnRole::Id { .. } | ColumnRole::Generated => false,
    }
}

fn misfit(table: &Table, matched: &Matched<'_>, catalog: &Catalog) -> Option<Mistake> {
    let Matched { role, column, ty, .. } = matched;
    let base = catalog.base_type(ty);
    let nullable = catalog.is_nullable(column);
    let shown = format!("`{}.{}`", table.name, column.name);
    let found = format!(
        "`{}{}` at {}",
        type_map::written(ty),
        if nullable { "" } else { " NOT NULL" },
        column.origin
    );
    match role {
        ColumnRole::Plain => None,
        ColumnRole::Version if (base.is("int8") || base.is("int4")) && !nullable => None,
        ColumnRole::Version => Some(
            Mistake::new(format!("{shown} cannot count the changes of a row"))
                .found(found)
                .write("a version is `bigint NOT NULL DEFAULT 1`, in Rust `i64`"),
        ),
        ColumnRole::CreatedAt | ColumnRole::UpdatedAt if type_map::is_timestamp(&base) => None,
        ColumnRole::CreatedAt | ColumnRole::UpdatedAt => Some(
            Mistake::new(format!("{shown} is no point in time"))
                .found(found)
                .write("the column must be `timestamptz` or `timestamp`"),
        ),
        ColumnRole::Generated if column.generated.is_some() || column.identity.is_some() => None,
        ColumnRole::Generated => Some(
            Mistake::new(format!("{shown} is not generated"))
                .found(found)
                .write("leave the mark out; columns with a DEFAULT need none"),
        ),
        ColumnRole::Id { database: true } if !column.has_default() => Some(
            Mistake::new(format!("the database does not make {shown}"))
                .found(format!("{found}, without DEFAULT or identity"))
                .write("write `id` alone, or give the column a DEFAULT such as `gen_random_uuid()`"),
        ),
        ColumnRole::Id { .. } if base.is_array || ty.is_array => Some(
            Mistake::new(format!("{shown} is an array, which no key of a repository can be")).found(found),
        ),
        ColumnRole::Id { .. } => None,
    }
}
