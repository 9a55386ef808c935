//! `New…`: a row that does not exist yet.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::check::{cell, function};
use super::columns::described;
use super::names::{Names, option_argument};
use crate::model::{BoundColumn, BoundEntity, Insert};

pub(super) fn ty(entity: &BoundEntity, names: &Names) -> TokenStream {
    let BoundEntity { vis, table, .. } = entity;
    let Names { new, private, .. } = names;
    let doc = format!("A row of `{}` that does not exist yet.", table.shown);
    let fields = entity.insertable().into_iter().map(|index| {
        let column = &entity.columns[index];
        let (ident, ty) = (&column.ident, stored(column, private));
        quote!(#ident: #ty)
    });
    quote! {
        #[doc = #doc]
        #[must_use = "it is written by `insert` or `upsert`"]
        #vis struct #new { #(#fields),* }
    }
}

pub(super) fn implementation(entity: &BoundEntity, names: &Names) -> TokenStream {
    let BoundEntity { ident, .. } = entity;
    let new = &names.new;
    let insertable = entity.insertable();
    let constructor = constructor(entity, &insertable);
    let setters = insertable.iter().filter_map(|index| setter(entity, *index));
    let count = Literal::usize_unsuffixed(insertable.len());
    let writes = insertable.iter().enumerate().map(|(position, index)| write(entity, position, *index));
    let is_given = is_given(entity, &insertable);
    let waiting = waiting(entity, &insertable);
    quote! {
        impl #new {
            #constructor
            #(#setters)*
        }
        impl __p::Parameters for #new {
            fn count(&self) -> usize {
                #count
            }
            fn write(&self, index: usize, ty: &__p::Type, out: &mut __p::BytesMut) -> __p::Written {
                match index {
                    #(#writes)*
                    _ => __p::no_parameter(index),
                }
            }
        }
        impl __p::New for #new {
            type Entity = #ident;
            fn is_given(&self, index: usize) -> bool {
                #is_given
            }
            fn waits_for_parent(&self) -> ::core::option::Option<&'static str> {
                #waiting
            }
        }
    }
}

/// What the new row keeps for a column: `Option` of it where it may be left to its DEFAULT.
fn stored(column: &BoundColumn, private: &TokenStream) -> TokenStream {
    let ty = value(column, private);
    match column.insert {
        Insert::Optional => quote!(::core::option::Option<#ty>),
        Insert::Required | Insert::ClientKey | Insert::Never | Insert::Computed(_) => ty,
    }
}

fn value(column: &BoundColumn, private: &TokenStream) -> TokenStream {
    let ty = &column.ty;
    if !column.is_foreign_key {
        quote!(#ty)
    } else if column.nullable {
        let inner = key_type(column, private);
        quote!(::core::option::Option<#private::ForeignKey<#inner>>)
    } else {
        quote!(#private::ForeignKey<#ty>)
    }
}

/// The type of a foreign key without its `Option`.
fn key_type(column: &BoundColumn, private: &TokenStream) -> TokenStream {
    let ty = &column.ty;
    match option_argument(ty).filter(|_| column.nullable) {
        Some(inner) => quote!(#inner),
        None if column.nullable => quote!(<#ty as #private::Value>::Inner),
        None => quote!(#ty),
    }
}

/// The bound of an argument, and the method that makes it what is kept.
fn argument(column: &BoundColumn) -> (TokenStream, TokenStream) {
    let ty = &column.ty;
    if !column.is_foreign_key {
        return (quote!(__p::Assign<#ty>), quote!(assign()));
    }
    let key = key_type(column, &quote!(__p));
    let name = if column.nullable { quote!(IntoOptionalForeignKey) } else { quote!(IntoForeignKey) };
    (quote!(__p::#name<#key>), quote!(into_key()))
}

fn constructor(entity: &BoundEntity, insertable: &[usize]) -> TokenStream {
    let vis = &entity.vis;
    let mut arguments = Vec::new();
    let fields = insertable.iter().map(|index| {
        let column = &entity.columns[*index];
        let ident = &column.ident;
        match column.insert {
            Insert::Required => {
                let (bound, method) = argument(column);
                arguments.push(quote!(#ident: impl #bound));
                quote!(#ident: #ident.#method)
            }
            Insert::ClientKey => {
                let cell = cell(&entity.columns, *index);
                quote!(#ident: <#cell as __p::ClientKey>::generate())
            }
            Insert::Optional | Insert::Never | Insert::Computed(_) => quote!(#ident: ::core::option::Option::None),
        }
    });
    let fields: Vec<TokenStream> = fields.collect();
    quote! {
        /// A row with what the table requires; the rest has setters.
        #vis fn new(#(#arguments),*) -> Self {
            Self { #(#fields),* }
        }
    }
}

fn setter(entity: &BoundEntity, index: usize) -> Option<TokenStream> {
    let column = &entity.columns[index];
    let (vis, ident) = (&entity.vis, &column.ident);
    let (bound, method) = argument(column);
    let value = match column.insert {
        Insert::Optional => quote!(::core::option::Option::Some(value.#method)),
        Insert::ClientKey => quote!(value.#method),
        Insert::Required | Insert::Never | Insert::Computed(_) => return None,
    };
    let doc = format!("Sets {}.", described(column));
    Some(quote! {
        #[doc = #doc]
        #vis fn #ident(mut self, value: impl #bound) -> Self {
            self.#ident = #value;
            self
        }
    })
}

fn write(entity: &BoundEntity, position: usize, index: usize) -> TokenStream {
    let column = &entity.columns[index];
    let (ident, position) = (&column.ident, Literal::usize_unsuffixed(position));
    let is_optional = matches!(column.insert, Insert::Optional);
    let writer = match (is_optional, column.is_foreign_key) {
        (false, false) => function(&entity.columns, index, "put"),
        (true, false) => function(&entity.columns, index, "put_given"),
        (false, true) => {
            let key = checked_key(entity, index);
            quote!(__p::write::<#key>)
        }
        (true, true) => {
            let key = checked_key(entity, index);
            quote!(__p::write_given::<#key>)
        }
    };
    quote!(#position => #writer(&self.#ident, ty, out),)
}

/// The type that is kept for a foreign key, but an error type where the field does not fit its column.
fn checked_key(entity: &BoundEntity, index: usize) -> TokenStream {
    let cell = cell(&entity.columns, index);
    let alias = if entity.columns[index].nullable { quote!(OptionalKeyOf) } else { quote!(KeyOf) };
    quote!(__p::#alias<#cell>)
}

fn is_given(entity: &BoundEntity, insertable: &[usize]) -> TokenStream {
    let arms = insertable.iter().enumerate().filter_map(|(position, index)| {
        let BoundColumn { ident, insert, .. } = &entity.columns[*index];
        let position = Literal::usize_unsuffixed(position);
        matches!(insert, Insert::Optional).then(|| quote!(#position => self.#ident.is_some(),))
    });
    quote! {
        match index {
            #(#arms)*
            _ => true,
        }
    }
}

fn waiting(entity: &BoundEntity, insertable: &[usize]) -> TokenStream {
    let keys = insertable.iter().map(|index| &entity.columns[*index]).filter(|column| column.is_foreign_key);
    let (names, idents): (Vec<&String>, Vec<&Ident>) = keys.map(|column| (&column.name, &column.ident)).unzip();
    if names.is_empty() {
        return quote!(::core::option::Option::None);
    }
    quote!(__p::first_waiting(&[#((#names, &self.#idents)),*]))
}
