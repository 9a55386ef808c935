//! What `#[derive(Composite)]` becomes.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::check::{Question, all, item, maps};
use super::names::{self, marker, private};
use crate::model::BoundComposite;
use crate::option::option_argument;

pub(crate) fn composite(composite: &BoundComposite) -> TokenStream {
    let BoundComposite { ident, krate, name, fields } = composite;
    let private = private(krate);
    let qualified = format!("{}.{}", name.schema, name.name);
    let (shown, count) = (name.to_string(), fields.len());
    let traits: Vec<Ident> =
        (0..count).map(|index| names::distinct(fields.iter().map(|field| &field.ident), index)).collect();
    let fields = || fields.iter().zip(&traits);
    let asked = fields().map(|(field, name)| {
        // Each field of a composite value may be NULL; one that holds none refuses it when it is read.
        let nullable = option_argument(&field.ty).is_some();
        let extras: &[&str] =
            if field.declared.named.is_some() { &["Field", "NamedType"] } else { &["Field"] };
        Question { declared: &field.declared, wire: &field.wire, nullable }.asked(name, &field.ty, extras)
    });
    let named =
        all(fields().map(|(field, name)| maps(&field.declared, &field.ty, || item(&field.ty, name, "NAME"))));
    let oid = |wire| {
        let marker = marker(&quote!(__p), wire);
        quote!(<#marker as __p::SqlType>::OID)
    };
    let idents = fields().map(|(field, _)| &field.ident);
    let read = fields().map(|(field, name)| {
        let (ident, part) = (&field.ident, &field.name);
        let (oid, take) = (oid(&field.wire), item(&field.ty, name, "take"));
        quote!(let #ident = record.field(#part, #oid, |raw| #take(raw))?;)
    });
    let written = fields().map(|(field, name)| {
        let (ident, part) = (&field.ident, &field.name);
        let (oid, put) = (oid(&field.wire), item(&field.ty, name, "put"));
        quote!(record.field(#part, #oid, |ty, out| #put(&self.#ident, ty, out))?;)
    });
    quote! {
        #[allow(private_interfaces, clippy::all, clippy::pedantic)]
        const _: () = {
            use #private as __p;
            mod __c {
                #private::columns! { __explained #(#asked)* }
            }
            #named
            #[automatically_derived]
            impl __p::NamedType for #ident {
                const NAME: &'static str = #qualified;
            }
            #[automatically_derived]
            #[diagnostic::do_not_recommend]
            impl __p::Scalar for #ident {
                type Family = __p::family::Composite;
                const OIDS: &'static [__p::Oid] = &[<__p::pg::Composite as __p::SqlType>::OID];
                fn decode(_: __p::Oid, raw: &[u8]) -> ::core::result::Result<Self, __p::BoxError> {
                    let mut record = __p::RecordReader::new(#shown, raw, #count)?;
                    #(#read)*
                    ::core::result::Result::Ok(Self { #(#idents),* })
                }
                fn encode(&self, _: &__p::Type, out: &mut __p::Out) -> ::core::result::Result<(), __p::BoxError> {
                    let mut record = __p::RecordWriter::default();
                    #(#written)*
                    record.end(out);
                    ::core::result::Result::Ok(())
                }
            }
        };
    }
}
