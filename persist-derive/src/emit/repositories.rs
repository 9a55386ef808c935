//! What `#[derive(Repositories)]` becomes.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::private;
use crate::model::Repositories;

pub(crate) fn repositories(repositories: &Repositories) -> TokenStream {
    let Repositories { ident, vis, krate, lifetime, fields } = repositories;
    let private = private(krate);
    let fields = fields.iter().map(|(name, ty)| quote!(#name: [#ty]));
    quote! {
        #private::repositories! { #vis #ident #lifetime; #(#fields),* }
    }
}
