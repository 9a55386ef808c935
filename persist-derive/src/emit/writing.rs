//! How a unit of work writes rows of the table, as data.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::indices::indices;
use crate::model::{BoundEntity, BoundReference, MadeKey, UniqueKey, Writing};

/// The part of a model that is about the table among others.
pub(super) fn model(entity: &BoundEntity) -> TokenStream {
    let Some(Writing { rank, references, uniques, unknown, is_meddled, made }) = &entity.writing else {
        return TokenStream::new();
    };
    let level = Literal::u32_unsuffixed(rank.level);
    let circular = rank.is_circular.then(|| quote!(circular));
    let meddled = is_meddled.then(|| quote!(meddled));
    let made = match made {
        MadeKey::Given => TokenStream::new(),
        MadeKey::Made => quote!(made_key),
        MadeKey::Ascending => quote!(made_key ascending),
        MadeKey::InPart => quote!(made_in_part),
    };
    let unknown = (!unknown.is_empty()).then(|| {
        let columns = indices(unknown);
        quote!(unknown(&#columns))
    });
    let references = references.iter().map(reference);
    let uniques = uniques.iter().map(unique);
    quote!(rank #level #circular #meddled #made #unknown; references #(#references),*; uniques #(#uniques),*)
}

fn reference(reference: &BoundReference) -> TokenStream {
    let BoundReference { columns, table, target } = reference;
    let columns = indices(columns);
    quote!(__p::Reference::new(&#columns, #table, &[#(#target),*]))
}

fn unique(unique: &UniqueKey) -> TokenStream {
    let UniqueKey { name, columns, nulls_not_distinct, scope, is_deferrable, parking } = unique;
    let columns = indices(columns);
    let nulls = nulls_not_distinct.then(|| quote!(.nulls_not_distinct()));
    let partial = scope.as_ref().map(|scope| {
        let scope = indices(scope);
        quote!(.partial(&#scope))
    });
    let deferrable = is_deferrable.then(|| quote!(.deferrable()));
    let parked = parking.map(|(position, parking)| {
        let (position, parking) = (Literal::usize_unsuffixed(position), format_ident!("{parking:?}"));
        quote!(.parked(#position, __p::Parking::#parking))
    });
    quote!(__p::Unique::new(#name, &#columns)#nulls #partial #deferrable #parked)
}
