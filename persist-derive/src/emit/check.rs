//! Asks the type checker whether each field can hold its column: one trait per column carries the whole
//! message.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::names::check;
use crate::model::{BoundColumn, BoundEntity, Declared, Insert, Named, Wire};
use crate::option::option_argument;

/// The module with the traits.
pub(super) fn module(columns: &[BoundColumn], private: &TokenStream) -> TokenStream {
    let traits = columns.iter().enumerate().map(|(index, column)| {
        let question = Question { declared: &column.declared, wire: &column.wire, nullable: column.nullable };
        question.asked(&check(columns, index), &column.ty, &extras(column))
    });
    quote! {
        mod __c {
            #private::columns! { __explained #(#traits)* }
        }
    }
}

/// What the trait of a column can do besides reading and writing.
fn extras(column: &BoundColumn) -> Vec<&'static str> {
    let put = match (&column.insert, column.is_foreign_key) {
        (Insert::Required, true) => Some("PutKey"),
        (Insert::Optional | Insert::Unless(_), true) => Some("PutGivenKey"),
        (Insert::Optional | Insert::Unless(_), false) => Some("PutGiven"),
        (Insert::ClientKey, _) => Some("ClientKey"),
        (Insert::Required, false) | (Insert::Never | Insert::Computed(_), _) => None,
    };
    let named = column.declared.named.as_ref().map(|_| "NamedType");
    put.into_iter().chain(named).collect()
}

/// Questions to the types of columns of enum and composite types: do they map the type of their column?
pub(super) fn named(entity: &BoundEntity) -> TokenStream {
    let columns = &entity.columns;
    let questions = columns
        .iter()
        .enumerate()
        .map(|(index, column)| maps(&column.declared, &column.ty, || function(columns, index, "NAME")));
    all(questions)
}

/// Questions that are asked while the program is built.
pub(super) fn all(questions: impl Iterator<Item = Option<TokenStream>>) -> TokenStream {
    let questions: Vec<TokenStream> = questions.flatten().collect();
    if questions.is_empty() { TokenStream::new() } else { quote!(const _: () = { #(#questions)* };) }
}

/// Does a Rust type map the type of what it is to hold? `found` is the name of the type that it maps.
pub(super) fn maps(
    declared: &Declared,
    ty: &Type,
    found: impl FnOnce() -> TokenStream,
) -> Option<TokenStream> {
    let Declared { column: shown, named, place, .. } = declared;
    let Named { name, sort } = named.as_ref()?;
    let qualified = format!("{}.{}", name.schema, name.name);
    let message =
        format!("`{shown}` is of the {sort} `{name}` ({place}), but the type of the field maps another one");
    let found = found();
    Some(quote_spanned!(ty.span()=> __p::maps_type(#found, #qualified, #message);))
}

/// An item of the trait of a column, spanned at the field's type: where the type does not fit, this is what
/// is underlined.
pub(super) fn function(columns: &[BoundColumn], index: usize, name: &str) -> TokenStream {
    item(&columns[index].ty, &check(columns, index), name)
}

/// The same by the name of the trait.
pub(super) fn item(ty: &Type, check: &Ident, name: &str) -> TokenStream {
    item_in("__c", ty, check, name)
}

/// The same of a trait in the module `module`.
pub(super) fn item_in(module: &str, ty: &Type, check: &Ident, name: &str) -> TokenStream {
    let (first, last) = ends(ty);
    let [module, check, name] = [module, &check.to_string(), name].map(|name| Ident::new(name, last));
    let open = quote_spanned!(first=> <);
    let rest = quote_spanned!(last=> as #module::#check>::#name);
    quote!(#open #ty #rest)
}

/// An item of a trait of the runtime, spanned at the type that must have it.
pub(super) fn item_of(ty: &Type, path: &TokenStream, name: &str) -> TokenStream {
    let (first, last) = ends(ty);
    let name = Ident::new(name, last);
    let open = quote_spanned!(first=> <);
    let rest = quote_spanned!(last=> >::#name);
    quote!(#open #ty as #path #rest)
}

/// The first and the last token of a type.
fn ends(ty: &Type) -> (Span, Span) {
    let tokens: Vec<TokenTree> = ty.to_token_stream().into_iter().collect();
    let last = tokens.last().map(|token| match token {
        TokenTree::Group(group) => group.span_close(),
        TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => token.span(),
    });
    (ty.span(), last.unwrap_or_else(|| ty.span()))
}

/// What is asked about a type.
pub(super) struct Question<'m> {
    pub(super) declared: &'m Declared,
    pub(super) wire: &'m Wire,
    pub(super) nullable: bool,
}

impl Question<'_> {
    /// One trait, as the runtime's macro takes it.
    pub(super) fn asked(&self, name: &Ident, ty: &Type, extras: &[&str]) -> TokenStream {
        let extras = extras.iter().map(|extra| format_ident!("{extra}"));
        let nullability = if self.nullable { format_ident!("Nullable") } else { format_ident!("NotNull") };
        let marker = format_ident!("{}", self.wire.marker);
        let marker = if self.wire.is_array { quote!([#marker]) } else { quote!(#marker) };
        let [message, label, note] = self.words(ty).map(|text| escaped(&text));
        quote!(#name: #marker #nullability #(+ #extras)*, #message, #label, #note;)
    }

    /// Message, label and note.
    fn words(&self, ty: &Type) -> [String; 3] {
        let Declared { column, ty: sql, named, place, expected, feature } = self.declared;
        let sort = match named {
            Some(Named { sort, .. }) if !self.wire.is_array => format!("the {sort} "),
            Some(_) | None => String::new(),
        };
        let is_option = option_argument(ty).is_some();
        let message = match (self.nullable, is_option) {
            (false, true) => format!("`{column}` is {sort}`{sql} NOT NULL`, but the field is `{{Self}}`"),
            (false, false) => format!("`{column}` is {sort}`{sql}`, which `{{Self}}` cannot hold"),
            (true, true) => format!("`{column}` is {sort}`{sql}`, which `{{Self}}` cannot hold"),
            (true, false) => {
                format!("`{column}` is {sort}`{sql}` and may be NULL, which `{{Self}}` cannot hold")
            }
        };
        let label = match (named, self.nullable) {
            (None, false) => format!("expected `{expected}`"),
            (None, true) => format!("expected `Option<{expected}>`"),
            (Some(_), false) => format!("expected {expected}"),
            (Some(_), true) => format!("expected `Option` of {expected}"),
        };
        let note = match feature {
            Some(feature) => {
                format!("declared in {place}; `{expected}` needs the feature `{feature}` of `persist`")
            }
            None => format!("declared in {place}"),
        };
        [message, label, note]
    }
}

/// A text in which only `{Self}` is replaced.
pub(super) fn escaped(text: &str) -> Literal {
    Literal::string(&text.replace("{", "{{").replace("}", "}}").replace("{{Self}}", "{Self}"))
}
