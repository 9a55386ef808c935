//! Exclusive arcs: the foreign keys of which a row has one, as the migrations prove, for a field or an enum.

use persist_schema::catalog::Table;
use persist_schema::identifier::quote_identifier;
use persist_schema::{Arc, Catalog};
use proc_macro2::Ident;
use quote::{format_ident, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{LitStr, Type};

use super::relation::Reference;
use super::table::{described, unknown};
use crate::case::{snake, table_names};
use crate::context::{Context, Mistake};
use crate::model::{Arm, BoundArc, BoundColumn, BoundOneOf, Entity, Field, OneOf, Role};
use crate::suggest::listed;

/// A column of an arc, as if it was a field.
pub(super) struct ArmOf {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) place: usize,
    pub(super) is_required: bool,
}

/// The columns of the arc that a field holds. `None` where there is none, which is reported.
pub(super) fn columns<'t>(
    ctx: &Context,
    entity: &Entity,
    table: &'t Table,
    field: &Field,
    written: Option<&LitStr>,
) -> Option<Vec<(&'t str, ArmOf)>> {
    let Arc { columns, is_required, check } = find(ctx, table, field, written)?;
    let (optional, ident) = (is_option(&field.ty), &field.ident);
    let mistake = match (is_required, optional) {
        (true, true) => {
            Mistake::new(format!("a row of `{}` always has one of {}", table.name, names(&columns)))
                .write(format!("write `{ident}: …` without `Option`"))
        }
        (false, false) => {
            Mistake::new(format!("a row of `{}` may have none of {}", table.name, names(&columns)))
                .write(format!("write `{ident}: Option<…>`, or let a CHECK say that it has one"))
        }
        (true, false) | (false, true) => {
            let arms = columns.into_iter().enumerate();
            return Some(
                arms.map(|(place, name)| (name, arm(entity, field, name, place, is_required))).collect(),
            );
        }
    };
    ctx.report(&field.ty, mistake.found(format!("the CHECK at {}", check.origin)));
    None
}

fn arm(entity: &Entity, field: &Field, name: &str, place: usize, is_required: bool) -> ArmOf {
    let (krate, ty) = (&entity.krate, &field.ty);
    let ident = syn::parse_str(name).or_else(|_| syn::parse_str(&format!("r#{name}")));
    let mut ident: Ident = ident.unwrap_or_else(|_| format_ident!("{}_{place}", field.ident.unraw()));
    ident.set_span(field.ident.span());
    let tokens = quote_spanned!(ty.span()=> <#ty as #krate::__private::Arm<#place>>::Key);
    ArmOf { ident, ty: syn::parse2(tokens).unwrap_or_else(|_| ty.clone()), place, is_required }
}

fn find<'t>(ctx: &Context, table: &'t Table, field: &Field, written: Option<&LitStr>) -> Option<Arc<'t>> {
    let mut arcs = table.arcs();
    if let Some(written) = written {
        let text = written.value();
        let mut wanted: Vec<&str> = text.split(',').map(str::trim).collect();
        wanted.sort_unstable();
        let found = arcs.iter().position(|arc| arc.columns == wanted);
        if found.is_none() {
            ctx.report(written, unproven(table, &arcs, &wanted));
        }
        return found.map(|index| arcs.swap_remove(index));
    }
    if arcs.len() == 1 {
        return arcs.pop();
    }
    let keys: Vec<&str> = table
        .foreign_keys
        .iter()
        .filter(|key| key.columns.len() == 1)
        .map(|key| key.columns[0].as_str())
        .collect();
    let mistake = match arcs.first() {
        None => unproven(table, &[], &keys),
        Some(first) => Mistake::new(format!("`{}` could hold several groups of foreign keys", field.ident))
            .found(listed(
                arcs.iter().map(|arc| arc.columns.join(", ")).collect::<Vec<_>>().iter().map(String::as_str),
            ))
            .write(format!("say which: `one_of(foreign_keys = \"{}\")`", first.columns.join(", "))),
    };
    ctx.report(&field.mark, mistake);
    None
}

