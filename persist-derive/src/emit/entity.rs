//! The traits of the entity itself, and its SQL as data.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote;

use super::check::function;
use super::indices::indices;
use super::names::{Names, option_argument};
use super::{validation, writing};
use crate::model::BoundEntity;
use crate::sql::Statements;

/// The columns, and what several statements share.
pub(super) fn statics(entity: &BoundEntity, sql: &Statements) -> TokenStream {
    let given = entity.insertable();
    let given_count = Literal::usize_unsuffixed(given.len());
    let given = indices(&given);
    let touched = pairs(&entity.touched());
    let computed = pairs(&entity.computed());
    let table = &entity.table.sql;
    let list = &sql.returned;
    quote! {
        const __LIST: &str = #list;
        const __TOUCHED: &[(&str, &str)] = #touched;
        static __GIVEN: [&__p::ColumnModel; #given_count] = __p::picked(&__COLUMNS, #given);
        const fn __insert() -> __p::InsertModel {
            __p::InsertModel::new(#table, &__GIVEN, #computed, __LIST, &__OIDS)
        }
    }
}

/// The names of the constraints.
pub(super) fn constants(entity: &BoundEntity) -> TokenStream {
    let BoundEntity { ident, vis, table, .. } = entity;
    if entity.constraints.is_empty() {
        return TokenStream::new();
    }
    let shown = &table.shown;
    let constants = entity.constraints.iter().map(|constraint| {
        let (constant, name, sort) =
            (Ident::new(&constraint.constant, Span::call_site()), &constraint.name, constraint.sort);
        quote!(#sort #constant #name;)
    });
    quote!(__p::constraints! { #ident #shown; #vis const; #(#constants)* })
}

/// What an UPDATE sends.
pub(super) fn parameters(entity: &BoundEntity) -> TokenStream {
    let ident = &entity.ident;
    let parameters = entity.update_parameters();
    let count = Literal::usize_unsuffixed(parameters.len());
    let writes = parameters.iter().enumerate().map(|(position, index)| {
        let (ident, put) = (&entity.columns[*index].ident, function(&entity.columns, *index, "put"));
        let position = Literal::usize_unsuffixed(position);
        quote!(#position: #put => #ident)
    });
    quote!(__p::parameters! { #ident #count; #(#writes),* })
}

/// The entity, with its SQL.
pub(super) fn entity(entity: &BoundEntity, sql: &Statements, names: &Names) -> TokenStream {
    let ident = &entity.ident;
    let Names { repository, new, .. } = names;
    // No key may be NULL: an `Option` is reported already, and would be reported here once more.
    let key =
        entity.key.iter().map(|index| &entity.columns[*index].ty).map(|ty| option_argument(ty).unwrap_or(ty));
    let key = if entity.key.len() == 1 { quote!(#(#key)*) } else { quote!((#(#key),*)) };
    let (model, validate) = (model(entity, sql), validation::entity(entity));
    quote! {
        #[automatically_derived]
        impl __p::Entity for #ident {
            type Repository<'a> = #repository<'a>;
            type Key = #key;
            type New = #new;
            fn model() -> &'static __p::Model {
                #model
            }
            #validate
        }
    }
}

/// An upsert over the columns of a UNIQUE key.
pub(super) fn upsert(entity: &BoundEntity, target: &[usize]) -> TokenStream {
    let name = |index: &usize| entity.columns[*index].sql.as_str();
    let names = target.iter().map(name).collect::<Vec<_>>().join(", ");
    let rest = entity.key.iter().filter(|index| !target.contains(index));
    let kept = target.iter().chain(rest).map(name);
    quote!(__insert().on_conflict(#names, &[#(#kept),*], __TOUCHED))
}

fn model(entity: &BoundEntity, sql: &Statements) -> TokenStream {
    let (table, sql_table) = (&entity.table.shown, &entity.table.sql);
    let qualified = format!("{}.{}", entity.table.name.schema, entity.table.name.name);
    let versioned = entity.version.is_some();
    let (key, delete) = (indices(&entity.key), &sql.delete);
    let (columns, update) = (indices(&entity.update_parameters()), &sql.update);
    let changeable = Literal::usize_unsuffixed(entity.changed().len());
    let writing = writing::model(entity);
    let insertable = entity.insertable();
    let is_upsertable = entity.key_is_arbiter && entity.key.iter().all(|index| insertable.contains(index));
    let upsert = is_upsertable.then(|| upsert(entity, &entity.key));
    quote! {
        __p::model!(
            #table #sql_table #qualified #key #versioned; columns #columns #changeable;
            update #update; delete #delete; upsert #upsert; #writing
        )
    }
}

fn pairs(pairs: &[(&str, &str)]) -> TokenStream {
    let pairs = pairs.iter().map(|(name, value)| quote!((#name, #value)));
    quote!(&[#(#pairs),*])
}
