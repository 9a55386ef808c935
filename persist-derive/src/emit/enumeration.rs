//! What `#[derive(Enum)]` becomes.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::private;
use crate::model::BoundEnumeration;

pub(crate) fn enumeration(enumeration: &BoundEnumeration) -> TokenStream {
    let BoundEnumeration { ident, krate, name, labels, other } = enumeration;
    let private = private(krate);
    let qualified = format!("{}.{}", name.schema, name.name);
    let shown = name.to_string();
    let (variants, texts): (Vec<_>, Vec<_>) = labels.iter().map(|(variant, label)| (variant, label)).unzip();
    let bytes = texts.iter().map(|text| proc_macro2::Literal::byte_string(text.as_bytes()));
    let unknown = match other {
        Some(other) => quote!(__p::other_label(raw).map(Self::#other)),
        None => quote!(::core::result::Result::Err(__p::unknown_label(#shown, raw))),
    };
    let other = other.iter();
    quote! {
        #[allow(clippy::all, clippy::pedantic)]
        const _: () = {
            use #private as __p;
            #[automatically_derived]
            impl __p::NamedType for #ident {
                const NAME: &'static str = #qualified;
            }
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl __p::Scalar for #ident {
                type Family = __p::family::Enum;
                const OIDS: &'static [__p::Oid] = &[<__p::pg::Enum as __p::SqlType>::OID];
                fn accepts(ty: &__p::Type) -> bool {
                    __p::accepts_label(ty)
                }
                fn decode(_: __p::Oid, raw: &[u8]) -> ::core::result::Result<Self, __p::BoxError> {
                    match raw {
                        #(#bytes => ::core::result::Result::Ok(Self::#variants),)*
                        _ => #unknown,
                    }
                }
                fn encode(&self, _: &__p::Type, out: &mut __p::BytesMut) -> ::core::result::Result<(), __p::BoxError> {
                    let label: &str = match self {
                        #(Self::#variants => #texts,)*
                        #(Self::#other(label) => label,)*
                    };
                    __p::write_label(label, out)
                }
            }
        };
    }
}
