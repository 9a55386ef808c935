//! `…Order`: the orders that a request may ask for by name.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use super::names::{Names, check};
use crate::model::{BoundColumn, BoundEntity};

/// SQL types whose values have no order that anybody would ask for.
const UNSORTED: &[&str] = &["Json", "Jsonb", "Bytea"];

pub(super) fn ty(entity: &BoundEntity, names: &Names) -> TokenStream {
    let (BoundEntity { vis, table, .. }, private) = (entity, &names.private);
    let Some(order) = name(entity) else { return TokenStream::new() };
    let doc = format!(
        "An order of `{}`, from outside: by name, such as `name`, or `-name` for the largest first.",
        table.shown
    );
    let variants = sorted(entity).map(|(_, [asc, desc], name)| quote!(#asc #desc #name;));
    quote!(#private::order! { enum #[doc = #doc] #vis #order; #(#variants)* })
}

pub(super) fn implementation(entity: &BoundEntity) -> TokenStream {
    let Some(order) = name(entity) else { return TokenStream::new() };
    let ident = &entity.ident;
    let variants = sorted(entity).map(|(column, [asc, desc], name)| quote!(#asc #desc #name #column;));
    quote!(__p::order! { impl #order for #ident; #(#variants)* })
}

/// The enum's name, if there is anything to sort by.
fn name(entity: &BoundEntity) -> Option<&Ident> {
    entity.order.as_ref().filter(|_| sorted(entity).next().is_some())
}

/// The columns that can be sorted by: field, variants, name.
fn sorted(entity: &BoundEntity) -> impl Iterator<Item = (&Ident, [Ident; 2], String)> {
    let is_sorted = |column: &BoundColumn| !column.wire.is_array && !UNSORTED.contains(&column.wire.marker);
    entity.table_columns().filter(move |(_, column)| is_sorted(column)).map(|(index, column)| {
        let variant = check(&entity.columns, index);
        let variants = ["Asc", "Desc"].map(|direction| format_ident!("{variant}{direction}"));
        (&column.ident, variants, column.ident.unraw().to_string())
    })
}
