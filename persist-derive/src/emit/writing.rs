//! How a unit of work writes rows of the table, as data.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::entity::indices;
use crate::model::{BoundEntity, BoundReference, UniqueKey, Writing};

/// The part of a model that is about the table among others.
pub(super) fn model(entity: &BoundEntity) -> TokenStream {
    let Some(Writing { rank, references, uniques, is_meddled, is_key_made }) = &entity.writing else {
        return TokenStream::new();
    };
    let level = Literal::u32_unsuffixed(rank.level);
    let flags = [(rank.is_circular, "circular"), (*is_meddled, "meddled"), (*is_key_made, "made_key")];
    let flags = flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| format_ident!("{flag}"));
    let references = references.iter().map(reference);
    let uniques = uniques.iter().map(unique);
    quote!(rank #level #(#flags)*; references #(#references),*; uniques #(#uniques),*)
}

fn reference(reference: &BoundReference) -> TokenStream {
    let BoundReference { columns, table, target } = reference;
    let columns = indices(columns);
    quote!(__p::Reference::new(&#columns, #table, &[#(#target),*]))
}

fn unique(unique: &UniqueKey) -> TokenStream {
    let UniqueKey { name, columns, nulls_not_distinct, is_deferrable, parking } = unique;
    let columns = indices(columns);
    let nulls = nulls_not_distinct.then(|| quote!(.nulls_not_distinct()));
    let deferrable = is_deferrable.then(|| quote!(.deferrable()));
    let parked = parking.map(|(position, parking)| {
        let (position, parking) = (Literal::usize_unsuffixed(position), format_ident!("{parking:?}"));
        quote!(.parked(#position, __p::Parking::#parking))
    });
    quote!(__p::Unique::new(#name, &#columns)#nulls #deferrable #parked)
}
