//! What looks at the values of a struct before they are sent.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned as _;

use crate::model::BoundEntity;

/// Of a row that is read and changed.
pub(super) fn entity(entity: &BoundEntity) -> Option<TokenStream> {
    let validation = &entity.validation;
    let table = &entity.table.shown;
    let asked = validation.entity.as_ref().map(|path| asked(table, path));
    let read = entity.is_read_only.then(|| quote!(__p::only_read(#table)));
    let garde = validation.garde.as_ref().map(|word| quote_spanned!(word.span()=> __p::garde(#table, self)));
    function(read.into_iter().chain(garde).chain(asked).collect())
}

/// Of a row that does not exist yet.
pub(super) fn new(entity: &BoundEntity) -> Option<TokenStream> {
    let path = entity.validation.new.as_ref()?;
    function(vec![asked(&entity.table.shown, path)])
}

/// All of it stands at the path, so that a function which is no such is reported there.
fn asked(table: &str, path: &Path) -> TokenStream {
    quote_spanned! {path.span()=>
        {
            let check: fn(&Self) -> ::core::result::Result<(), _> = #path;
            __p::validated(#table, check(self))
        }
    }
}

fn function(checks: Vec<TokenStream>) -> Option<TokenStream> {
    let (last, others) = checks.split_last()?;
    Some(quote! {
        fn validate(&self) -> __p::Decoded<()> {
            #(#others?;)*
            #last
        }
    })
}
