//! What `#[derive(Domain)]` becomes.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::check::{Question, cell_of};
use super::names::private;
use crate::model::BoundNewtype;

pub(crate) fn newtype(newtype: &BoundNewtype) -> TokenStream {
    let BoundNewtype { ident, krate, inner, domain } = newtype;
    let private = private(krate);
    let check = match domain {
        Some((declared, wire)) => {
            let question = Question { declared, wire, nullable: false };
            let asked = question.asked(&format_ident!("Inner"), inner);
            quote!(#private::columns! { #asked })
        }
        None => quote!(#private::inner! {}),
    };
    let cell = cell_of(inner, &format_ident!("Inner"));
    quote! {
        #[allow(private_interfaces, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private as __p;
            mod __column {
                #check
            }
            #[automatically_derived]
            impl __p::Scalar for #ident {
                type Family = <#cell as __p::Scalar>::Family;
                const OIDS: &'static [__p::Oid] = <#cell as __p::Scalar>::OIDS;
                fn accepts(ty: &__p::Type) -> bool {
                    <#cell as __p::Scalar>::accepts(ty)
                }
                fn decode(oid: __p::Oid, raw: &[u8]) -> ::core::result::Result<Self, __p::BoxError> {
                    ::core::result::Result::Ok(Self(<#cell as __p::Scalar>::decode(oid, raw)?))
                }
                fn encode(&self, ty: &__p::Type, out: &mut __p::BytesMut) -> ::core::result::Result<(), __p::BoxError> {
                    <#cell as __p::Scalar>::encode(&self.0, ty, out)
                }
            }
            #[automatically_derived]
            impl __p::Newtype for #ident {
                type Inner = #cell;
                fn wrap(inner: Self::Inner) -> Self {
                    Self(inner)
                }
            }
        };
    }
}
