//! Relations: data for the runtime, which loads them, and questions to the types of their fields.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::check::{escaped, item_in};
use super::indices::indices;
use super::names::side;
use crate::model::{BoundEntity, BoundRelation, Climb, KeyPart, Link, Load, Nested, Orphans, Owned};

/// One trait per relation, which only types have that can hold its rows.
pub(super) fn module(entity: &BoundEntity, private: &TokenStream) -> TokenStream {
    if entity.related().next().is_none() {
        return TokenStream::new();
    }
    let traits = entity.related().enumerate().map(|(index, relation)| {
        let name = side(entity, index);
        let sort = match &relation.load {
            Load::One { .. } => quote!(OneField),
            Load::Many { key_by: None, .. } => quote!(ManyField),
            Load::Many { key_by: Some(_), .. } => quote!(MapField),
        };
        let element = &relation.element;
        let message = escaped(&format!(
            "`{element}` maps no table, but `{}` reads `{}`",
            relation.ident, relation.shown
        ));
        let label = escaped(&format!("`{element}` needs `#[derive(Repository)]` or `#[derive(View)]`"));
        quote!(#name: #sort, #message, #label;)
    });
    quote! {
        mod __r {
            #private::relations! { __explained #(#traits)* }
        }
    }
}

/// The fields of a new row, and their setters.
pub(super) fn nested(entity: &BoundEntity) -> Vec<(&Ident, TokenStream)> {
    let nested = entity.relations.iter().enumerate().filter_map(|(index, relation)| {
        let BoundRelation { ident, other, shown, .. } = relation;
        let written = format!("Sets what is written to `{shown}` with it.");
        let linked = format!("Sets the rows of `{shown}` that it is linked to, by their keys.");
        let (sort, doc) = match relation.nested {
            Nested::Nothing => return None,
            Nested::Rows => (quote!(rows), written),
            Nested::Row => (quote!(row), written),
            Nested::First => (quote!(first), written),
            Nested::Links => (quote!(links), linked),
        };
        let place = place(entity, index);
        Some((ident, quote!(#doc #sort #ident: #other = &#place;)))
    });
    nested.collect()
}

/// The relations as data.
pub(super) fn statics(entity: &BoundEntity) -> TokenStream {
    let (ones, many) = (ones(entity), many(entity));
    let ones_count = Literal::usize_unsuffixed(ones.len());
    let many_count = Literal::usize_unsuffixed(many.len());
    let ones = (!ones.is_empty()).then(|| quote!(static __ONES: [__p::ToOne; #ones_count] = [#(#ones),*];));
    let many = (!many.is_empty()).then(|| quote!(static __MANY: [__p::ToMany; #many_count] = [#(#many),*];));
    let questions = questions(entity);
    let warnings = entity.related().filter_map(warning);
    quote!(#ones #many #questions #(#warnings)*)
}

/// `(A, (B, ()))`
pub(super) fn list(entity: &BoundEntity) -> TokenStream {
    let others = entity.relations.iter().filter(|relation| !relation.load.is_tree());
    others.rev().fold(quote!(()), |rest, BoundRelation { other, .. }| quote!((#other, #rest)))
}

/// The fields of the relations, in the order in which a row is decoded: first those that are joined.
pub(super) fn decoded(entity: &BoundEntity) -> Vec<TokenStream> {
    let joined = places(entity, true).map(|(_, index, relation)| {
        let Load::One { is_optional, .. } = &relation.load else { return TokenStream::new() };
        let (ident, read) = (&relation.ident, function(entity, index, "read"));
        quote!(#ident: #read(__row, #is_optional)?)
    });
    let others = places(entity, false).map(|(place, index, relation)| {
        let (ident, read) = (&relation.ident, function(entity, index, "read"));
        let (place, key) = (Literal::usize_unsuffixed(place), map_key(relation).map(|key| quote!(, #key)));
        quote!(#ident: #read(__row, __at, &__MANY, #place #key)?)
    });
    joined.chain(others).collect()
}

/// What a row is found by in a map.
pub(super) fn map_key(relation: &BoundRelation) -> Option<TokenStream> {
    match &relation.load {
        Load::Many { key_by: Some(key), .. } => {
            Some(quote!(|__row| ::core::clone::Clone::clone(&__row.#key)))
        }
        Load::Many { .. } | Load::One { .. } => None,
    }
}

/// The paths among the columns: their data is known to nothing else.
pub(super) fn paths(entity: &BoundEntity) -> impl Iterator<Item = TokenStream> {
    let behind = entity.relations.len();
    entity.paths.iter().enumerate().map(move |(index, path)| {
        let (ident, data) = (&path.ident, data(entity, behind + index, path));
        let (sort, ty) = match path.load {
            Load::One { .. } => (quote!(One), quote!(ToOne)),
            Load::Many { .. } => (quote!(Many), quote!(ToMany)),
        };
        quote!(#ident: #sort { static __PATH: __p::#ty = #data; &__PATH })
    })
}

/// How many relations have statements of their own?
pub(super) fn many_count(entity: &BoundEntity) -> Literal {
    Literal::usize_unsuffixed(places(entity, false).count())
}

/// What leads to the data of a relation: `__MANY[0]`.
pub(super) fn place(entity: &BoundEntity, index: usize) -> TokenStream {
    let is_one = entity.relations[index].load.is_one();
    let place = places(entity, is_one).find(|(_, found, _)| *found == index).map_or(0, |(place, _, _)| place);
    let place = Literal::usize_unsuffixed(place);
    if is_one { quote!(__ONES[#place]) } else { quote!(__MANY[#place]) }
}

/// The relations that are joined, or the others: the place among them, the index among all.
fn places(entity: &BoundEntity, is_one: bool) -> impl Iterator<Item = (usize, usize, &BoundRelation)> {
    let relations =
        entity.relations.iter().enumerate().filter(move |(_, relation)| relation.load.is_one() == is_one);
    relations.enumerate().map(|(place, (index, relation))| (place, index, relation))
}

fn ones(entity: &BoundEntity) -> Vec<TokenStream> {
    places(entity, true).map(|(_, index, relation)| data(entity, index, relation)).collect()
}

fn many(entity: &BoundEntity) -> Vec<TokenStream> {
    places(entity, false).map(|(_, index, relation)| data(entity, index, relation)).collect()
}

/// The relation as data. Those of paths stand behind the others.
fn data(entity: &BoundEntity, index: usize, relation: &BoundRelation) -> TokenStream {
    let other = function(entity, index, "OTHER");
    let places = places_of(relation);
    match &relation.load {
        Load::One { on, is_optional } => {
            let (on, filter) = (equals(on), &relation.filter);
            let owned = relation.owned.as_ref().map(|Owned { orphans, cascades }| {
                let orphans = match orphans {
                    Orphans::Delete => quote!(Delete),
                    Orphans::Null(columns) => {
                        let columns = indices(columns);
                        quote!(Null(&#columns))
                    }
                };
                quote!(.owned(__p::Orphans::#orphans, #cascades))
            });
            quote!(__p::ToOne::new(#other, #on, #filter, #is_optional)#places #owned)
        }
        Load::Many { key, link, order, limit, tree, climb, max_climb, key_by: _ } => {
            let field = format!("{}.{}", entity.ident, relation.ident);
            let parts = key.iter().map(|KeyPart { index, name, ty, operators }| {
                let index = Literal::usize_unsuffixed(*index);
                let within = (!operators.is_empty()).then(|| quote!(.within(#operators)));
                quote!(__p::KeyColumn::new(#index, #name, #ty)#within)
            });
            let link = self::link(link);
            let filter = (!relation.filter.is_empty()).then_some(&relation.filter);
            let filter = filter.map(|filter| quote!(.filter(#filter)));
            let index = (!relation.has_index).then(|| quote!(.unindexed()));
            let limit = limit.map(Literal::u32_unsuffixed).map(|limit| quote!(.limit(#limit)));
            let tree = tree.as_ref().map(|depth| {
                let depth = levels(*depth);
                quote!(.tree(#depth))
            });
            let climb = climb.as_ref().map(|climb| {
                let (climb, depth) = (self::climb(climb), levels(*max_climb));
                quote!(.climb(#climb, #depth))
            });
            let keeps = relation.owned.as_ref().and_then(|owned| match &owned.orphans {
                Orphans::Delete => None,
                Orphans::Null(columns) => {
                    let columns = indices(columns);
                    Some(quote!(.keeps_orphans(&#columns)))
                }
            });
            let stays = relation.owned.as_ref().is_some_and(|owned| !owned.cascades);
            let stays = stays.then(|| quote!(.uncascaded()));
            let made = quote!(__p::ToMany::new(#other, #field, &[#(#parts),*], #link, #order));
            let inserts = relation.inserts.then(|| quote!(.inserting()));
            quote!(#made #places #filter #limit #index #tree #climb #keeps #stays #inserts)
        }
    }
}

fn levels(depth: Option<u32>) -> TokenStream {
    match depth.map(Literal::u32_unsuffixed) {
        Some(depth) => quote!(__p::Some(#depth)),
        None => quote!(__p::None),
    }
}

/// The way from a row of a tree up to its root, as data.
pub(super) fn climb(Climb { key, ty, parent, operators }: &Climb) -> TokenStream {
    quote!(__p::Climb::new(#key, #ty, #parent, #operators))
}

/// The columns of both sides as places in their tables.
fn places_of(relation: &BoundRelation) -> TokenStream {
    let (near, far) = (indices(&relation.near), indices(&relation.far));
    quote!(.places(&#near, &#far))
}

fn link(link: &Link) -> TokenStream {
    let columns = pairs(&link.columns);
    match &link.through {
        Some((table, on)) => {
            let on = equals(on);
            quote!(__p::Link::through(#columns, #table, #on))
        }
        None => quote!(__p::Link::direct(#columns)),
    }
}

/// Does the struct on the other side map the table, and does loading it come to an end?
fn questions(entity: &BoundEntity) -> TokenStream {
    let questions = entity.related().enumerate().map(|(index, relation)| {
        let BoundRelation { ident, ty, other, element, table, shown, .. } = relation;
        let maps = format!("`{element}` maps another table, but `{ident}` reads `{shown}`");
        let found = function(entity, index, "TABLE");
        // Nothing is loaded for a path.
        if index >= entity.relations.len() {
            return quote_spanned!(ty.span()=> __p::maps(#found, #table, #maps););
        }
        let own = &entity.ident;
        let ends = format!(
            "`{own}.{ident}` would be loaded for ever: `{element}` leads back to `{own}`; use a view without that field"
        );
        let recursive = match relation.load.is_tree() {
            true => quote!(false),
            false => {
                quote_spanned!(ty.span()=> __p::RecursionCheck::<#other>::IS_RECURSIVE)
            }
        };
        quote_spanned!(ty.span()=> __p::relates(#found, #table, #maps, #recursive, #ends);)
    });
    let questions: Vec<TokenStream> = questions.collect();
    if questions.is_empty() {
        TokenStream::new()
    } else {
        quote!(const _: () = { use __p::NotChecked as _; #(#questions)* };)
    }
}

/// A warning is the use of something deprecated: no other way is open to a derive.
fn warning(relation: &BoundRelation) -> Option<TokenStream> {
    let text = relation.warning.as_ref()?;
    let used = quote_spanned!(relation.ty.span()=> foreign_key_without_index());
    Some(quote! {
        const _: () = {
            #[deprecated(note = #text)]
            const fn foreign_key_without_index() {}
            #used;
        };
    })
}

/// An item of the trait of a relation; `index` counts the paths behind those that have fields.
pub(super) fn function(entity: &BoundEntity, index: usize, name: &str) -> TokenStream {
    let ty = entity.related().nth(index).map(|relation| &relation.ty);
    ty.map(|ty| item_in("__r", ty, &side(entity, index), name)).unwrap_or_default()
}

fn equals(equals: &[(String, String, String)]) -> TokenStream {
    let equals = equals.iter().map(|(left, right, operators)| quote!((#left, #right, #operators)));
    quote!(&[#(#equals),*])
}

fn pairs(pairs: &[(String, String)]) -> TokenStream {
    let pairs = pairs.iter().map(|(left, right)| quote!((#left, #right)));
    quote!(&[#(#pairs),*])
}
