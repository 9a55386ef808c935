//! The traits of the entity itself, and what is known of it as data.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::check::function;
use super::indices::indices;
use super::names::{Names, private};
use super::shape;
use super::validation;
use crate::model::{BoundArc, BoundEntity, BoundUnique, FoundBy};
use crate::option::option_argument;

/// What several ways to write a row share.
pub(super) fn statics(entity: &BoundEntity) -> TokenStream {
    let given = indices(&entity.places(&entity.insertable()));
    let touched = pairs(entity, &entity.touched());
    let computed = pairs(entity, &entity.computed());
    quote! {
        const __TOUCHED: &[(usize, &str)] = #touched;
        const fn __insert() -> __p::InsertModel {
            __p::InsertModel::new(&__TABLE, &#given, #computed, __TOUCHED, &__SHAPE)
        }
    }
}

/// The names of the constraints.
pub(super) fn constants(entity: &BoundEntity) -> TokenStream {
    let BoundEntity { ident, vis, table, .. } = entity;
    if entity.constraints.is_empty() {
        return TokenStream::new();
    }
    let (shown, private) = (&table.shown, private(&entity.krate));
    let constants = entity.constraints.iter().map(|constraint| {
        let (constant, name, sort) =
            (Ident::new(&constraint.constant, Span::call_site()), &constraint.name, constraint.sort);
        quote!(#sort #constant #name;)
    });
    quote!(#private::constraints! { #ident #shown; #vis const; #(#constants)* })
}

/// What an UPDATE sends.
pub(super) fn parameters(entity: &BoundEntity) -> TokenStream {
    written(entity, &entity.update_parameters())
}

/// What a unit of work keeps of a view.
pub(super) fn seen(entity: &BoundEntity) -> TokenStream {
    written(entity, &shape::seen(entity))
}

fn written(entity: &BoundEntity, parameters: &[usize]) -> TokenStream {
    let (ident, private) = (&entity.ident, private(&entity.krate));
    let count = Literal::usize_unsuffixed(parameters.len());
    let writes = parameters.iter().enumerate().map(|(position, index)| {
        let (ident, put) = (&entity.columns[*index].ident, function(&entity.columns, *index, "put"));
        let position = Literal::usize_unsuffixed(position);
        match entity.arc_of(*index) {
            None => quote!(#position: #put => #ident),
            Some((BoundArc { ident, .. }, place)) => {
                let place = Literal::usize_unsuffixed(place);
                quote!(#position: #put => #ident [#place])
            }
        }
    });
    quote!(#private::parameters! { #ident #count; #(#writes),* })
}

/// The entity, with what is known of it.
pub(super) fn entity(entity: &BoundEntity, names: &Names) -> TokenStream {
    let ident = &entity.ident;
    let (repository, new) = (&names.repository, names.new_row(entity));
    // No key may be NULL: an `Option` is reported already, and would be reported here once more.
    let key =
        entity.key.iter().map(|index| &entity.columns[*index].ty).map(|ty| option_argument(ty).unwrap_or(ty));
    let key = if entity.key.len() == 1 { quote!(#(#key)*) } else { quote!((#(#key),*)) };
    let (model, validate) = (model(entity), validation::entity(entity));
    quote! {
        #[automatically_derived]
        impl __p::Entity for #ident {
            type Repository<'a> = #repository<'a>;
            type Key = #key;
            type New = #new;
            fn model() -> &'static __p::Model {
                #model
            }
            #validate
        }
    }
}

/// An upsert over the columns of a UNIQUE key.
fn upsert(entity: &BoundEntity) -> TokenStream {
    let key = indices(&entity.places(&entity.key));
    quote!(__insert().on_conflict(&#key, &#key))
}

/// How an upsert by a UNIQUE key is written.
pub(super) fn upsert_by(entity: &BoundEntity, unique: &BoundUnique) -> TokenStream {
    let FoundBy { kept, target, nulls, .. } = &unique.found_by;
    let rest = entity.key.iter().filter(|index| !kept.contains(index));
    let kept: Vec<usize> = kept.iter().chain(rest).copied().collect();
    let (columns, kept) = (indices(&entity.places(&unique.columns)), indices(&entity.places(&kept)));
    let target = target.iter();
    let nulls = (!nulls.is_empty()).then(|| {
        let nulls = indices(&entity.places(nulls));
        quote!(.finding_null(&#nulls))
    });
    quote!(__insert().on_conflict(&#columns, &#kept) #(.aimed_at(#target))* #nulls)
}

fn model(entity: &BoundEntity) -> TokenStream {
    let (key, key_at) = (indices(&entity.places(&entity.key)), indices(&entity.key));
    let made = entity.facts.as_ref().map(|facts| Ident::new(&format!("{:?}", facts.made), Span::call_site()));
    let places = indices(&entity.places(&entity.update_parameters()));
    let changeable = Literal::usize_unsuffixed(entity.changed().len());
    let version = entity.version.map(|version| entity.places(&[version]));
    let version = version.iter().flatten().copied().map(Literal::usize_unsuffixed);
    let insertable = entity.insertable();
    let is_upsertable = entity.key_is_arbiter && entity.key.iter().all(|index| insertable.contains(index));
    let upsert = is_upsertable.then(|| upsert(entity));
    let private = private(&entity.krate);
    quote! {
        #private::model!(key #key #key_at #made; columns #places #changeable #(#version)*; upsert #upsert)
    }
}

fn pairs(entity: &BoundEntity, pairs: &[(usize, &str)]) -> TokenStream {
    let pairs = pairs.iter().flat_map(|(index, value)| {
        let place = entity.places(&[*index]).into_iter().map(Literal::usize_unsuffixed);
        place.map(move |place| quote!((#place, #value)))
    });
    quote!(&[#(#pairs),*])
}
