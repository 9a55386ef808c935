//! `…Order`: the orders that a request may ask for by name.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt as _;

use super::names::{Names, check, private};
use crate::model::{BoundColumn, BoundEntity};

/// SQL types whose values have no useful order.
const UNSORTED: &[&str] = &["Json", "Jsonb", "Bytea"];

pub(super) fn ty(entity: &BoundEntity, names: &Names) -> TokenStream {
    let (BoundEntity { vis, table, .. }, private) = (entity, &names.private);
    let Some(order) = name(entity) else { return TokenStream::new() };
    let doc = format!(
        "An order of `{}`, from outside: by name, such as `name`, or `-name` for the largest first.",
        table.shown
    );
    let variants = sorted(entity).map(|column| variants(entity, column));
    quote!(#private::order! { enum #[doc = #doc] #vis #order; #(#variants;)* })
}

pub(super) fn implementation(entity: &BoundEntity) -> TokenStream {
    let Some(order) = name(entity) else { return TokenStream::new() };
    let variants = sorted(entity).map(|(index, column)| {
        let (variants, nullable) = (variants(entity, (index, column)), column.nullable);
        let index = Literal::usize_unsuffixed(entity.cell(index));
        quote!(#variants => &__COLUMNS[#index], #nullable;)
    });
    let private = private(&entity.krate);
    quote!(#private::order! { impl #order; #(#variants)* })
}

/// The enum's name, if there is anything to sort by.
fn name(entity: &BoundEntity) -> Option<&Ident> {
    Some(&entity.made.order).filter(|_| !entity.is_view && sorted(entity).next().is_some())
}

/// The columns that can be sorted by.
fn sorted(entity: &BoundEntity) -> impl Iterator<Item = (usize, &BoundColumn)> {
    let is_sorted = |column: &BoundColumn| !column.wire.is_array && !UNSORTED.contains(&column.wire.marker);
    entity.table_columns().filter(move |(_, column)| is_sorted(column))
}

/// The two variants of a column, and its name; and that in the database, if it is another.
fn variants(entity: &BoundEntity, (index, column): (usize, &BoundColumn)) -> TokenStream {
    let variant = check(&entity.columns, index);
    let [asc, desc] = ["Asc", "Desc"].map(|direction| format_ident!("{variant}{direction}"));
    let name = column.ident.unraw().to_string();
    let other = (column.name != name).then_some(&column.name).map(|other| quote!(= #other));
    quote!(#asc #desc #name #other)
}
