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
    // All of it stands at the path, so that a struct that is no entity is reported there, and once.
    quote_spanned! {of.span()=>
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl __p::View for #ident {
            type Of = <#of as __p::View>::Of;
        }
        const _: () = __p::maps(<<#of as __p::View>::Of as __p::Shape>::TABLE, #table, #message);
    }
}
