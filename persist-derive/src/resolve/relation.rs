//! Relations: which foreign key they are made of, and how the rows on the other side are read.

mod bind;
mod equality;
mod find;
mod fit;
mod holder;
mod reference;

use persist_schema::Catalog;
use persist_schema::catalog::Table;
use syn::ext::IdentExt as _;

use self::bind::Own;
use self::find::Search;
use self::holder::Holder;
use self::reference::Hints;
use crate::context::Context;
use crate::model::{BoundRelation, Entity, Field, HiddenColumn, Relation, RelationKind, Role};

pub(super) use self::find::table;

/// The relations of a struct, and the columns that must be read for them besides.
pub(super) fn bound(
    ctx: &Context,
    entity: &Entity,
    table: &Table,
    columns: &[String],
    catalog: &Catalog,
) -> (Vec<BoundRelation>, Vec<HiddenColumn>) {
    let mut own = Own { table, columns, hidden: Vec::new() };
    let mut relations = Vec::new();
    for field in &entity.fields {
        if let Role::Relation(relation) = &field.role {
            relations.extend(self::relation(ctx, entity, field, relation, catalog, &mut own));
        }
    }
    (relations, own.hidden)
}

fn relation(
    ctx: &Context,
    entity: &Entity,
    field: &Field,
    relation: &Relation,
    catalog: &Catalog,
    own: &mut Own<'_>,
) -> Option<BoundRelation> {
    let holder = Holder::of(&field.ty);
    let name = field.ident.unraw().to_string();
    let element = holder.name();
    let is_same = element == entity.ident.unraw().to_string() || element == "Self";
    let fits = fit::check(ctx, entity, field, relation, &holder, is_same);
    let search = Search {
        ctx,
        catalog,
        table: own.table,
        field,
        relation,
        is_tree: is_same && relation.kind == RelationKind::HasMany,
        hints: Hints { element, field: name },
    };
    let bound = match relation.kind {
        RelationKind::HasMany => bind::many(&search, own, search.arriving()?),
        RelationKind::HasOne => bind::has_one(&search, own, search.arriving()?),
        RelationKind::BelongsTo => bind::belongs_to(&search, &holder, search.leaving()?),
        RelationKind::ManyToMany => {
            let Some(through) = &relation.through else {
                fit::report_no_link(&search);
                return None;
            };
            let (ours, theirs) = search.through(through)?;
            bind::linked(&search, own, ours, theirs)
        }
    };
    bound.filter(|_| fits)
}
