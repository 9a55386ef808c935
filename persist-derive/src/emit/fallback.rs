//! What a struct with mistakes becomes: its errors, and items that keep the code which uses it from being reported too.
//!
//! The first error stands where a type is expected, so that the generated types are error types: whatever is done with them
//! is fine with the compiler, because it knows that the mistake was reported.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{DeriveInput, Path};

use super::names::{Names, private};

/// For `#[derive(Repository)]`.
pub(crate) fn entity(input: &DeriveInput, krate: &Path, mistakes: &[syn::Error]) -> TokenStream {
    let (ident, vis) = (&input.ident, &input.vis);
    let Names { private, repository, columns, new } = Names::new(krate, ident);
    let Some((first, others)) = split(mistakes) else { return TokenStream::new() };
    let implementations = input.generics.params.is_empty().then(|| entity_implementations(ident, &private, &new));
    quote! {
        #[doc(hidden)]
        #[allow(dead_code)]
        #vis type #new = #first;
        #[doc(hidden)]
        #[allow(dead_code)]
        #vis type #columns = #new;
        #[doc(hidden)]
        #[allow(dead_code, type_alias_bounds, unused_lifetimes)]
        #vis type #repository<'a> = #new;
        #others
        #implementations
    }
}

fn entity_implementations(ident: &Ident, private: &TokenStream, new: &Ident) -> TokenStream {
    quote! {
        const _: () = {
            use #private as __p;
            impl __p::Shape for #ident {
                const TABLE: &'static str = "";
                fn decode(_: &__p::Row<'_>, _: usize) -> ::core::result::Result<Self, __p::Error> {
                    __p::never_compiled()
                }
            }
            impl __p::Parameters for #ident {
                fn count(&self) -> usize {
                    __p::never_compiled()
                }
                fn write(&self, _: usize, _: &__p::Type, _: &mut __p::BytesMut) -> __p::Written {
                    __p::never_compiled()
                }
            }
            impl __p::Entity for #ident {
                type Repository<'a> = #new;
                type Columns = #new;
                type Key = #new;
                type New = #new;
                fn columns(_: __p::Scope) -> #new {
                    __p::never_compiled()
                }
                fn model() -> &'static __p::Model {
                    __p::never_compiled()
                }
            }
        };
    }
}

/// For `#[derive(Enum)]`.
pub(crate) fn enumeration(input: &DeriveInput, krate: &Path, mistakes: &[syn::Error]) -> TokenStream {
    let private = private(krate);
    let ident = &input.ident;
    let scalar = scalar(input, &private, mistakes);
    let has_name = input.generics.params.is_empty();
    let named = has_name.then(|| quote!(impl #private::EnumType for #ident { const NAME: &'static str = ""; }));
    quote!(#scalar #named)
}

/// For `#[derive(Domain)]`.
pub(crate) fn newtype(input: &DeriveInput, krate: &Path, mistakes: &[syn::Error]) -> TokenStream {
    scalar(input, &private(krate), mistakes)
}

fn scalar(input: &DeriveInput, private: &TokenStream, mistakes: &[syn::Error]) -> TokenStream {
    let ident = &input.ident;
    let Some((first, others)) = split(mistakes) else { return TokenStream::new() };
    if !input.generics.params.is_empty() {
        return mistakes.iter().map(syn::Error::to_compile_error).collect();
    }
    quote! {
        const _: () = {
            use #private as __p;
            type Mistake = #first;
            impl __p::Scalar for #ident {
                type Family = Mistake;
                const OIDS: &'static [__p::Oid] = &[];
                fn decode(_: __p::Oid, _: &[u8]) -> ::core::result::Result<Self, __p::BoxError> {
                    __p::never_compiled()
                }
                fn encode(&self, _: &__p::Type, _: &mut __p::BytesMut) -> ::core::result::Result<(), __p::BoxError> {
                    __p::never_compiled()
                }
            }
        };
        #others
    }
}

/// The first mistake as a type, the others as items.
fn split(mistakes: &[syn::Error]) -> Option<(TokenStream, TokenStream)> {
    let (first, others) = mistakes.split_first()?;
    Some((first.to_compile_error(), others.iter().map(syn::Error::to_compile_error).collect()))
}
