//! What `#[derive(Domain)]` becomes.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Type;

use super::check::{Question, item, item_of};
use super::names::private;
use crate::model::BoundNewtype;

pub(crate) fn newtype(newtype: &BoundNewtype) -> TokenStream {
    let BoundNewtype { ident, krate, inner, domain } = newtype;
    let private = private(krate);
    let check = domain.as_ref().map(|(declared, wire)| {
        let question = Question { declared, wire, nullable: false };
        let name = format_ident!("Inner");
        let (asked, put) = (question.asked(&name, inner, &[]), item(inner, &name, "put"));
        quote! {
            mod __c {
                #private::columns! { __explained #asked }
            }
            const _: fn(&#inner, &__p::Type, &mut __p::Out) -> __p::Written = #put;
        }
    });
    let implementation = implementation(ident, inner);
    quote! {
        #[allow(private_interfaces, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private as __p;
            #check
            #implementation
        };
    }
}

fn implementation(ident: &Ident, inner: &Type) -> TokenStream {
    let item = |name| item_of(inner, &quote!(__p::Scalar), name);
    let [family, oids, accepts, decode, encode] = ["Family", "OIDS", "accepts", "decode", "encode"].map(item);
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl __p::Scalar for #ident {
            type Family = #family;
            const OIDS: &'static [__p::Oid] = #oids;
            fn accepts(ty: &__p::Type) -> bool {
                #accepts(ty)
            }
            fn decode(oid: __p::Oid, raw: &[u8]) -> ::core::result::Result<Self, __p::BoxError> {
                ::core::result::Result::Ok(Self(#decode(oid, raw)?))
            }
            fn encode(&self, ty: &__p::Type, out: &mut __p::Out) -> ::core::result::Result<(), __p::BoxError> {
                #encode(&self.0, ty, out)
            }
        }
        #[automatically_derived]
        impl __p::Newtype for #ident {
            type Inner = #inner;
            fn wrap(inner: Self::Inner) -> Self {
                Self(inner)
            }
        }
    }
}
