//! `New…`: a row that does not exist yet.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::check::function;
use super::columns::described;
use super::names::Names;
use super::{one_of, relation, validation};
use crate::model::{BoundArc, BoundColumn, BoundEntity, Insert};
use crate::option::option_argument;

pub(super) fn ty(entity: &BoundEntity, names: &Names) -> TokenStream {
    let BoundEntity { vis, table, .. } = entity;
    let Names { new, private, .. } = names;
    let doc = format!("A row of `{}` that does not exist yet.", table.shown);
    let (arms, others): (Vec<_>, Vec<_>) = entity
        .insertable()
        .into_iter()
        .map(|index| &entity.columns[index])
        .partition(|column| column.arm.is_some());
    let field = |column: &BoundColumn| {
        let (ident, ty) = (&column.ident, stored(column, private));
        quote!(#ident: #ty)
    };
    let arms: Vec<TokenStream> = arms.into_iter().map(field).collect();
    let arms = (!arms.is_empty()).then(|| quote!({ #(#arms),* }));
    let fields = others.into_iter().map(field);
    let nested = relation::nested(entity).into_iter().map(|(ident, _)| quote!(#ident: #private::Nested));
    let row = fields.chain(nested);
    let fields = required(entity, names);
    quote! {
        #private::new_row! { #doc #vis #new { #(#row),* } #arms }
        #fields
    }
}

/// What the table requires, as named fields; nothing where that is nothing.
fn required(entity: &BoundEntity, names: &Names) -> Option<TokenStream> {
    let BoundEntity { vis, table, .. } = entity;
    let Names { new, fields: name, private, .. } = names;
    let required = entity.columns.iter().filter(|column| matches!(column.insert, Insert::Required));
    let fields: Vec<TokenStream> = required
        .filter_map(|column| {
            let index = entity.columns.iter().position(|found| std::ptr::eq(found, column))?;
            match entity.arc_of(index) {
                Some((arc, 0)) => {
                    let (ident, of, doc) =
                        (&arc.ident, one_of::of(arc, private), format!("One of {}.", arc.names));
                    return Some(quote!(#doc #ident: #private::NewOneOf<#of>));
                }
                Some(_) => return None,
                None => {}
            }
            let (doc, ident, ty) = (described(column), &column.ident, stored(column, private));
            Some(quote!(#doc #ident: #ty))
        })
        .collect();
    let doc = format!(
        "What a row of `{}` that does not exist yet must have, by name: `{new}::from({name} {{ … }})`.",
        table.shown
    );
    (!fields.is_empty()).then(|| quote!(#private::fields! { #doc #vis #name #new { #(#fields),* } }))
}

pub(super) fn implementation(entity: &BoundEntity, names: &Names) -> TokenStream {
    let BoundEntity { ident, .. } = entity;
    let Names { new, private, .. } = names;
    let insertable = entity.insertable();
    let (nested, rows): (Vec<&Ident>, Vec<TokenStream>) = relation::nested(entity).into_iter().unzip();
    let (constructor, validate) = (constructor(entity, &insertable), validation::new(entity));
    let arcs = entity.arcs.iter().filter(|arc| !arc.is_required).map(|arc| arc_setter(entity, arc));
    let setters = insertable.iter().filter_map(|index| setter(entity, *index)).chain(arcs).chain(rows);
    let setters: Vec<TokenStream> = setters.collect();
    let vis = &entity.vis;
    let setters =
        (!setters.is_empty()).then(|| quote!(impl #new { #private::setters! { #vis fn; #(#setters)* } }));
    let count = Literal::usize_unsuffixed(insertable.len());
    let writes = insertable.iter().enumerate().map(|(position, index)| write(entity, position, *index));
    let optional = insertable.iter().enumerate().filter_map(|(position, index)| {
        let BoundColumn { ident, insert, .. } = &entity.columns[*index];
        let position = Literal::usize_unsuffixed(position);
        insert.may_be_left_out().then(|| quote!(#position #ident))
    });
    let keys = insertable.iter().enumerate().filter_map(|(position, index)| {
        let BoundColumn { ident, is_foreign_key, .. } = &entity.columns[*index];
        let position = Literal::usize_unsuffixed(position);
        is_foreign_key.then(|| quote!(#position #ident))
    });
    quote! {
        #setters
        #private::parameters! { #new #count; #(#writes),* }
        #private::new! { #new #ident; #vis #constructor; #(#optional),*; #(#keys),*; #(#nested),*; #validate }
    }
}

/// What the new row keeps for a column: `Option` of it where it may be left to its DEFAULT.
fn stored(column: &BoundColumn, private: &TokenStream) -> TokenStream {
    let ty = value(column, private);
    match column.insert {
        Insert::Optional | Insert::Unless(_) => quote!(::core::option::Option<#ty>),
        Insert::Required | Insert::ClientKey | Insert::Never | Insert::Computed(_) => ty,
    }
}

fn value(column: &BoundColumn, private: &TokenStream) -> TokenStream {
    let ty = &column.ty;
    if column.is_foreign_key { quote!(#private::ForeignKey<#ty>) } else { quote!(#ty) }
}

/// The bound of an argument, and the expression that makes the argument what is kept. What rustc says of an argument that
/// does not fit points at the bound, and so at the field.
fn argument(column: &BoundColumn, name: &Ident) -> (TokenStream, TokenStream) {
    let (ty, span) = (&column.ty, column.ident.span());
    if !column.is_foreign_key {
        return (quote_spanned!(span=> __p::Assign<#ty>), quote!(#name.assign()));
    }
    match nullable(column) {
        Some(inner) => (
            quote_spanned!(span=> __p::IntoOptionalForeignKey<#inner>),
            quote!(__p::nullable(#name.into_key())),
        ),
        None => (quote_spanned!(span=> __p::IntoForeignKey<#ty>), quote!(#name.into_key())),
    }
}

/// The type of the values of a column that may be NULL.
fn nullable(column: &BoundColumn) -> Option<TokenStream> {
    let ty = &column.ty;
    match option_argument(ty) {
        Some(inner) => Some(quote!(#inner)),
        // An alias of an `Option`.
        None if column.nullable => Some(quote!(<#ty as __p::Value>::Inner)),
        None => None,
    }
}

fn constructor(entity: &BoundEntity, insertable: &[usize]) -> TokenStream {
    let mut arguments = Vec::new();
    let mut conversions = Vec::new();
    let fields = insertable.iter().map(|index| {
        let column = &entity.columns[*index];
        let ident = &column.ident;
        match column.insert {
            Insert::Required if column.arm.is_some() => {
                let Some((arc, place)) = entity.arc_of(*index) else { return TokenStream::new() };
                let (name, of, place) =
                    (&arc.ident, one_of::of(arc, &quote!(__p)), Literal::usize_unsuffixed(place));
                if column.arm == Some(0) {
                    arguments.push(quote!(#name: impl ::core::convert::Into<__p::NewOneOf<#of>>));
                    conversions.push(quote!(let #name = #name.into();));
                }
                quote!(#ident: #name.0.#place)
            }
            Insert::Required => {
                let (bound, value) = argument(column, ident);
                arguments.push(quote!(#ident: impl #bound));
                quote!(#ident: #value)
            }
            Insert::ClientKey => {
                let generate = function(&entity.columns, *index, "generate");
                quote!(#ident: #generate())
            }
            Insert::Optional | Insert::Unless(_) | Insert::Never | Insert::Computed(_) => {
                quote!(#ident: __p::None)
            }
        }
    });
    let fields: Vec<TokenStream> = fields.collect();
    quote!(fn(#(#arguments),*) #(#conversions)* { #(#fields),* })
}

/// The setter of all columns of an arc.
fn arc_setter(entity: &BoundEntity, arc: &BoundArc) -> TokenStream {
    let (ident, of, doc) = (&arc.ident, one_of::of(arc, &quote!(__p)), format!("Sets one of {}.", arc.names));
    let arms = arc.columns.iter().enumerate().map(|(place, index)| {
        let (arm, place) = (&entity.columns[*index].ident, Literal::usize_unsuffixed(place));
        quote!(#arm #place)
    });
    quote!(#doc one_of [#(#arms)*] #ident: #of;)
}

fn setter(entity: &BoundEntity, index: usize) -> Option<TokenStream> {
    let column = &entity.columns[index];
    if column.arm.is_some() {
        return None;
    }
    let (ident, ty) = (&column.ident, &column.ty);
    let optional = match column.insert {
        Insert::Optional | Insert::Unless(_) => true,
        Insert::ClientKey => false,
        Insert::Required | Insert::Never | Insert::Computed(_) => return None,
    };
    let doc = format!("Sets {}.", described(column));
    Some(match (optional, column.is_foreign_key, nullable(column)) {
        (true, true, Some(inner)) => quote!(#doc nullable #ident: #inner;),
        (true, true, None) => quote!(#doc key #ident: #ty;),
        (true, false, _) => quote!(#doc given #ident: #ty;),
        (false, _, _) => quote!(#doc value #ident: #ty;),
    })
}

fn write(entity: &BoundEntity, position: usize, index: usize) -> TokenStream {
    let column = &entity.columns[index];
    let (ident, position) = (&column.ident, Literal::usize_unsuffixed(position));
    let is_optional = column.insert.may_be_left_out();
    let put = match (is_optional, column.is_foreign_key) {
        (false, false) => "put",
        (true, false) => "put_given",
        (false, true) => "put_key",
        (true, true) => "put_given_key",
    };
    let put = function(&entity.columns, index, put);
    quote!(#position: #put => #ident)
}
