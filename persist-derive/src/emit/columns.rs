//! `…Columns`: the columns in filters, order and assignments.

use proc_macro2::TokenStream;
use quote::quote;

use super::names::Names;
use super::one_of;
use crate::model::{BoundArc, BoundColumn, BoundEntity, BoundRelation, Load};

pub(super) fn ty(entity: &BoundEntity, names: &Names) -> TokenStream {
    let BoundEntity { vis, table, .. } = entity;
    let Names { columns: name, private, .. } = names;
    let doc = format!("The columns of `{}`, for filters, order and assignments.", table.shown);
    let fields = entity.columns.iter().map(|column| {
        let BoundColumn { ident, vis, ty, derived, .. } = column;
        let doc = match derived {
            None => described(column),
            Some(_) => "Computed by the view.".to_owned(),
        };
        quote!(#[doc = #doc] #vis #ident: #private::Column<#ty>)
    });
    let arcs = entity.arcs.iter().map(|arc| {
        let (BoundArc { ident, vis, names, .. }, of) = (arc, one_of::of(arc, private));
        let doc = format!("One of {names}.");
        quote!(#[doc = #doc] #vis #ident: #private::OneOfColumns<#of>)
    });
    let fields = fields.chain(arcs);
    let relations = entity.related().enumerate().map(|(index, relation)| {
        let BoundRelation { ident, vis, other, shown, load, .. } = relation;
        let (ty, rows) = match load {
            Load::One { is_optional: true, .. } => (quote!(One<#other>), "row"),
            Load::One { is_optional: false, .. } => (quote!(One<#other, #private::Required>), "row"),
            Load::Many { .. } => (quote!(Many<#other>), "rows"),
        };
        let only = if index < entity.relations.len() { "" } else { ", for conditions only" };
        let doc = format!("The {rows} of `{shown}`{only}.");
        quote!(#[doc = #doc] #vis #ident: #private::#ty)
    });
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        #vis struct #name { #(#fields,)* #(#relations),* }
    }
}

/// The column for the documentation.
pub(super) fn described(column: &BoundColumn) -> String {
    let null = if column.nullable { "" } else { " NOT NULL" };
    format!("`{}`: `{}{null}` ({})", column.name, column.declared.ty, column.declared.place)
}
