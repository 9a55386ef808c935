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

use self::names::Names;
use crate::model::BoundEntity;
use crate::sql::Statements;

pub(crate) use enumeration::enumeration;
pub(crate) use newtype::newtype;

/// What `#[derive(Repository)]` becomes: the public types, and the implementations out of the user's sight.
pub(crate) fn repository(entity: &BoundEntity, sql: &Statements) -> TokenStream {
    let names = Names::of(entity);
    let private = &names.private;
    let types = [repository::ty(entity, &names), columns::ty(entity, &names), new::ty(entity, &names)];
    let checks = check::module(entity, &names);
    let enumerations = check::enumerations(entity);
    let statics = entity::statics(entity, sql);
    let implementations = [
        repository::implementation(entity, sql, &names),
        entity::constants(entity),
        new::implementation(entity, &names),
        entity::shape(entity),
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
