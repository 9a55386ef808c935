//! The names of what is generated.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::Path;
use syn::ext::IdentExt as _;

use crate::case::camel;
use crate::model::{BoundColumn, BoundEntity, Made, Wire};

/// The generated types of one entity.
pub(super) struct Names {
    /// The path to the runtime's part for generated code.
    pub(super) private: TokenStream,
    pub(super) repository: Ident,
    pub(super) columns: Ident,
    pub(super) new: Ident,
    pub(super) fields: Ident,
}

impl Names {
    pub(super) fn of(entity: &BoundEntity) -> Self {
        let Made { repository, columns, new, fields, .. } = entity.made.clone();
        Self { private: private(&entity.krate), repository, columns, new, fields }
    }
}

impl Names {
    /// The type of its new rows.
    pub(super) fn new_row(&self, entity: &BoundEntity) -> TokenStream {
        let Names { private, new, .. } = self;
        let ident = &entity.ident;
        if entity.is_read_only { quote!(#private::ReadOnly<#ident>) } else { quote!(#new) }
    }
}

/// The path to the runtime's part for generated code.
pub(super) fn private(krate: &Path) -> TokenStream {
    quote!(#krate::__private)
}

/// The trait that asks whether the field of the column at `index` can hold it; it has the field's name, for
/// rustc names it in its message.
pub(super) fn check(columns: &[BoundColumn], index: usize) -> Ident {
    distinct(columns.iter().map(|column| &column.ident), index)
}

/// The same for a relation; `index` counts the paths behind those that have fields.
pub(super) fn side(entity: &BoundEntity, index: usize) -> Ident {
    distinct(entity.related().map(|relation| &relation.ident), index)
}

/// The name of a field in CamelCase, other than those of the fields before it.
pub(super) fn distinct<'f>(fields: impl Iterator<Item = &'f Ident>, index: usize) -> Ident {
    let fields: Vec<&Ident> = fields.take(index + 1).collect();
    let name = |field: &Ident| camel(&field.unraw().to_string());
    let own = name(fields[index]);
    let is_taken = fields[..index].iter().any(|field| name(field) == own);
    match own.as_str() {
        "" | "Self" => format_ident!("Column{index}"),
        _ if own.starts_with(|c: char| c.is_ascii_digit()) => format_ident!("Column{own}"),
        _ if is_taken => format_ident!("{own}{index}"),
        _ => Ident::new(&own, fields[index].span()),
    }
}

/// The marker of a SQL type, below the module that `private` leads to.
pub(super) fn marker(private: &TokenStream, wire: &Wire) -> TokenStream {
    let marker = Ident::new(wire.marker, proc_macro2::Span::call_site());
    if wire.is_array {
        quote!(#private::pg::Array<#private::pg::#marker>)
    } else {
        quote!(#private::pg::#marker)
    }
}
