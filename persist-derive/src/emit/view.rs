//! What a view is a view of.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned as _;

use crate::model::BoundEntity;

/// The trait, and the question whether the other struct maps the same table.
pub(super) fn implementation(entity: &BoundEntity, of: &Path) -> TokenStream {
    let ident = &entity.ident;
    let table = format!("{}.{}", entity.table.name.schema, entity.table.name.name);
    let shown = &entity.table.shown;
    let name = quote!(#of).to_string().replace(' ', "");
    let message = format!("`{name}` maps another table, but `{ident}` reads `{shown}`");
    let view = quote_spanned!(of.span()=> <#of as __p::View>::Of);
    let question = quote_spanned! {of.span()=>
        const _: () = __p::maps(<<#of as __p::View>::Of as __p::Shape>::TABLE, #table, #message);
    };
    quote! {
        #[automatically_derived]
        impl __p::View for #ident {
            type Of = #view;
        }
        #question
    }
}
