//! A relation whose foreign key was found, as the later passes want it.

use persist_schema::catalog::{Table, TableKind};
use persist_schema::expression::Named;
use persist_schema::identifier::quote_identifier;
use persist_schema::{Catalog, PgType};
use syn::LitBool;

use super::equality;
use super::find::Search;
use super::fit;
use super::holder::Holder;
use super::index;
use super::owned;
use super::reference::Reference;
use crate::context::Mistake;
use crate::model::{BoundRelation, Equals, HiddenColumn, KeyPart, Link, Load, Nested, Owned, Pairs};
use crate::resolve::table::bound as bound_table;
use crate::resolve::text::{self, ALIAS, LINK};
use crate::type_map;

/// The struct's own side.
pub(super) struct Own<'t> {
    pub(super) table: &'t Table,
    /// The names of the columns that are read, in order; expressions have none.
    pub(super) columns: &'t [String],
    /// Columns that are read besides.
    pub(super) hidden: Vec<HiddenColumn>,
}

impl Own<'_> {
    /// The index of a column among those that are read; if it is not, it will be.
    pub(super) fn index(&mut self, search: &Search<'_, '_>, name: &str) -> Option<usize> {
        let hidden = self.hidden.iter().map(|hidden| &hidden.name);
        if let Some(index) = self.columns.iter().chain(hidden).position(|column| column == name) {
            return Some(index);
        }
        let ty = self.table.column(name)?.ty.as_ref()?;
        let wire = match type_map::map(search.catalog, ty) {
            Ok(mapped) => mapped.wire,
            Err(why) => {
                let mistake = Mistake::new(format!(
                    "`{}.{name}` cannot be read, and others refer to it: {why}",
                    self.table.name
                ));
                search.ctx.report(&search.field.mark, mistake);
                return None;
            }
        };
        self.hidden.push(HiddenColumn { name: name.to_owned(), sql: quote_identifier(name), wire });
        Some(self.columns.len() + self.hidden.len() - 1)
    }
}

/// `has_many`
pub(super) fn many(search: &Search<'_, '_>, own: &mut Own<'_>, key: Reference<'_>) -> Option<BoundRelation> {
    if !fit::tree(search, &key) {
        return None;
    }
    let tables = [Named { table: key.from, alias: ALIAS }];
    let filter = text::condition(search.ctx, search.catalog, &tables, search.relation.filter.as_ref());
    let order = text::order(search.ctx, search.catalog, &tables, search.relation.order_by.as_ref());
    let (parts, columns) = parts(search, own, &key)?;
    let load = Load::Many {
        key: parts,
        link: Link { columns, through: None },
        order,
        limit: fit::number(search.ctx, search.relation.limit.as_ref()),
        tree: search.is_of_itself.then(|| fit::number(search.ctx, search.relation.max_depth.as_ref())),
        key_by: fit::map_key(search, key.from, &[key.columns()]),
        climb: None,
        max_climb: None,
    };
    let owned = owned::of(search, &key);
    let load = (load, key.referred(), key.referring());
    Some(bound(search, key.from, &key, filter, load, (Some(owned), Nested::Rows)))
}

/// `has_one`: a join where the other side is unique, else the first of many.
pub(super) fn has_one(
    search: &Search<'_, '_>,
    own: &mut Own<'_>,
    key: Reference<'_>,
) -> Option<BoundRelation> {
    let tables = [Named { table: key.from, alias: ALIAS }];
    let filter = text::condition(search.ctx, search.catalog, &tables, search.relation.filter.as_ref());
    if index::is_unique(search, &key, &filter) {
        let on = equals(search, &key).into_iter().map(|(theirs, ours, by)| (ours, theirs, by)).collect();
        let load = Load::One { on, is_optional: true };
        let owned = owned::of(search, &key);
        let load = (load, key.referred(), key.referring());
        return Some(bound(search, key.from, &key, filter, load, (Some(owned), Nested::Row)));
    }
    if search.relation.order_by.is_none() {
        let name = &search.hints.field;
        let write = match search.relation.is_path {
            true => "write `has_many`, or add a UNIQUE key in a migration",
            false => "say which is the first by `order_by = \"…\"`, or add a UNIQUE key in a migration",
        };
        let mistake =
            Mistake::new(format!("`{name}` could be one of several rows: `{}` is not unique", key.shown()))
                .found(format!(
                    "{} at {}",
                    if key.is_declared() { "it is" } else { "the foreign key" },
                    key.key.origin
                ))
                .write(write);
        search.ctx.report(&search.field.mark, mistake);
        return None;
    }
    let order = text::order(search.ctx, search.catalog, &tables, search.relation.order_by.as_ref());
    let (parts, columns) = parts(search, own, &key)?;
    let link = Link { columns, through: None };
    let load = Load::Many {
        key: parts,
        link,
        order,
        limit: Some(1),
        tree: None,
        key_by: None,
        climb: None,
        max_climb: None,
    };
    let owned = owned::of(search, &key);
    let load = (load, key.referred(), key.referring());
    Some(bound(search, key.from, &key, filter, load, (Some(owned), Nested::First)))
}

