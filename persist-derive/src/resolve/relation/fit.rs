//! What a field says of its relation must fit its type, and the key that was found.

use persist_schema::catalog::{Column, Table};
use persist_schema::identifier::split_qualified;
use proc_macro2::Ident;
use quote::ToTokens as _;
use syn::LitInt;

use super::find::Search;
use super::holder::{Holder, Outer};
use super::reference::Reference;
use crate::context::{Context, Mistake};
use crate::model::{Entity, Field, Relation, RelationKind};
use crate::resolve::table::described;
use crate::suggest::{listed, nearest};

/// Reports a field that cannot hold as many rows as its relation has, and words that do not go with the
/// relation.
pub(super) fn check(
    ctx: &Context,
    entity: &Entity,
    field: &Field,
    relation: &Relation,
    holder: &Holder<'_>,
    is_same: bool,
) -> bool {
    let is_tree = is_same && relation.kind == RelationKind::HasMany;
    let fits = match cardinality(entity, field, relation, holder, is_same) {
        Some(mistake) => {
            ctx.report(&field.ty, mistake);
            false
        }
        None => true,
    };
    words(ctx, relation, is_tree, holder);
    fits
}

fn cardinality(
    entity: &Entity,
    field: &Field,
    relation: &Relation,
    holder: &Holder<'_>,
    is_same: bool,
) -> Option<Mistake> {
    let word = relation.kind.word();
    let element = holder.element.to_token_stream().to_string().replace(' ', "");
    let name = &field.ident;
    let mistake = match (relation.kind, holder.outer) {
        (RelationKind::Ancestors, Outer::One | Outer::Optional | Outer::Map) => {
            Mistake::new(format!("`{word}` are rows from the root down, but `{name}` is no list"))
                .write(format!("write `{name}: Vec<{element}>`"))
        }
        (RelationKind::Ancestors, Outer::Many) if is_same && !relation.is_path => {
            let ident = &entity.ident;
            Mistake::new(format!(
                "`{ident}.{name}` would be loaded for ever: each `{ident}` holds its own ancestors"
            ))
            .write("declare a view without this field for them: `#[derive(View)] #[persist(of = …)]`")
        }
        (RelationKind::HasMany | RelationKind::ManyToMany, Outer::One | Outer::Optional) => {
            match holder.held_otherwise().map(|held| held.to_token_stream().to_string().replace(' ', "")) {
                Some(held) => {
                    Mistake::new(format!("`{word}` is read into a `Vec` or a map, and `{name}` is neither"))
                        .write(format!("write `{name}: Vec<{held}>`"))
                }
                None => {
                    let rather = if relation.kind == RelationKind::HasMany { ", or `has_one`" } else { "" };
                    Mistake::new(format!("`{word}` is any number of rows, but `{name}` holds one at most"))
                        .write(format!("write `{name}: Vec<{element}>`{rather}"))
                }
            }
        }
        (RelationKind::HasOne | RelationKind::BelongsTo, Outer::Many | Outer::Map) => {
            let mistake = Mistake::new(format!("`{word}` is one row at most, but `{name}` holds many"));
            mistake.write(format!("write `{name}: Option<{element}>`, or `has_many`"))
        }
        (RelationKind::HasOne, Outer::One) => {
            let mistake =
                Mistake::new(format!("`{name}` may have no row, because nothing makes the other side exist"));
            mistake.write(format!("write `{name}: Option<{element}>`"))
        }
        (RelationKind::HasMany | RelationKind::ManyToMany, Outer::Map) if relation.is_path => {
            let mistake = Mistake::new(format!("`{name}` is for conditions only, for which no map is made"));
            mistake.write(format!("write `{name}: Vec<{element}>`"))
        }
        (RelationKind::HasOne | RelationKind::BelongsTo, _) if is_same && !relation.is_path => {
            let ident = &entity.ident;
            Mistake::new(format!(
                "`{ident}.{name}` would be loaded for ever: each `{ident}` holds another one"
            ))
            .write(
                "declare a view without this field for the other side: `#[derive(View)] #[persist(of = …)]`",
            )
        }
        (RelationKind::HasMany, Outer::Map) if is_same => {
            let mistake = Mistake::new(format!("`{name}` is a tree, which no map can hold"));
            mistake.write(format!("write `{name}: Vec<{element}>`"))
        }
        (
            RelationKind::HasMany
            | RelationKind::ManyToMany
            | RelationKind::HasOne
            | RelationKind::BelongsTo
            | RelationKind::Ancestors,
            _,
        ) => return None,
    };
    Some(mistake)
}

