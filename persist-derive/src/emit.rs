//! The last pass: tokens. They call the runtime; what two expansions would share belongs there.

mod check;
mod columns;
mod composite;
mod entity;
mod enumeration;
mod facts;
pub(crate) mod fallback;
mod indices;
mod names;
mod new;
mod newtype;
mod one_of;
mod order;
mod relation;
mod repositories;
mod repository;
mod shape;
mod validation;
mod view;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use self::names::Names;
use crate::model::{BoundColumn, BoundEntity};

pub(crate) use composite::composite;
pub(crate) use enumeration::enumeration;
pub(crate) use newtype::newtype;
pub(crate) use one_of::one_of;
pub(crate) use repositories::repositories;

/// What `#[derive(Repository)]` becomes: the public types, and the implementations out of the user's sight.
pub(crate) fn repository(entity: &BoundEntity) -> TokenStream {
    let names = Names::of(entity);
    let types = [
        repository::ty(entity, &names),
        columns::ty(entity, &names),
        if entity.is_read_only { TokenStream::new() } else { new::ty(entity, &names) },
        order::ty(entity, &names),
    ];
    let implementations = [
        entity::statics(entity),
        repository::implementation(entity, &names),
        entity::constants(entity),
        if entity.is_read_only { TokenStream::new() } else { new::implementation(entity, &names) },
        entity::parameters(entity),
        entity::entity(entity, &names),
        order::implementation(entity),
    ];
    expansion(entity, &names, &types, &implementations)
}

/// What `#[derive(View)]` becomes.
pub(crate) fn view(entity: &BoundEntity, of: &Path) -> TokenStream {
    let names = Names::of(entity);
    let implementations = [entity::seen(entity), view::implementation(entity, of)];
    expansion(entity, &names, &[columns::ty(entity, &names)], &implementations)
}

fn expansion(
    entity: &BoundEntity,
    names: &Names,
    types: &[TokenStream],
    implementations: &[TokenStream],
) -> TokenStream {
    let private = &names.private;
    let checks = check::module(&entity.columns, private);
    let relations = relation::module(entity, private);
    let named = check::named(entity);
    let arcs = one_of::questions(entity);
    let statics = shape::statics(entity);
    let shape = shape::implementation(entity, names);
    quote! {
        #(#types)*
        #[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private as __p;
            #checks
            #relations
            #named
            #arcs
            #statics
            #shape
            #(#implementations)*
        };
    }
}

/// Only the questions whether the fields' types hold their columns, for a struct that has other mistakes.
pub(crate) fn questions(columns: &[BoundColumn], krate: &Path) -> TokenStream {
    let checks = check::module(columns, &names::private(krate));
    let asked = (0..columns.len()).map(|index| check::function(columns, index, "put"));
    quote! {
        const _: () = {
            #checks
            #(let _ = #asked;)*
        };
    }
}
