//! The last pass: tokens. They call the runtime; what two expansions would share belongs there.

mod check;
mod columns;
mod entity;
mod enumeration;
pub(crate) mod fallback;
mod names;
mod new;
mod newtype;
mod repository;

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use self::names::Names;
use crate::model::{BoundColumn, BoundEntity};
use crate::sql::Statements;

pub(crate) use enumeration::enumeration;
pub(crate) use newtype::newtype;

/// What `#[derive(Repository)]` becomes: the public types, and the implementations out of the user's sight.
pub(crate) fn repository(entity: &BoundEntity, sql: &Statements) -> TokenStream {
    let names = Names::of(entity);
    let private = &names.private;
    let types = [repository::ty(entity, &names), columns::ty(entity, &names), new::ty(entity, &names)];
    let checks = check::module(&entity.columns, private);
    let enumerations = check::enumerations(entity);
    let statics = entity::statics(entity, sql);
    let implementations = [
        repository::implementation(entity, &names),
        entity::constants(entity),
        new::implementation(entity, &names),
        entity::shape(entity, sql, &names),
        entity::parameters(entity),
        entity::entity(entity, sql, &names),
    ];
    quote! {
        #(#types)*
        #[allow(dead_code, private_interfaces, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private as __p;
            #checks
            #enumerations
            #statics
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