fn words(ctx: &Context, relation: &Relation, is_tree: bool, holder: &Holder<'_>) {
    let kind = relation.kind.word();
    if relation.kind == RelationKind::Ancestors {
        return words_of_ancestors(ctx, relation);
    }
    if let Some(limit) = &relation.limit {
        if relation.kind.is_single() {
            ctx.report(
                limit,
                Mistake::new(format!("`{kind}` is one row at most")).write("leave `limit` out"),
            );
        } else if is_tree {
            let mistake = Mistake::new(
                "a tree is read as a whole, so that `limit` could cut off branches at any place",
            );
            ctx.report(
                limit,
                mistake.write("write `max_depth = …` for the number of levels, or leave it out"),
            );
        } else if limit.base10_parse::<u32>().ok().is_none_or(|limit| limit == 0) {
            let mistake = Mistake::new(format!("a limit of {limit} is no number of rows to load"));
            ctx.report(limit, mistake.write("write `limit = 1` or more, or leave it out"));
        }
    }
    if let Some(depth) = &relation.max_depth {
        if !is_tree {
            let mistake = Mistake::new("only a tree has a depth: rows of the same struct below each other");
            ctx.report(depth, mistake.write("leave `max_depth` out"));
        } else {
            levels(ctx, depth);
        }
    }
    if let Some(order) = relation.order_by.as_ref().filter(|_| relation.kind == RelationKind::BelongsTo) {
        let mistake = Mistake::new("`belongs_to` is one row at most, which needs no order");
        ctx.report(order, mistake.write("leave `order_by` out"));
    }
    if let Some(key_by) = relation.key_by.as_ref().filter(|_| holder.outer != Outer::Map) {
        let mistake = Mistake::new("`key_by` says what a map is keyed by, but this field is no map");
        ctx.report(key_by, mistake.write("leave it out, or write `BTreeMap<…, …>`"));
    }
    ownership(ctx, relation);
    if let Some(index) = relation.index.as_ref().filter(|index| index.value() != "none") {
        let mistake = Mistake::new(format!("`index = \"{}\"` says nothing", index.value()));
        ctx.report(
            index,
            mistake.write(
                "write `index = \"none\"` where the foreign key is not to be indexed, or leave it out",
            ),
        );
    }
}

/// The rows above one are a line, of which a part would mean nothing; nobody writes them by it.
fn words_of_ancestors(ctx: &Context, relation: &Relation) {
    let Relation { order_by, filter, key_by, index, orphans, .. } = relation;
    let texts = [
        ("order_by", order_by),
        ("filter", filter),
        ("key_by", key_by),
        ("index", index),
        ("orphans", orphans),
    ];
    let texts =
        texts.into_iter().filter_map(|(word, written)| Some((word, written.as_ref()?.to_token_stream())));
    let others = [
        relation.limit.as_ref().map(|limit| ("limit", limit.to_token_stream())),
        relation.cascade.as_ref().map(|cascade| ("cascade", cascade.to_token_stream())),
        relation.insert.as_ref().map(|insert| ("insert", insert.to_token_stream())),
    ];
    for (word, written) in texts.chain(others.into_iter().flatten()) {
        let mistake = Mistake::new("`ancestors` are all rows above one, from the root down, and only read");
        ctx.report(
            written,
            mistake.write(format!("leave `{word}` out; `max_depth = …` is for the nearest of them")),
        );
    }
    if let Some(depth) = &relation.max_depth {
        levels(ctx, depth);
    }
}

fn levels(ctx: &Context, depth: &LitInt) {
    if depth.base10_parse::<u32>().ok().is_none_or(|depth| depth == 0) {
        let mistake = Mistake::new(format!("a depth of {depth} is no number of levels to load"));
        ctx.report(depth, mistake.write("write `max_depth = 1` or more, or leave it out"));
    }
}