/// `belongs_to`
pub(super) fn belongs_to(
    search: &Search<'_, '_>,
    holder: &Holder<'_>,
    key: Reference<'_>,
) -> Option<BoundRelation> {
    let tables = [Named { table: key.to, alias: ALIAS }];
    let filter = text::condition(search.ctx, search.catalog, &tables, search.relation.filter.as_ref());
    let nullable = key
        .key
        .columns
        .iter()
        .filter_map(|name| key.from.column(name))
        .find(|column| search.catalog.is_nullable(column));
    let is_optional = nullable.is_some() || search.relation.filter.is_some() || key.is_declared();
    if !fit::option(search, holder, &key, nullable) {
        return None;
    }
    let load = (Load::One { on: equals(search, &key), is_optional }, key.referring(), key.referred());
    Some(bound(search, key.to, &key, filter, load, (None, Nested::Nothing)))
}

/// `many_to_many`
pub(super) fn linked(
    search: &Search<'_, '_>,
    own: &mut Own<'_>,
    ours: Reference<'_>,
    theirs: Reference<'_>,
) -> Option<BoundRelation> {
    let tables = [Named { table: theirs.to, alias: ALIAS }, Named { table: ours.from, alias: LINK }];
    let filter = text::condition(search.ctx, search.catalog, &tables, search.relation.filter.as_ref());
    let order = text::order(search.ctx, search.catalog, &tables, search.relation.order_by.as_ref());
    let (parts, columns) = parts(search, own, &ours)?;
    let load = Load::Many {
        key: parts,
        link: Link { columns, through: Some((bound_table(ours.from).sql, equals(search, &theirs))) },
        order,
        limit: fit::number(search.ctx, search.relation.limit.as_ref()),
        tree: None,
        key_by: fit::map_key(search, theirs.to, &[]),
        climb: None,
        max_climb: None,
    };
    let (owned, nested) = (owned::links(search, &ours), owned::linked(search, &ours, &theirs));
    let load = (load, ours.referred(), theirs.referred());
    Some(bound(search, theirs.to, &ours, filter, load, (Some(owned), nested)))
}

pub(super) fn bound(
    search: &Search<'_, '_>,
    other: &Table,
    key: &Reference<'_>,
    filter: String,
    (load, near, far): (Load, Vec<usize>, Vec<usize>),
    (owned, nested): (Option<Owned>, Nested),
) -> BoundRelation {
    // What is joined is found by the key that it refers to, or by a UNIQUE key, and so is what is above a row.
    let has_index = load.is_by_unique_key() || index::is_indexed(search, key, &filter);
    // A view has no index of its own; those of the tables that it reads are not followed.
    let is_indexed = has_index || key.from.kind == TableKind::View || search.relation.index.is_some();
    BoundRelation {
        ident: search.field.ident.clone(),
        vis: search.field.vis.clone(),
        ty: search.field.ty.clone(),
        other: Holder::of(&search.field.ty).element.clone(),
        element: search.hints.element.clone(),
        table: format!("{}.{}", other.name.schema, other.name.name),
        shown: other.name.to_string(),
        filter,
        load,
        near,
        far,
        has_index,
        owned,
        nested,
        inserts: search.relation.insert.as_ref().is_some_and(LitBool::value),
        warning: (!is_indexed).then(|| index::warning(search, key)),
    }
}

/// The columns of a key, those that they refer to, and by whose operators they are equal.
fn equals(search: &Search<'_, '_>, key: &Reference<'_>) -> Equals {
    let equals = key.pairs().into_iter().map(|(referring, referred)| {
        let by = by_operators(search.catalog, (key.from, referring), (key.to, referred));
        (quote_identifier(referring), quote_identifier(referred), by)
    });
    equals.collect()
}

/// The schema of the operators that compare two columns, quoted; nothing where they are PostgreSQL's.
pub(in crate::resolve) fn by_operators(
    catalog: &Catalog,
    (from, referring): (&Table, &str),
    (to, referred): (&Table, &str),
) -> String {
    let of = |table: &Table, name: &str| {
        let ty = table.column(name).and_then(|column| column.ty.as_ref());
        ty.map(|ty| type_map::operators(catalog, ty)).unwrap_or_default()
    };
    let (one, other) = (of(from, referring), of(to, referred));
    if one == other { one } else { String::new() }
}

/// The columns here that a key refers to; and its own columns, each with the cast that makes it the bytes of
/// the other.
fn parts(search: &Search<'_, '_>, own: &mut Own<'_>, key: &Reference<'_>) -> Option<(Vec<KeyPart>, Pairs)> {
    let mut parts = Vec::new();
    let mut columns = Vec::new();
    for (referring, referred) in key.pairs() {
        let name = quote_identifier(referred);
        let ty = own.table.column(referred)?.ty.as_ref()?;
        // A length would cut values off where they are cast.
        let ty = PgType { modifiers: Vec::new(), ..search.catalog.base_type(ty) }.to_sql();
        // In conditions the database compares, and nothing is read.
        let (index, cast, operators) = match search.relation.is_path {
            true => {
                let by = by_operators(search.catalog, (key.from, referring), (key.to, referred));
                (0, String::new(), by)
            }
            false => {
                let cast = equality::cast(search, key, referring, referred)?;
                (own.index(search, referred)?, cast, String::new())
            }
        };
        parts.push(KeyPart { index, name, ty, operators });
        columns.push((quote_identifier(referring), cast));
    }
    Some((parts, columns))
}
