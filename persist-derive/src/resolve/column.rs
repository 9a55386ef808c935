//! Which column a field maps.

use persist_schema::PgType;
use persist_schema::catalog::{Column, Table};
use persist_schema::identifier::truncate_identifier;
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::{GenericArgument, PathArguments, Type};

use super::arc::{self, ArmOf};
use super::table::described;
use crate::context::{Context, Mistake};
use crate::model::{ColumnRole, Entity, Field, Role};
use crate::suggest::{listed, nearest};

/// A field with its column.
pub(super) struct Matched<'a> {
    pub(super) field: &'a Field,
    pub(super) role: ColumnRole,
    pub(super) column: &'a Column,
    pub(super) ty: &'a PgType,
    /// Set where it is one of several that the field holds.
    pub(super) arm: Option<ArmOf>,
}

/// The fields that map columns, each with its own. A field that maps none is reported.
pub(super) fn matched<'a>(ctx: &Context, entity: &'a Entity, table: &'a Table) -> Vec<Matched<'a>> {
    let mut matched: Vec<Matched<'a>> = Vec::new();
    entity.fields.iter().for_each(|field| report_relation_above_column(ctx, entity, table, field));
    let fields = entity.fields.iter().flat_map(|field| match (&field.role, field.role.of_column()) {
        (_, Some(role)) => vec![(field, role, field.column_name(), None)],
        (Role::OneOf(written), None) => {
            let arms = arc::columns(ctx, entity, table, field, written.as_ref()).unwrap_or_default();
            arms.into_iter()
                .map(|(name, arm)| (field, ColumnRole::Plain, name.to_owned(), Some(arm)))
                .collect()
        }
        (_, None) => Vec::new(),
    });
    for (field, role, name, arm) in fields {
        let Some((column, ty)) = table.column(&name).and_then(|column| Some((column, column.ty.as_ref()?)))
        else {
            report_unknown(ctx, entity, table, field);
            continue;
        };
        if let Some(first) = matched.iter().find(|first| first.column.name == name) {
            let mistake = Mistake::new(format!("`{}.{name}` has two fields", table.name));
            let found = format!("`{}` maps it already", first.field.ident.unraw());
            ctx.report(
                place(field),
                mistake.found(found).write("leave one of them out, or mark it `#[persist(skip)]`"),
            );
        }
        matched.push(Matched { field, role, column, ty, arm });
    }
    matched
}

/// The tokens that name the column.
pub(super) fn place(field: &Field) -> &dyn ToTokens {
    match &field.column {
        Some(written) => written,
        None => &field.ident,
    }
}

fn report_unknown(ctx: &Context, entity: &Entity, table: &Table, field: &Field) {
    let name = field.column_name();
    ctx.report(place(field), unknown(entity, table, field, &name));
}

fn unknown(entity: &Entity, table: &Table, field: &Field, name: &str) -> Mistake {
    let mistake = Mistake::new(format!("column `{}.{name}` does not exist", table.name));
    let cut = truncate_identifier(name);
    if cut.len() < name.len() && table.column(cut).is_some() {
        return mistake
            .found(format!("`{cut}`: PostgreSQL keeps the first 63 bytes of a name"))
            .write(format!("write `#[persist(column = \"{cut}\")]` above the field"));
    }
    if let Some(gone) = table.gone.iter().rev().find(|gone| gone.name == name) {
        return match &gone.renamed {
            Some(to) => mistake
                .found(format!("{} renames it to `{to}`", gone.origin))
                .write(format!("rename the field, or write `#[persist(column = \"{to}\")]` above it")),
            None => mistake
                .found(format!("{} drops it", gone.origin))
                .write("leave the field out, or mark it `#[persist(skip)]`"),
        };
    }
    let taken: Vec<String> = entity.fields.iter().map(Field::column_name).collect();
    let free: Vec<&str> =
        table.column_names().filter(|column| !taken.iter().any(|name| name == column)).collect();
    match nearest(name, free.iter().copied()) {
        Some(meant) if field.column.is_some() || is_plain(meant) => {
            mistake.write(format!("{} has `{meant}`", described(table)))
        }
        Some(meant) => mistake
            .found(format!("{} has `{meant}`", described(table)))
            .write(format!("write `#[persist(column = \"{meant}\")]` above the field")),
        None if free.is_empty() => mistake
            .found(format!("all columns of {} have fields", described(table)))
            .write(relation_or(field, "add it in a migration, or mark the field `#[persist(skip)]`")),
        None => mistake.found(format!("the rest of {} is {}", described(table), listed(free))).write(
            relation_or(field, "add it in a migration, rename the field, or mark it `#[persist(skip)]`"),
        ),
    }
}

/// What to do, and before that which relation the field may be.
fn relation_or(field: &Field, else_: &str) -> String {
    let Some((many, of)) = struct_in(&field.ty) else { return else_.to_owned() };
    let relations = match many {
        true => "`#[persist(has_many)]` or `#[persist(many_to_many(through = \"…\"))]`",
        false => "`#[persist(belongs_to)]` or `#[persist(has_one)]`",
    };
    format!("if `{of}` maps another table, write {relations} above the field; else {else_}")
}

/// `belongs_to` stands above a field of its own, not above the column of its foreign key.
fn report_relation_above_column(ctx: &Context, entity: &Entity, table: &Table, field: &Field) {
    let name = field.ident.unraw().to_string();
    let is_mapped =
        || entity.fields.iter().any(|other| other.role.of_column().is_some() && other.column_name() == name);
    if !matches!(field.role, Role::Relation(_)) || table.column(&name).is_none() || is_mapped() {
        return;
    }
    let (Some(mark), None) = (&field.mark, struct_in(&field.ty)) else { return };
    let other = name.strip_suffix("_id").unwrap_or("other");
    let mistake = Mistake::new(format!("`{mark}` stands above the column `{}.{name}`", table.name));
    ctx.report(
        mark,
        mistake.found("a relation is a field of its own, whose type is the struct on the other side").write(
            format!(
                "leave `{name}` plain, and add `#[persist({mark})] {other}: {}` beside it",
                crate::case::camel(other)
            ),
        ),
    );
}

/// Types that columns have, by the last part of their paths.
const OF_COLUMNS: [&str; 16] = [
    "String",
    "Uuid",
    "DateTime",
    "NaiveDate",
    "NaiveDateTime",
    "NaiveTime",
    "Date",
    "Time",
    "Timestamp",
    "OffsetDateTime",
    "PrimitiveDateTime",
    "Decimal",
    "Json",
    "Value",
    "Interval",
    "IpAddr",
];

/// The struct that a type holds, as far as its tokens show one, and whether it holds many.
fn struct_in(ty: &Type) -> Option<(bool, String)> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let name = last.ident.unraw().to_string();
    let inner = || match &last.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.last()? {
            GenericArgument::Type(inner) => struct_in(inner),
            _ => None,
        },
        PathArguments::None | PathArguments::Parenthesized(_) => None,
    };
    match name.as_str() {
        "Vec" | "HashMap" | "BTreeMap" => inner().map(|(_, of)| (true, of)),
        "Option" | "Box" => inner(),
        _ => (last.arguments.is_none()
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && !OF_COLUMNS.contains(&name.as_str()))
        .then_some((false, name)),
    }
}

/// Would one call a field like this?
fn is_plain(name: &str) -> bool {
    name.to_lowercase() == name && syn::parse_str::<syn::Ident>(name).is_ok()
}
