//! Relations: which foreign key they are made of, and how the rows on the other side are read.

mod advice;
mod bind;
mod climb;
mod declared;
mod equality;
mod find;
mod fit;
mod holder;
mod index;
mod owned;
mod reference;

use persist_schema::Catalog;
use persist_schema::catalog::Table;
use syn::LitStr;
use syn::ext::IdentExt as _;

use self::bind::Own;
pub(super) use self::bind::by_operators;
pub(super) use self::climb::climb;
use self::find::Search;
use self::holder::Holder;
use self::reference::Hints;
pub(super) use self::reference::Reference;
use crate::context::Context;
use crate::model::{Aggregate, BoundRelation, Entity, Field, HiddenColumn, Relation, RelationKind, Role};

/// The relations of a struct, and the columns that must be read for them besides.
pub(super) fn bound(
    ctx: &Context,
    entity: &Entity,
    table: &Table,
    columns: &[String],
    catalog: &Catalog,
) -> (Vec<BoundRelation>, Vec<HiddenColumn>) {
    let mut own = Own { table, columns, hidden: Vec::new() };
    let relations = all(ctx, entity, &entity.fields, catalog, &mut own);
    (relations, own.hidden)
}

/// The relations of a struct that are for conditions only, for which nothing has to be read.
pub(super) fn paths(ctx: &Context, entity: &Entity, table: &Table, catalog: &Catalog) -> Vec<BoundRelation> {
    let mut own = Own { table, columns: &[], hidden: Vec::new() };
    let paths = all(ctx, entity, &entity.paths, catalog, &mut own);
    paths.into_iter().map(BoundRelation::for_conditions).collect()
}

fn all(
    ctx: &Context,
    entity: &Entity,
    fields: &[Field],
    catalog: &Catalog,
    own: &mut Own<'_>,
) -> Vec<BoundRelation> {
    let relations = fields.iter().filter_map(|field| match &field.role {
        Role::Relation(relation) => self::relation(ctx, entity, field, relation, catalog, own),
        Role::Column(_)
        | Role::Skipped { .. }
        | Role::OneOf(_)
        | Role::Aggregate(_)
        | Role::Line(_)
        | Role::Expression(_)
        | Role::Unclear => None,
    });
    relations.collect()
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
    let is_same = entity.ident.unraw() == element || element == "Self";
    let fits = fit::check(ctx, entity, field, relation, &holder, is_same);
    let search = Search {
        ctx,
        catalog,
        table: own.table,
        field,
        relation,
        is_of_itself: match relation.kind {
            RelationKind::HasMany => is_same,
            RelationKind::Ancestors => true,
            RelationKind::HasOne | RelationKind::BelongsTo | RelationKind::ManyToMany => false,
        },
        said_key: entity.said_key(),
        may_declare: (relation.is_path || !entity.is_written()) && relation.kind.may_declare(),
        value: None,
        hints: Hints { element, field: name },
    };
    if let (Some(references), false, true) = (&relation.references, relation.is_path, entity.is_written()) {
        declared::report_written(&search, references);
        return None;
    }
    let bound = match relation.kind {
        RelationKind::HasMany => bind::many(&search, own, search.arriving()?),
        RelationKind::HasOne => bind::has_one(&search, own, search.arriving()?),
        RelationKind::BelongsTo => bind::belongs_to(&search, &holder, search.leaving()?),
        RelationKind::Ancestors => climb::ancestors(&search, own, search.arriving()?),
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

/// The foreign key of the rows that become one value; they are in the table `name`.
pub(super) fn side_of<'c>(
    ctx: &Context,
    catalog: &'c Catalog,
    table: &'c Table,
    field: &Field,
    aggregate: &Aggregate,
    name: &LitStr,
) -> Option<Reference<'c>> {
    let relation = Relation {
        table: Some(name.clone()),
        ..Relation::over(RelationKind::HasMany, &aggregate.foreign_key)
    };
    let hints = Hints { element: String::new(), field: field.ident.unraw().to_string() };
    let value = Some(format!("{} = \"{}\"", aggregate.kind.word(), aggregate.of.value()));
    Search {
        ctx,
        catalog,
        table,
        field,
        relation: &relation,
        hints,
        is_of_itself: false,
        said_key: Vec::new(),
        may_declare: false,
        value,
    }
    .arriving()
}
