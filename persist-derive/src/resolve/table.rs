//! Which table a struct maps.

use persist_schema::catalog::{Table, TableKind};
use persist_schema::identifier::{split_qualified, truncate_identifier};
use persist_schema::{Catalog, QualifiedName};

use proc_macro2::Ident;
use syn::ext::IdentExt as _;

use crate::case::{snake, table_names};
use crate::context::{Context, Mistake};
use crate::model::{BoundTable, Entity, Field};
use crate::suggest::{listed, nearest, ranked};

/// The table that the struct names, or that its name suggests. `None` where it cannot be mapped, which is
/// reported.
pub(super) fn find<'c>(ctx: &Context, entity: &Entity, catalog: &'c Catalog) -> Option<&'c Table> {
    let table = match &entity.table {
        Some(written) => {
            let found = catalog.table(&written.value());
            if found.is_none() {
                ctx.report(written, unknown(&written.value(), Some("table"), catalog));
            }
            found?
        }
        None => by_name(ctx, entity, catalog)?,
    };
    let mistake = match &entity.read_only {
        Some(word) if table.is_base_table() => {
            ctx.report(word, not_a_view(table));
            return None;
        }
        // Rows are only read, or the entity of the view says whether.
        _ if entity.of.is_some() && !table.is_base_table() => None,
        None if !table.is_base_table() => Some(view(entity, table, catalog)),
        Some(_) | None => hidden(entity, table, catalog),
    };
    let Some(mistake) = mistake else { return Some(table) };
    match &entity.table {
        Some(written) => ctx.report(written, mistake),
        None => ctx.report(named(entity), mistake),
    }
    None
}

/// The struct whose name suggests the table: of a view the one that it is a view of.
fn named(entity: &Entity) -> &Ident {
    let of = entity.of.as_ref().and_then(|of| of.segments.last());
    of.map_or(&entity.ident, |of| &of.ident)
}

/// The table as the later passes want it.
pub(super) fn bound(table: &Table) -> BoundTable {
    let name = table.name.clone();
    BoundTable { sql: name.to_sql(), shown: name.to_string(), name }
}

/// The table for messages, with the place where it is created: `pipelines` (schema/0002_pipelines.sql:3).
pub(super) fn described(table: &Table) -> String {
    format!("`{}` ({})", table.name, table.origin)
}

fn by_name<'c>(ctx: &Context, entity: &Entity, catalog: &'c Catalog) -> Option<&'c Table> {
    let name = named(entity).unraw().to_string();
    let mut candidates = table_names(&name).into_iter().filter_map(|name| catalog.table(&name));
    let found = candidates.next();
    let second = candidates.next();
    let mistake = match (found, second) {
        (Some(found), None) => return Some(found),
        (Some(found), Some(second)) => Mistake::new(format!("`{name}` could map more than one table"))
            .found(format!("{} and {}", described(found), described(second)))
            .write(format!("write `#[persist(table = \"{}\")]` above the struct", found.name)),
        (None, _) => {
            let mistake = Mistake::new(format!("`{name}` does not say which table it maps"));
            let likely = likeliest(&snake(&name), catalog);
            match likely {
                Some(table) => mistake
                    .found(described(table))
                    .write(format!("write `#[persist(table = \"{}\")]` above the struct", table.name)),
                None => mistake.found(existing(&name, catalog)).write(match &entity.of {
                    Some(of) => format!(
                        "write `#[persist(of = {}, table = \"…\")]` above the view",
                        quote::quote!(#of).to_string().replace(' ', "")
                    ),
                    None => "write `#[persist(table = \"…\")]` above the struct".to_owned(),
                }),
            }
        }
    };
    if !entity.is_unclear {
        ctx.report(named(entity), mistake);
    }
    None
}

