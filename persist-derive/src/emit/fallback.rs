//! What a struct with mistakes becomes: its errors, and items that keep the code which uses it from being
//! reported too.
//!
//! The first error stands in a type, as the argument of a constant parameter. Whatever is done with that type
//! is fine with the compiler, because it knows that the mistake was reported: any function, method or field
//! can be asked of it.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote};
use syn::ext::IdentExt as _;
use syn::{DeriveInput, Path};

use super::names::private;

/// What is known of a struct with `#[derive(Repository)]` or `#[derive(View)]`.
pub(crate) struct Known {
    pub(crate) krate: Path,
    /// The names of the constants of its constraints, if its table is known.
    pub(crate) constants: Vec<String>,
    /// What is made for it, but for what the program has itself.
    pub(crate) made: Vec<Ident>,
    /// Which of that has a lifetime.
    pub(crate) repository: Ident,
    /// The entity that it is a view of, if it says so.
    pub(crate) of: Option<Path>,
}

/// For `#[derive(Repository)]`.
pub(crate) fn entity(input: &DeriveInput, known: &Known, mistakes: &[syn::Error]) -> TokenStream {
    let (ident, vis) = (&input.ident, &input.vis);
    let Known { krate, constants, .. } = known;
    let private = private(krate);
    let constants = constants.iter().map(|name| Ident::new(name, Span::call_site()));
    let implementations = input.generics.params.is_empty().then(|| {
        let implementations = entity_implementations(ident, &private);
        quote! {
            impl #ident { #(#[allow(dead_code, missing_docs)] #vis const #constants: #private::Constraint = #private::Constraint::new("", "");)* }
            #implementations
        }
    });
    let types = types(input, known, mistakes);
    quote!(#types #implementations)
}

/// For `#[derive(View)]`.
pub(crate) fn view(input: &DeriveInput, known: &Known, mistakes: &[syn::Error]) -> TokenStream {
    let (ident, private) = (&input.ident, private(&known.krate));
    let implementations = input.generics.params.is_empty().then(|| {
        let shape = shape(ident, &quote!(__p::Never));
        let of = match &known.of {
            Some(of) => quote!(<#of as __p::View>::Of),
            None => mistaken(ident).into_token_stream(),
        };
        quote! {
            const _: () = {
                use #private as __p;
                #shape
                impl __p::View for #ident {
                    type Of = #of;
                }
            };
        }
    });
    let types = types(input, known, mistakes);
    quote!(#types #implementations)
}

/// What stands for all that is made for a struct, which knows the first mistake; and the others.
fn types(input: &DeriveInput, known: &Known, mistakes: &[syn::Error]) -> TokenStream {
    let Some((first, others)) = mistakes.split_first() else { return TokenStream::new() };
    let (first, others) = (first.to_compile_error(), others.iter().map(syn::Error::to_compile_error));
    let (vis, mistaken) = (&input.vis, mistaken(&input.ident));
    let mistake = format_ident!("{}Mistake", input.ident.unraw());
    let made = known.made.iter().map(|name| match *name == known.repository {
        true => quote!(#name<'a>),
        false => quote!(#name),
    });
    quote! {
        #[doc(hidden)]
        #[allow(dead_code)]
        #vis struct #mistake<const N: usize>;
        #[doc(hidden)]
        #[allow(dead_code)]
        #vis type #mistaken = #mistake<{ #first }>;
        #(#[doc(hidden)] #[allow(dead_code)] #vis type #made = #mistaken;)*
        #(#others)*
    }
}

/// The type that knows the first mistake of a struct.
fn mistaken(ident: &Ident) -> Ident {
    format_ident!("{}Mistaken", ident.unraw())
}

/// A struct that is never read.
fn shape(ident: &Ident, fresh: &TokenStream) -> TokenStream {
    let columns = mistaken(ident);
    quote! {
        impl __p::Shape for #ident {
            const TABLE: &'static str = "";
            type Columns = #columns;
            type Relations = ();
            type Fresh = #fresh;
            fn columns(_: __p::Scope) -> #columns {
                __p::never_compiled()
            }
            fn shape() -> &'static __p::ShapeModel {
                __p::never_compiled()
            }
            fn decode(_: &mut __p::Row<'_>) -> ::core::result::Result<Self, __p::Error> {
                __p::never_compiled()
            }
        }
    }
}

fn entity_implementations(ident: &Ident, private: &TokenStream) -> TokenStream {
    let new = mistaken(ident);
    let shape = shape(ident, &quote!(#new));
    quote! {
        const _: () = {
            use #private as __p;
            #shape
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
                type Key = #new;
                type New = #new;
                fn model() -> &'static __p::Model {
                    __p::never_compiled()
                }
            }
        };
    }
}

/// For `#[derive(Enum)]` and `#[derive(Composite)]`.
pub(crate) fn named(input: &DeriveInput, krate: &Path, mistakes: &[syn::Error]) -> TokenStream {
    let (ident, private) = (&input.ident, private(krate));
    let scalar = scalar(input, &private, mistakes);
    let named = input.generics.params.is_empty();
    let named = named.then(|| quote!(impl #private::NamedType for #ident { const NAME: &'static str = ""; }));
    quote!(#scalar #named)
}

/// For `#[derive(Repositories)]`.
pub(crate) fn repositories(input: &DeriveInput, krate: &Path, mistakes: &[syn::Error]) -> TokenStream {
    let (ident, vis, private) = (&input.ident, &input.vis, private(krate));
    let (parameters, arguments, conditions) = input.generics.split_for_impl();
    let mistakes = mistakes.iter().map(syn::Error::to_compile_error);
    quote! {
        impl #parameters #ident #arguments #conditions {
            #[allow(dead_code, missing_docs)]
            #vis fn new<__Session>(_: __Session) -> Self {
                #private::never_compiled()
            }
        }
        #(#mistakes)*
    }
}

/// For `#[derive(Domain)]`.
pub(crate) fn newtype(input: &DeriveInput, krate: &Path, mistakes: &[syn::Error]) -> TokenStream {
    scalar(input, &private(krate), mistakes)
}

fn scalar(input: &DeriveInput, private: &TokenStream, mistakes: &[syn::Error]) -> TokenStream {
    let ident = &input.ident;
    let Some((first, others)) = mistakes.split_first() else { return TokenStream::new() };
    let (first, others) = (first.to_compile_error(), others.iter().map(syn::Error::to_compile_error));
    if !input.generics.params.is_empty() {
        return quote!(#first #(#others)*);
    }
    quote! {
        const _: () = {
            use #private as __p;
            struct Mistake<const N: usize>;
            impl __p::Scalar for #ident {
                type Family = Mistake<{ #first }>;
                const OIDS: &'static [__p::Oid] = &[];
                fn decode(_: __p::Oid, _: &[u8]) -> ::core::result::Result<Self, __p::BoxError> {
                    __p::never_compiled()
                }
                fn encode(&self, _: &__p::Type, _: &mut __p::Out) -> ::core::result::Result<(), __p::BoxError> {
                    __p::never_compiled()
                }
            }
        };
        #(#others)*
    }
}

/// For `#[derive(OneOf)]`.
pub(crate) fn one_of(input: &DeriveInput, krate: &Path, mistakes: &[syn::Error]) -> TokenStream {
    let (ident, private) = (&input.ident, private(krate));
    let Some((first, others)) = mistakes.split_first() else { return TokenStream::new() };
    let (first, others) = (first.to_compile_error(), others.iter().map(syn::Error::to_compile_error));
    if !input.generics.params.is_empty() {
        return quote!(#first #(#others)*);
    }
    quote! {
        const _: () = {
            use #private as __p;
            struct Mistake<const N: usize>;
            impl __p::OneOf for #ident {
                const COLUMNS: &'static str = "";
                type Keys = Mistake<{ #first }>;
                type New = Self::Keys;
                fn of(_: Self::Keys) -> ::core::result::Result<::core::option::Option<Self>, __p::Several> {
                    __p::never_compiled()
                }
                fn into_new(self) -> Self::New {
                    __p::never_compiled()
                }
            }
            impl __p::OneOfKey for #ident {
                fn is(self, _: __p::Scope, _: &'static [&'static __p::ColumnModel]) -> __p::Predicate {
                    __p::never_compiled()
                }
            }
            impl<const PLACE: usize> __p::Arm<PLACE> for #ident {
                type Key = <Self as __p::OneOf>::Keys;
                fn key(&self) -> Self::Key {
                    __p::never_compiled()
                }
            }
        };
        #(#others)*
    }
}
