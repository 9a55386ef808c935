//! Asks the type checker whether each field can hold its column: one trait per column carries the whole message.

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::names::{Names, check, option_argument};
use crate::model::{BoundColumn, BoundEntity, Declared, Wire};

/// The module with the traits.
pub(super) fn module(entity: &BoundEntity, names: &Names) -> TokenStream {
    let private = &names.private;
    let traits = entity.columns.iter().enumerate().map(|(index, column)| {
        let question = Question { declared: &column.declared, wire: &column.wire, nullable: column.nullable };
        question.asked(&check(&entity.columns, index), &column.ty)
    });
    quote! {
        mod __column {
            #private::columns! { #(#traits)* }
        }
    }
}

/// Questions to the types of enum columns: do they map the enum type of their column?
pub(super) fn enumerations(entity: &BoundEntity) -> TokenStream {
    let questions = entity.columns.iter().enumerate().filter_map(|(index, column)| {
        let Declared { column: shown, enumeration, place, .. } = &column.declared;
        let name = enumeration.as_ref()?;
        let qualified = format!("{}.{}", name.schema, name.name);
        let message = format!("`{shown}` holds labels of `{name}` ({place}), but the field's enum maps another type");
        let cell = cell(&entity.columns, index);
        Some(quote_spanned! {column.ty.span()=>
            __p::maps_enum(<#cell as __p::EnumType>::NAME, #qualified, #message);
        })
    });
    let questions: Vec<TokenStream> = questions.collect();
    if questions.is_empty() { TokenStream::new() } else { quote!(const _: () = { #(#questions)* };) }
}

/// A function of the trait of a column, spanned from the first to the last token of the field's type: where the type does
/// not fit, this is what is underlined. `Self` is inferred from the field.
pub(super) fn function(columns: &[BoundColumn], index: usize, name: &str) -> TokenStream {
    let (first, last) = ends(&columns[index].ty);
    let check = Ident::new(&check(columns, index).to_string(), last);
    let name = Ident::new(name, last);
    let module = quote_spanned!(first=> __column);
    quote_spanned!(last=> #module::#check::#name)
}

/// The field's type once more, but an error type where it does not fit, so that nothing else is reported.
pub(super) fn cell(columns: &[BoundColumn], index: usize) -> TokenStream {
    cell_of(&columns[index].ty, &check(columns, index))
}

/// The same by the name of the trait.
pub(super) fn cell_of(ty: &Type, check: &Ident) -> TokenStream {
    let (first, last) = ends(ty);
    let check = Ident::new(&check.to_string(), last);
    let open = quote_spanned!(first=> <);
    let rest = quote_spanned!(last=> as __column::#check>::Cell);
    quote!(#open #ty #rest)
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
    pub(super) fn asked(&self, name: &Ident, ty: &Type) -> TokenStream {
        let nullability = if self.nullable { format_ident!("Nullable") } else { format_ident!("NotNull") };
        let marker = format_ident!("{}", self.wire.marker);
        let marker = if self.wire.is_array { quote!([#marker]) } else { quote!(#marker) };
        let [message, label, note] = self.words(ty).map(|text| Literal::string(&text.replace("{", "{{").replace("}", "}}").replace("{{Self}}", "{Self}")));
        quote!(#name: #marker #nullability, #message, #label, #note;)
    }

    /// Message, label and note.
    fn words(&self, ty: &Type) -> [String; 3] {
        let Declared { column, ty: sql, enumeration, place, expected, feature } = self.declared;
        let sort = if enumeration.is_some() && !self.wire.is_array { "the enum " } else { "" };
        let is_option = option_argument(ty).is_some();
        let message = match (self.nullable, is_option) {
            (false, true) => format!("`{column}` is {sort}`{sql} NOT NULL`, but the field is `{{Self}}`"),
            (false, false) => format!("`{column}` is {sort}`{sql} NOT NULL`, which `{{Self}}` cannot hold"),
            (true, true) => format!("`{column}` is {sort}`{sql}`, which `{{Self}}` cannot hold"),
            (true, false) => format!("`{column}` is {sort}`{sql}` and may be NULL, which `{{Self}}` cannot hold"),
        };
        let label = match (enumeration, self.nullable) {
            (None, false) => format!("expected `{expected}`"),
            (None, true) => format!("expected `Option<{expected}>`"),
            (Some(_), false) => format!("expected {expected}"),
            (Some(_), true) => format!("expected `Option` of {expected}"),
        };
        let note = match feature {
            Some(feature) => format!("declared in {place}; `{expected}` needs the feature `{feature}` of `persist`"),
            None => format!("declared in {place}"),
        };
        [message, label, note]
    }
}