/// Words about the rows of a relation that say nothing where these do not belong to the struct.
fn ownership(ctx: &Context, relation: &Relation) {
    let kind = relation.kind;
    if let Some(cascade) = relation.cascade.as_ref().filter(|_| kind == RelationKind::BelongsTo) {
        let mistake = Mistake::new("`belongs_to` is a row that stays when this one is deleted");
        ctx.report(
            cascade,
            mistake.write("leave `cascade` out; it stands on the other side, beside `has_many`"),
        );
    }
    if let Some(insert) = relation.insert.as_ref().filter(|_| kind != RelationKind::ManyToMany) {
        let mistake = match kind {
            RelationKind::BelongsTo => Mistake::new("`belongs_to` refers to a row that is there"),
            _ => Mistake::new(
                "new rows of this relation belong to the struct, and are always inserted with it",
            ),
        };
        ctx.report(insert, mistake.write("leave `insert` out; it stands beside `many_to_many`"));
    }
    let Some(orphans) = &relation.orphans else { return };
    let value = orphans.value();
    if kind == RelationKind::BelongsTo {
        let mistake = Mistake::new("`belongs_to` is a row that stays when this one refers to another");
        ctx.report(
            orphans,
            mistake.write("leave `orphans` out; it stands on the other side, beside `has_many`"),
        );
    } else if kind == RelationKind::ManyToMany {
        let mistake =
            Mistake::new("a row that is taken out of `many_to_many` stays; only its link is deleted");
        ctx.report(orphans, mistake.write("leave `orphans` out"));
    } else if !["delete", "null"].contains(&value.as_str()) {
        let mistake = Mistake::new(format!("`orphans = \"{value}\"` says nothing"));
        let write = match nearest(&value, ["delete", "null"]) {
            Some(meant) => format!("did you mean `orphans = \"{meant}\"`?"),
            None => {
                "write `orphans = \"delete\"`, or `orphans = \"null\"` to keep the rows without their key"
                    .to_owned()
            }
        };
        ctx.report(orphans, mistake.write(write));
    }
}

/// The number, where it is one.
pub(super) fn number(ctx: &Context, written: Option<&LitInt>) -> Option<u32> {
    let written = written?;
    match written.base10_parse() {
        Ok(number) => Some(number),
        Err(_) if ctx.is_empty() => {
            ctx.report(written, Mistake::new(format!("`{written}` is too much")));
            None
        }
        Err(_) => None,
    }
}

/// Compares the `Option` of a `belongs_to` with its key.
pub(super) fn option(
    search: &Search<'_, '_>,
    holder: &Holder<'_>,
    key: &Reference<'_>,
    nullable: Option<&Column>,
) -> bool {
    let (name, ty) = (&search.field.ident, &search.field.ty);
    let element = holder.element.to_token_stream().to_string().replace(' ', "");
    let is_option = holder.may_be_empty();
    let mistake = match (nullable, is_option) {
        (Some(column), false) => {
            Mistake::new(format!("`{}` may be NULL, so `{name}` may have no row", key.shown()))
                .found(format!("declared without NOT NULL at {}", column.origin))
                .write(format!("write `{name}: Option<{element}>`"))
        }
        (None, false) if key.is_declared() => {
            Mistake::new(format!("no foreign key says that `{name}` has a row"))
                .found(format!("`references` says what `{}` is equal to, if there is one", key.shown()))
                .write(format!("write `{name}: Option<{element}>`"))
        }
        (None, false) if search.relation.filter.is_some() => {
            Mistake::new(format!("`{name}` has no row where the filter does not hold"))
                .write(format!("write `{name}: Option<{element}>`"))
        }
        (None, true) if search.relation.filter.is_none() && !key.is_declared() => {
            let columns = key.key.columns.iter().filter_map(|name| key.from.column(name));
            let place = columns.map(|column| column.origin.to_string()).next().unwrap_or_default();
            Mistake::new(format!("`{}` is NOT NULL, so `{name}` always has a row", key.shown()))
                .found(format!("declared NOT NULL at {place}"))
                .write(format!("write `{name}: {element}`"))
        }
        (Some(_), true) | (None, _) => return true,
    };
    search.ctx.report(ty, mistake);
    false
}

