//! The way from a row of a tree up to its root.

use persist_schema::catalog::Table;
use persist_schema::identifier::quote_identifier;
use persist_schema::{Catalog, PgType};
use syn::LitStr;
use syn::ext::IdentExt as _;

use super::bind::{Own, bound, by_operators};
use super::equality;
use super::find::Search;
use super::fit;
use super::reference::{Hints, Reference};
use crate::context::{Context, Mistake};
use crate::model::{BoundRelation, Climb, Field, KeyPart, Link, Load, Nested, Relation, RelationKind};

/// `ancestors`
pub(super) fn ancestors(
    search: &Search<'_, '_>,
    own: &mut Own<'_>,
    key: Reference<'_>,
) -> Option<BoundRelation> {
    let climb = up(search, &key)?;
    let [(referring, referred)] = key.pairs()[..] else { return None };
    let (index, cast) = match search.relation.is_path {
        true => (0, String::new()),
        false => {
            let cast = equality::cast(search, &key, referring, referred)?;
            (own.index(search, referred)?, cast)
        }
    };
    let (name, ty, operators) = (climb.key.clone(), climb.ty.clone(), climb.operators.clone());
    let load = Load::Many {
        link: Link { columns: vec![(name.clone(), cast)], through: None },
        key: vec![KeyPart { index, name, ty, operators }],
        order: String::new(),
        limit: None,
        tree: None,
        key_by: None,
        max_climb: fit::number(search.ctx, search.relation.max_depth.as_ref()),
        climb: Some(Box::new(climb)),
    };
    let load = (load, key.referred(), key.referred());
    Some(bound(search, key.from, &key, String::new(), load, (None, Nested::Nothing)))
}

/// The way up for a field of a view that is a value of the rows on it.
pub(in crate::resolve) fn climb(
    ctx: &Context,
    catalog: &Catalog,
    table: &Table,
    field: &Field,
    foreign_key: &Option<LitStr>,
    written: String,
) -> Option<Climb> {
    let relation = Relation::over(RelationKind::Ancestors, foreign_key);
    let hints = Hints { element: String::new(), field: field.ident.unraw().to_string() };
    let search = Search {
        ctx,
        catalog,
        table,
        field,
        relation: &relation,
        is_of_itself: true,
        said_key: Vec::new(),
        may_declare: false,
        value: Some(written),
        hints,
    };
    let key = search.arriving()?;
    up(&search, &key)
}

fn up(search: &Search<'_, '_>, key: &Reference<'_>) -> Option<Climb> {
    let [(referring, referred)] = key.pairs()[..] else {
        let mistake =
            Mistake::new(format!("`{}` is in a tree by a key of several columns", search.hints.field))
                .found(format!("`{}` at {}", key.shown(), key.key.origin))
                .write("give the rows a key of one column, to which those below refer");
        search.ctx.report(&search.field.mark, mistake);
        return None;
    };
    let ty = key.to.column(referred)?.ty.as_ref()?;
    // Without the length of a `varchar(50)`, which an array that grows does not keep.
    let ty = PgType { modifiers: Vec::new(), ..search.catalog.base_type(ty) }.to_sql();
    Some(Climb {
        key: quote_identifier(referred),
        ty,
        parent: quote_identifier(referring),
        operators: by_operators(search.catalog, (key.from, referring), (key.to, referred)),
    })
}
