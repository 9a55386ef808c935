//! What `#[derive(OneOf)]` becomes, and the fields that hold such enums.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::names::private;
use crate::case::snake;
use crate::model::{Arm, BoundArc, BoundEntity, BoundOneOf};

pub(crate) fn one_of(one_of: &BoundOneOf) -> TokenStream {
    let BoundOneOf { ident, vis, krate, arms } = one_of;
    let private = private(krate);
    let columns = arms.iter().map(|(_, column)| column.as_str()).collect::<Vec<_>>().join(", ");
    let (variants, types): (Vec<_>, Vec<_>) = arms.iter().map(|(arm, _)| (&arm.ident, &arm.ty)).unzip();
    let places: Vec<Literal> = (0..arms.len()).map(Literal::usize_unsuffixed).collect();
    // A tuple in which only the value at one place is given.
    let only = |place: usize, given: TokenStream, other: &TokenStream| {
        let values = (0..arms.len()).map(|at| if at == place { given.clone() } else { other.clone() });
        quote!((#(#values),*))
    };
    let (none, null) = (quote!(__p::None), quote!(__p::ForeignKey::Value(__p::None)));
    let none_given = only(arms.len(), TokenStream::new(), &none);
    let found = (0..arms.len()).map(|place| only(place, quote!(__p::Some(key)), &none));
    let new = (0..arms.len()).map(|place| only(place, quote!(__p::ForeignKey::Value(__p::Some(key))), &null));
    let functions = arms.iter().enumerate().map(|(place, (Arm { ident, ty, .. }, column))| {
        let name = format_ident!("new_{}", snake(&ident.unraw().to_string()), span = ident.span());
        let doc = format!("What a new row takes for `{column}`: a key, `Parent`, or the handle of a row that the same unit of work inserts.");
        let value = only(place, quote!(__p::nullable(__p::Some(key.into_key()))), &null);
        quote! {
            #[doc = #doc]
            #[allow(dead_code)]
            #vis fn #name(key: impl __p::IntoForeignKey<#ty>) -> __p::NewOneOf<Self> {
                __p::NewOneOf(#value)
            }
        }
    });
    quote! {
        #[allow(clippy::all, clippy::pedantic)]
        const _: () = {
            use #private as __p;
            #[automatically_derived]
            impl __p::OneOf for #ident {
                const COLUMNS: &'static str = #columns;
                type Keys = (#(::core::option::Option<#types>),*);
                type New = (#(__p::ForeignKey<::core::option::Option<#types>>),*);
                fn of(keys: Self::Keys) -> ::core::result::Result<::core::option::Option<Self>, __p::Several> {
                    match keys {
                        #none_given => ::core::result::Result::Ok(__p::None),
                        #(#found => ::core::result::Result::Ok(__p::Some(Self::#variants(key))),)*
                        _ => ::core::result::Result::Err(__p::Several),
                    }
                }
                fn into_new(self) -> Self::New {
                    match self {
                        #(Self::#variants(key) => #new,)*
                    }
                }
            }
            #[automatically_derived]
            impl __p::OneOfKey for #ident {
                fn is(self, scope: __p::Scope, columns: &'static [&'static __p::ColumnModel]) -> __p::Predicate {
                    match self {
                        #(Self::#variants(key) => __p::Column::<::core::option::Option<#types>>::new(scope, columns[#places]).eq(key),)*
                    }
                }
            }
            #(
                #[automatically_derived]
                impl __p::Arm<#places> for #ident {
                    type Key = ::core::option::Option<#types>;
                    fn key(&self) -> Self::Key {
                        match self {
                            Self::#variants(key) => __p::Some(::core::clone::Clone::clone(key)),
                            _ => __p::None,
                        }
                    }
                }
            )*
            impl #ident { #(#functions)* }
        };
    }
}

/// The questions whether the enums of arcs are over their columns.
pub(super) fn questions(entity: &BoundEntity) -> TokenStream {
    let questions = entity.arcs.iter().map(|BoundArc { ty, names, shown, .. }| {
        let message = format!("the enum of {shown} is over other foreign keys than the CHECK of the table: {names}");
        quote_spanned!(ty.span()=> __p::maps(<<#ty as __p::OneOfField>::Of as __p::OneOf>::COLUMNS, #names, #message);)
    });
    let questions: Vec<TokenStream> = questions.collect();
    if questions.is_empty() { TokenStream::new() } else { quote!(const _: () = { #(#questions)* };) }
}

/// The type of the enum in a field.
pub(super) fn of(arc: &BoundArc, private: &TokenStream) -> TokenStream {
    let ty = &arc.ty;
    quote_spanned!(ty.span()=> <#ty as #private::OneOfField>::Of)
}