/// The field of the others whose value is the key of a map. It must be unique among the rows of one parent.
pub(super) fn map_key(search: &Search<'_, '_>, other: &Table, parent: &[Vec<&str>]) -> Option<Ident> {
    let is_map = Holder::of(&search.field.ty).outer == Outer::Map;
    if !is_map || search.relation.is_path {
        return None;
    }
    let name = &search.hints.field;
    let Some(written) = &search.relation.key_by else {
        let mistake = Mistake::new(format!("`{name}` is a map, but of which column?"))
            .write("write `key_by = \"…\"` with a column of the other side that is unique among the rows of one parent");
        search.ctx.report(&search.field.mark, mistake);
        return None;
    };
    let column = written.value();
    let Some(found) = other.column(&column) else {
        let mistake = Mistake::new(format!("column `{}.{column}` does not exist", other.name));
        let mistake = match nearest(&column, other.column_names()) {
            Some(meant) => mistake.write(format!("{} has `{meant}`", described(other))),
            None => mistake.write(format!("{} has {}", described(other), listed(other.column_names()))),
        };
        search.ctx.report(written, mistake);
        return None;
    };
    if search.catalog.is_nullable(found) {
        let mistake = Mistake::new(format!(
            "`{}.{column}` may be NULL, which any number of rows can have, and a map would lose them",
            other.name
        ));
        let found = format!("declared without NOT NULL at {}", found.origin);
        search.ctx.report(written, mistake.found(found).write("take another column, or write `Vec<…>`"));
        return None;
    }
    let is_unique = other.is_unique(&[&column])
        || parent.iter().any(|columns| {
            let with: Vec<&str> = columns.iter().copied().chain([column.as_str()]).collect();
            other.is_unique(&with)
        });
    if !is_unique {
        let key = parent
            .first()
            .map(|columns| format!("({}, {column})", columns.join(", ")))
            .unwrap_or_else(|| format!("({column})"));
        let mistake = Mistake::new(format!(
            "several rows of one parent can have the same `{}.{column}`, and a map would lose them",
            other.name
        ))
        .found(format!("{} has no UNIQUE key {key}", described(other)))
        .write("add one in a migration, or write `Vec<…>`");
        search.ctx.report(written, mistake);
        return None;
    }
    let field: Option<Ident> =
        syn::parse_str(&column).or_else(|_| syn::parse_str(&format!("r#{column}"))).ok();
    field.map(|mut field| {
        field.set_span(written.span());
        field
    })
}

/// Reports a tree whose rows refer to each other by several columns.
pub(super) fn tree(search: &Search<'_, '_>, key: &Reference<'_>) -> bool {
    let fits = !search.is_of_itself || search.relation.is_path || key.key.columns.len() == 1;
    if !fits {
        let mistake = Mistake::new(format!("`{}` is a tree by a key of several columns", search.hints.field))
            .found(format!("`{}` at {}", key.shown(), key.key.origin))
            .write("declare a view of the same table, and load one level of it: `Vec<…>` of that view");
        search.ctx.report(&search.field.mark, mistake);
    }
    fits
}

/// Reports a `many_to_many` that does not say through which table.
pub(super) fn report_no_link(search: &Search<'_, '_>) {
    let arriving = Reference::arriving(search.catalog, search.table).into_iter().map(|key| key.from);
    let mut links: Vec<String> =
        arriving.filter(|from| from.foreign_keys.len() > 1).map(|link| link.name.to_string()).collect();
    links.dedup();
    let meant = links.iter().find(|link| {
        let (_, link) = split_qualified(link);
        link.ends_with(&search.hints.field)
    });
    let mistake = Mistake::new("`many_to_many` does not say which table is between the two");
    let mistake = if links.is_empty() {
        mistake.found(format!("no table refers to `{}` and another", search.table.name))
    } else {
        mistake.found(format!(
            "{} and another table are referred to by {}",
            described(search.table),
            listed(links.iter().map(String::as_str))
        ))
    };
    let through = meant.or(links.first()).map_or("…", String::as_str);
    search
        .ctx
        .report(&search.field.mark, mistake.write(format!("write `many_to_many(through = \"{through}\")`")));
}
