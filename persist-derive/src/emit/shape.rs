//! What is read: the columns and relations as data, and the struct from a row.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use super::check::function;
use super::facts::{self, models};
use super::indices::indices;
use super::names::{Names, private};
use super::relation;
use crate::model::{BoundArc, BoundEntity, Derived, Load, SkippedField};

/// The table and the cells that are read.
pub(super) fn statics(entity: &BoundEntity) -> TokenStream {
    let private = private(&entity.krate);
    let columns = columns(entity, &private);
    let cells: Vec<usize> =
        (0..entity.columns.len() + entity.hidden.len()).map(|index| entity.cell(index)).collect();
    let (count, cells) = (Literal::usize_unsuffixed(cells.len()), indices(&cells));
    let relations = relation::statics(entity);
    let (shown, table) = (&entity.table.shown, &entity.table.sql);
    let is_there = |one| entity.relations.iter().any(|relation| relation.load.is_one() == one);
    let ones = if is_there(true) { quote!(&__ONES) } else { quote!(&[]) };
    let many = if is_there(false) { quote!(&__MANY) } else { quote!(&[]) };
    quote! {
        #columns
        #relations
        #private::cells! { #shown #table; #count #cells; #ones, #many }
    }
}

/// Of an entity the table, of a view the columns that it reads.
fn columns(entity: &BoundEntity, private: &TokenStream) -> TokenStream {
    if let Some(facts) = &entity.facts {
        return facts::table(&entity.table, facts, private);
    }
    let columns = entity
        .columns
        .iter()
        .map(|column| (&*column.sql, Some(&column.wire), column.derived.as_ref().map(derived)));
    let hidden = entity.hidden.iter().map(|column| (&*column.sql, Some(&column.wire), None));
    models(columns.chain(hidden), private)
}

/// What is read in the place of a column.
fn derived(derived: &Derived) -> TokenStream {
    match derived {
        Derived::Expression(expression) => quote!(__p::Derived::Expression(#expression)),
        Derived::Aggregate { open, table, condition } => quote! {
            __p::Derived::Aggregate(__p::Aggregate { open: #open, table: #table, condition: #condition })
        },
        Derived::Line { table, climb, listed } => {
            let climb = relation::climb(climb);
            let listed = match listed {
                Some(column) => quote!(__p::Some(#column)),
                None => quote!(__p::None),
            };
            quote!(__p::Derived::Line(__p::Line { table: #table, climb: #climb, listed: #listed }))
        }
    }
}

/// Reads the struct from a row.
pub(super) fn implementation(entity: &BoundEntity, names: &Names) -> TokenStream {
    let Names { columns, private, .. } = names;
    let ident = &entity.ident;
    let table = format!("{}.{}", entity.table.name.schema, entity.table.name.name);
    let list = relation::list(entity);
    let sort = match entity.is_view {
        false => {
            let new = names.new_row(entity);
            quote!(entity #ident #new,)
        }
        true => {
            let seen = indices(&seen(entity));
            quote!(view #ident #seen)
        }
    };
    let fields = fields(entity);
    let decoded = decoded(entity);
    let cells = Literal::usize_unsuffixed(entity.columns.len() + entity.hidden.len());
    let many = relation::many_count(entity);
    quote! {
        #private::shape! {
            #sort #table #columns #list;
            #(#fields),*;
            |__row __at #cells #many| #decoded
        }
    }
}

/// The fields of a view that are columns of its table: what else it shows is never written.
pub(super) fn seen(entity: &BoundEntity) -> Vec<usize> {
    entity.table_columns().map(|(index, _)| index).collect()
}

/// Each field of the columns, and what it is made of.
fn fields(entity: &BoundEntity) -> Vec<TokenStream> {
    let columns = entity.columns.iter().enumerate().map(|(index, column)| {
        let (ident, index) = (&column.ident, Literal::usize_unsuffixed(entity.cell(index)));
        quote!(#ident: Column &__COLUMNS[#index])
    });
    let relations = entity.relations.iter().enumerate().map(|(index, found)| {
        let (ident, place) = (&found.ident, relation::place(entity, index));
        let sort = match found.load {
            Load::One { .. } => quote!(One),
            Load::Many { .. } => quote!(Many),
        };
        let (show, key) = (relation::function(entity, index, "show"), relation::map_key(found));
        let key = key.map(|key| quote!(=> #key));
        quote!(#ident: #sort &#place => #show #key)
    });
    let arcs = entity.arcs.iter().map(|BoundArc { ident, columns, .. }| {
        let cells: Vec<usize> = columns.iter().map(|index| entity.cell(*index)).collect();
        let (count, cells) = (Literal::usize_unsuffixed(cells.len()), indices(&cells));
        quote!(#ident: OneOfColumns {
            static __ARC: [&__p::ColumnModel; #count] = __p::picked(&__COLUMNS, #cells);
            &__ARC
        })
    });
    columns.chain(arcs).chain(relations).chain(relation::paths(entity)).collect()
}

fn decoded(entity: &BoundEntity) -> TokenStream {
    let get = |index: usize| {
        let (get, index) = (function(&entity.columns, index, "get"), Literal::usize_unsuffixed(index));
        quote!(#get(__row, __at.cell(#index))?)
    };
    let columns = entity.columns.iter().enumerate().filter(|(_, column)| column.arm.is_none());
    let columns = columns.map(|(index, column)| {
        let (ident, get) = (&column.ident, get(index));
        quote!(#ident: #get)
    });
    let arcs = entity.arcs.iter().map(|BoundArc { ident, shown, columns, .. }| {
        let keys = columns.iter().map(|index| get(*index));
        quote!(#ident: __p::OneOfField::of((#(#keys),*), #shown)?)
    });
    let relations = relation::decoded(entity);
    let skipped = entity.skipped.iter().map(skipped);
    quote!(Self { #(#columns,)* #(#arcs,)* #(#relations,)* #(#skipped,)* })
}

fn skipped(field: &SkippedField) -> TokenStream {
    let (ident, ty): (&Ident, _) = (&field.ident, &field.ty);
    match &field.default {
        Some(path) => quote!(#ident: #path()),
        None => {
            let default = quote_spanned!(ty.span()=> <#ty as ::core::default::Default>::default);
            quote!(#ident: #default())
        }
    }
}