fn unproven(table: &Table, arcs: &[Arc<'_>], wanted: &[&str]) -> Mistake {
    let name = &table.name;
    let is_key = |column: &&&str| table.foreign_keys.iter().any(|key| key.columns == [**column]);
    if let Some(other) = wanted.iter().find(|column| !is_key(column)) {
        return Mistake::new(format!("`{name}.{other}` is no foreign key"))
            .found(described(table))
            .write("write the columns of foreign keys");
    }
    if wanted.len() < 2 {
        return Mistake::new(format!("`{name}` has no foreign keys of which a row could have one"))
            .found(described(table));
    }
    let mistake = Mistake::new(format!("no CHECK of `{name}` says that a row has one of {}", names(wanted)));
    let mistake = match arcs.first() {
        Some(arc) => {
            mistake.found(format!("one of {}, by the CHECK at {}", names(&arc.columns), arc.check.origin))
        }
        None => mistake.found(described(table)),
    };
    let columns = wanted.iter().map(|column| quote_identifier(column)).collect::<Vec<_>>().join(", ");
    mistake.write(format!(
        "add it in a migration: `ALTER TABLE {} ADD CHECK (num_nonnulls({columns}) = 1);`",
        name.to_short_sql()
    ))
}

fn names(columns: &[&str]) -> String {
    columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ")
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Option"))
}

/// The fields that hold arcs, with the places of their columns.
pub(super) fn bound(entity: &Entity, table: &Table, columns: &[BoundColumn]) -> Vec<BoundArc> {
    let arcs = entity.fields.iter().filter(|field| matches!(field.role, Role::OneOf(_)));
    let mut next = columns.iter().enumerate().filter(|(_, column)| column.arm.is_some()).peekable();
    arcs.map(|field| {
        let mut places = Vec::new();
        while let Some((index, _)) = next.next_if(|(_, column)| column.arm == Some(places.len())) {
            places.push(index);
        }
        let names: Vec<&str> = places.iter().map(|index| columns[*index].name.as_str()).collect();
        BoundArc {
            ident: field.ident.clone(),
            vis: field.vis.clone(),
            ty: field.ty.clone(),
            names: names.join(", "),
            shown: format!("`{}.{}`", table.name, field.ident.unraw()),
            is_required: !is_option(&field.ty),
            columns: places,
        }
    })
    .collect()
}

/// The columns of an enum: those of an arc of some table, in which there is one for each variant.
pub(crate) fn one_of(ctx: &Context, one_of: OneOf, catalog: &Catalog) -> Option<BoundOneOf> {
    let tables: Vec<&Table> = match &one_of.table {
        Some(written) => match catalog.table(&written.value()) {
            Some(table) => vec![table],
            None => {
                ctx.report(written, unknown(&written.value(), Some("table"), catalog));
                return None;
            }
        },
        None => catalog.tables().collect(),
    };
    let mut nearest: Option<(usize, &Table, Arc<'_>)> = None;
    let mut found: Vec<(&Table, Vec<String>)> = Vec::new();
    // What the columns are called comes before the tables to which they lead.
    for by in [By::Column, By::Table] {
        if !found.is_empty() {
            break;
        }
        for table in tables.iter().copied() {
            for arc in table.arcs() {
                let columns: Vec<Option<String>> =
                    one_of.arms.iter().map(|arm| column(catalog, table, &arc, arm, by)).collect();
                let fitting = columns.iter().flatten().count();
                match columns.into_iter().collect::<Option<Vec<String>>>() {
                    Some(columns) if columns.len() == arc.columns.len() && is_each_once(&columns) => {
                        let is_new = found.iter().all(|(_, known)| *known != columns);
                        found.extend(is_new.then_some((table, columns)));
                    }
                    _ if nearest.as_ref().is_none_or(|(most, ..)| fitting > *most) => {
                        nearest = Some((fitting, table, arc))
                    }
                    _ => {}
                }
            }
        }
    }
    let OneOf { ident, vis, krate, arms, table: _ } = one_of;
    match (found.len(), nearest) {
        (1, _) => {
            let (table, columns) = found.pop()?;
            let mut arms: Vec<(Arm, String)> = arms.into_iter().zip(columns).collect();
            arms.iter().for_each(|(arm, column)| report_struct(ctx, catalog, table, arm, column));
            arms.sort_by(|(_, one), (_, other)| one.cmp(other));
            return Some(BoundOneOf { ident, vis, krate, arms });
        }
        (0, None) => {
            let mistake =
                Mistake::new(format!("no CHECK says that a row has one of the foreign keys of `{ident}`"));
            ctx.report(
                &ident,
                mistake.write("add one in a migration, such as `CHECK (num_nonnulls(user_id, team_id) = 1)`"),
            );
        }
        (0, Some((_, table, arc))) => report_misfit(ctx, catalog, &ident, &arms, table, &arc),
        (_, _) => {
            let tables = listed(found.iter().map(|(table, _)| table.name.name.as_str()));
            let mistake = Mistake::new(format!("`{ident}` could stand for foreign keys of different names"))
                .found(tables);
            ctx.report(
                &ident,
                mistake.write(format!("say which: `#[persist(table = \"{}\")]`", found[0].0.name)),
            );
        }
    }
    None
}

/// Reports a variant that holds a struct for the table to which its key leads.
fn report_struct(ctx: &Context, catalog: &Catalog, table: &Table, arm: &Arm, column: &str) {
    let Type::Path(path) = &arm.ty else { return };
    let Some(held) = path.path.segments.last().map(|last| last.ident.unraw().to_string()) else { return };
    let keys = Reference::leaving(catalog, table);
    let Some(key) = keys.iter().find(|key| key.columns() == [column]) else { return };
    if table_names(&held).contains(&key.to.name.name) {
        let variant = &arm.ident;
        let mistake = Mistake::new(format!("`{variant}` holds a row of `{}`, and not its key", key.to.name));
        let field = snake(&variant.unraw().to_string());
        ctx.report(&arm.ty, mistake.write(format!(
            "write the type of the key, such as `{variant}(Uuid)`; the row is a field beside it: `#[persist(belongs_to)] {field}: Option<{held}>`"
        )));
    }
}

fn is_each_once(columns: &[String]) -> bool {
    (1..columns.len()).all(|index| !columns[..index].contains(&columns[index]))
}

fn report_misfit(
    ctx: &Context,
    catalog: &Catalog,
    ident: &Ident,
    arms: &[Arm],
    table: &Table,
    arc: &Arc<'_>,
) {
    let found =
        format!("`{}` has one of {}, by the CHECK at {}", table.name, names(&arc.columns), arc.check.origin);
    let columns: Vec<Option<String>> =
        arms.iter().map(|arm| column(catalog, table, arc, arm, By::Table)).collect();
    for (index, arm) in arms.iter().enumerate() {
        let mistake = match &columns[index] {
            None => Mistake::new(format!(
                "`{ident}::{}` is none of the foreign keys of `{}`",
                arm.ident, table.name
            )),
            Some(column) if columns[..index].iter().flatten().any(|earlier| earlier == column) => {
                Mistake::new(format!("two variants stand for `{}.{column}`", table.name))
            }
            Some(_) => continue,
        };
        let mistake = mistake
            .found(found.clone())
            .write("write `#[persist(foreign_key = \"…\")]` above it, or leave it out");
        match &arm.foreign_key {
            Some(written) => ctx.report(written, mistake),
            None => ctx.report(&arm.ident, mistake),
        }
    }
    if !ctx.is_empty() {
        return;
    }
    let missing: Vec<&str> = arc
        .columns
        .iter()
        .copied()
        .filter(|name| !columns.iter().flatten().any(|column| column == name))
        .collect();
    let mistake = Mistake::new(format!("`{ident}` has no variant for {}", names(&missing))).found(found);
    ctx.report(ident, mistake.write("add a variant for each of them"));
}

/// After what a variant is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Column,
    Table,
}

/// The column that a variant stands for: the one that is written, or named like it, or the only one that leads to the table
/// which it is called after.
fn column(catalog: &Catalog, table: &Table, arc: &Arc<'_>, arm: &Arm, by: By) -> Option<String> {
    let among = |name: &str| arc.columns.contains(&name).then(|| name.to_owned());
    if let Some(written) = &arm.foreign_key {
        return among(&written.value());
    }
    let name = arm.ident.unraw().to_string();
    let keys: Vec<Reference<'_>> = Reference::leaving(catalog, table)
        .into_iter()
        .filter(|key| matches!(key.columns()[..], [column] if arc.columns.contains(&column)))
        .collect();
    let called: Vec<&Reference<'_>> =
        keys.iter().filter(|key| table_names(&name).contains(&key.to.name.name)).collect();
    let named = keys.iter().find(|key| key.is_named(&snake(&name)));
    let meant = named.or(match called.as_slice() {
        [only] if by == By::Table => Some(*only),
        _ => None,
    });
    meant.and_then(|key| key.columns().first().and_then(|column| among(column)))
}