/// A table that does not exist, and the word that it is written after.
pub(super) fn unknown(written: &str, word: Option<&str>, catalog: &Catalog) -> Mistake {
    let name_it = |name: &str| match word {
        Some(word) => format!("write `{word} = \"{name}\"`"),
        None => format!("write `{name}`"),
    };
    let (schema, name) = split_qualified(written);
    let mistake = Mistake::new(format!("the table `{written}` does not exist"));
    let cut = truncate_identifier(&name);
    if cut.len() < name.len() && catalog.table(cut).is_some() {
        return mistake
            .found(format!("`{cut}`: PostgreSQL keeps the first 63 bytes of a name"))
            .write(name_it(cut));
    }
    let qualified = QualifiedName::new(schema.unwrap_or_else(|| "public".to_owned()), name);
    let hiding = catalog.opaque_about(&qualified).next();
    match (likeliest(written, catalog), hiding) {
        (Some(table), _) => mistake.found(described(table)).write(name_it(&table.name.to_string())),
        (None, Some(note)) => mistake
            .found(format!("{} at {}, which may create it but is not run here", note.statement, note.origin))
            .write(format!(
                "if it does, write it as a plain `CREATE TABLE {} (…)`",
                qualified.to_short_sql()
            )),
        (None, None) => mistake
            .found(existing(written, catalog))
            .write(format!("{} with the name of a table, or create it in a migration", name_it("…"))),
    }
}

fn likeliest<'c>(written: &str, catalog: &'c Catalog) -> Option<&'c Table> {
    let by = |written: &str, name: &dyn Fn(&Table) -> String| {
        let names: Vec<(String, &'c Table)> = catalog.tables().map(|table| (name(table), table)).collect();
        let nearest = nearest(written, names.iter().map(|(name, _)| name.as_str()))?;
        names.iter().find(|(name, _)| name == nearest).map(|(_, table)| *table)
    };
    let (_, unqualified) = split_qualified(written);
    by(written, &|table| table.name.to_string())
        .or_else(|| by(&unqualified, &|table| table.name.name.clone()))
}

/// The tables that exist, the likeliest first.
fn existing(written: &str, catalog: &Catalog) -> String {
    let names: Vec<String> =
        catalog.tables().filter(|table| table.is_base_table()).map(|table| table.name.to_string()).collect();
    listed(ranked(written, names.iter().map(String::as_str)))
}

/// A table of which not all is known, where the struct needs what is not.
fn hidden(entity: &Entity, table: &Table, catalog: &Catalog) -> Option<Mistake> {
    let named = || catalog.opaque_about(&table.name).find(|note| note.hides.is_some());
    let note = table.opaque.as_ref().or_else(named)?;
    let mapped = entity.fields.iter().filter(|field| field.role.of_column().is_some());
    let unknown: Vec<String> =
        mapped.map(Field::column_name).filter(|name| table.column(name).is_none()).collect();
    let what = match (unknown.as_slice(), table.row_key()) {
        ([], Some(_)) => return None,
        ([], None) if entity.read_only.is_some() => return None,
        ([], None) => "has it a primary key?".to_owned(),
        (unknown, _) => format!("has it {}?", listed(unknown.iter().map(String::as_str))),
    };
    let mistake = Mistake::new(format!("not all of `{}` is known: {what}", table.name));
    let found = format!("{} at {}, which is not run here", note.statement, note.origin);
    let write = format!(
        "write it as plain SQL: `CREATE TABLE {} (…)` with columns, types and PRIMARY KEY",
        table.name.to_short_sql()
    );
    Some(mistake.found(found).write(write))
}

fn not_a_view(table: &Table) -> Mistake {
    Mistake::new(format!("`{}` is a table, and `read_only` is for views of the database", table.name))
        .found(described(table))
        .write("leave `read_only` out; what is not to be written is not called")
}

fn view(entity: &Entity, table: &Table, catalog: &Catalog) -> Mistake {
    let kind = match table.kind {
        TableKind::View => "view",
        TableKind::MaterializedView => "materialized view",
        TableKind::Table | TableKind::PartitionedTable | TableKind::ForeignTable => "table",
    };
    let mistake =
        Mistake::new(format!("`{}` is a {kind}, but `{}` would be written to it", table.name, entity.ident))
            .found(format!("`CREATE {} {}` at {}", kind.to_uppercase(), table.name, table.origin));
    let reads = table.reads.iter().filter(|name| catalog.table_named(name).is_some_and(Table::is_base_table));
    let reads: Vec<String> = reads.map(ToString::to_string).collect();
    let write = "write `read_only` beside `table`, and `#[persist(id)]` above what tells its rows apart";
    if reads.is_empty() {
        return mistake.write(write);
    }
    mistake.write(format!(
        "map a table that it reads, such as {}; or {write}",
        listed(reads.iter().take(2).map(String::as_str))
    ))
}
